"""Reading what is none of a student's business."""

from tests.sandbox.attacks.attack import attack
from tests.sandbox.attacks.inside import checked, libc


@attack()
def read_a_planted_secret(t):
    with open(t["secret"]) as stream:
        return stream.read()


@attack()
def read_a_secret_through_a_symlink(t):
    import os

    os.symlink(t["secret"], "innocent")
    try:
        with open("innocent") as stream:
            return stream.read()
    finally:
        os.unlink("innocent")


@attack()
def list_the_folder_of_the_secret(t):
    import os

    return os.listdir(t["folder"])


@attack()
def read_the_reference(t):
    import pathlib

    return [p.read_text()[:20] for p in pathlib.Path(t["reference"]).glob("*/rubric.toml")]


@attack()
def read_other_submissions(t):
    import pathlib

    return [p.read_text()[:20] for p in pathlib.Path(t["submissions"]).rglob("*.ipynb")]


@attack()
def read_the_grade_book(t):
    import sqlite3

    with sqlite3.connect(f"file:{t['book']}?mode=ro", uri=True) as book:
        return book.execute("select * from grades").fetchall()


@attack()
def read_the_code_of_the_grader(t):
    with open(t["package"] + "/scoring.py") as stream:
        return stream.readline()


@attack()
def read_the_users_of_the_machine(t):
    with open("/etc/passwd") as stream:
        return stream.read()


@attack()
def read_the_home_folders(t):
    import os

    return [name for name in os.listdir("/home") if f"/home/{name}" != os.environ["HOME"]] or os.listdir(
        "/var/log"
    )


@attack(
    not_held={"portable": "`stat()` tells whether a path exists, its size and its times"},
)
def tell_that_a_file_exists_and_its_size(t):
    import os

    return os.stat(t["secret"]).st_size


@attack(proof="bare", why="tier `none` starts from an empty environment too")
def find_a_secret_in_its_environment(t):
    import os

    return [name for name, value in os.environ.items() if t["word"] in value]


@attack(proof="bare", why="tier `none` hands no descriptors on either")
def find_an_open_file_of_the_grader(t):
    import os

    found = []
    for descriptor in range(3, 256):
        try:
            status = os.fstat(descriptor)
        except OSError:
            continue
        if [status.st_dev, status.st_ino] == t["open_file"]:
            found.append(os.pread(descriptor, 100, 0))
    return found


@attack(proof="bare", why="tier `none` hands no descriptors on either")
def find_a_socket_of_the_grader(t):
    import os
    import socket
    import stat

    found = []
    for descriptor in range(3, 256):
        try:
            is_socket = stat.S_ISSOCK(os.fstat(descriptor).st_mode)
        except OSError:
            continue
        if is_socket:
            with socket.socket(fileno=os.dup(descriptor)) as found_one:
                if found_one.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE) == socket.SOCK_SEQPACKET:
                    found.append(descriptor)
    return found


@attack()
def read_the_environment_of_its_parents(t):
    import os

    pid = os.getppid()
    while pid > 1:
        with open(f"/proc/{pid}/environ") as stream:
            if t["word"] in stream.read():
                return pid
        with open(f"/proc/{pid}/stat") as stream:
            pid = int(stream.read().rpartition(")")[2].split()[1])


@attack()
def read_the_environment_of_another_process(t):
    with open(f"/proc/{t['bystander']}/environ") as stream:
        return t["word"] in stream.read()


@attack()
def find_another_process_by_its_command(t):
    import pathlib

    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += [path] if t["word"] in path.read_text() else []
        except OSError:
            continue
    return found


@attack()
def read_files_through_another_process(t):
    with open(f"/proc/{t['bystander']}/root{t['secret']}") as stream:
        return stream.read()


@attack()
def read_the_memory_of_another_process(t):
    with open(f"/proc/{t['bystander']}/maps") as maps:
        stack = next(line for line in maps if "[stack]" in line).split()[0]
    first, last = (int(address, 16) for address in stack.split("-"))
    with open(f"/proc/{t['bystander']}/mem", "rb") as memory:
        memory.seek(first)
        return t["word"].encode() in memory.read(last - first)


@attack(proof="root", why="a file can be opened by its handle only with a capability that root has")
def read_a_file_by_its_handle(t):
    import ctypes
    import os

    handle = (ctypes.c_uint32 * 34)(128)
    mount = ctypes.c_int()
    checked(libc.name_to_handle_at(-100, t["secret"].encode(), handle, ctypes.byref(mount), 0))
    folder = os.open(t["folder"], os.O_RDONLY)
    return os.read(checked(libc.open_by_handle_at(folder, handle, os.O_RDONLY)), 100)
