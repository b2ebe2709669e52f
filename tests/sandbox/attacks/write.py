"""Changing anything outside of the scratch folders: judged by what lies there afterwards, not by what calls return."""

from tests.sandbox.attacks.attack import attack

ONLY_ROOT = "an ordinary user may not write there anyway"


@attack(seen="folder")
def write_outside(t):
    with open(t["folder"] + "/mine", "w") as stream:
        stream.write("x")


@attack(seen="folder")
def append_to_a_file_outside(t):
    with open(t["secret"], "a") as stream:
        stream.write("x")


@attack(seen="folder")
def change_its_own_submission(t):
    with open(t["submission"], "r+") as stream:
        stream.write("{}")


@attack(seen="folder")
def write_through_a_symlink(t):
    import os

    os.symlink(t["secret"], "to-the-secret")
    try:
        with open("to-the-secret", "w") as stream:
            stream.write("x")
    finally:
        os.unlink("to-the-secret")


@attack(seen="folder")
def write_through_a_symlink_to_a_folder(t):
    import os

    os.symlink(t["folder"], "to-the-folder")
    try:
        with open("to-the-folder/mine", "w") as stream:
            stream.write("x")
    finally:
        os.unlink("to-the-folder")


@attack(seen="folder")
def write_through_another_process(t):
    with open(f"/proc/{t['bystander']}/root{t['folder']}/mine", "w") as stream:
        stream.write("x")


@attack(seen="folder")
def cut_a_file_short(t):
    import os

    os.truncate(t["secret"], 0)


@attack(seen="folder")
def delete_a_file(t):
    import os

    os.unlink(t["secret"])


@attack(seen="folder")
def rename_a_file(t):
    import os

    os.rename(t["secret"], t["secret"] + "-moved")


@attack(seen="folder")
def link_to_a_file(t):
    import os

    os.link(t["secret"], t["folder"] + "/link")


@attack(seen="folder")
def leave_a_symlink(t):
    import os

    os.symlink("/etc/passwd", t["folder"] + "/link")


@attack(seen="folder")
def leave_a_pipe(t):
    import os

    os.mkfifo(t["folder"] + "/pipe")


@attack(seen="folder")
def leave_a_socket(t):
    import socket

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(t["folder"] + "/socket")


@attack(seen="folder")
def make_a_folder(t):
    import os

    os.mkdir(t["folder"] + "/made")


@attack(seen="folder")
def remove_a_folder(t):
    import os

    os.rmdir(t["folder"] + "/empty")


@attack(seen="folder")
def change_the_mode_of_a_file(t):
    import os

    os.chmod(t["secret"], 0o4777)


@attack(seen="folder")
def change_the_times_of_a_file(t):
    import os

    os.utime(t["secret"], (1, 1))


@attack(seen="folder")
def mark_a_file(t):
    import os

    os.setxattr(t["secret"], "user.mine", b"x")


@attack(proof="root", why="only root may give files away", seen="folder")
def give_a_file_away(t):
    import os

    os.chown(t["secret"], 12345, 12345)


@attack(proof="root", why=ONLY_ROOT)
def write_into_the_libraries(t):
    import os

    import torch

    name = os.path.dirname(torch.__file__) + "/written-by-an-attack"
    with open(name, "w") as stream:
        stream.write("x")
    os.unlink(name)
    return name


@attack(proof="root", why=ONLY_ROOT)
def write_into_what_starts_kernels(t):
    import os

    done = []
    for folder in t["inkernel"]:
        try:
            with open(folder + "/launch.py", "r+b"):
                done.append(folder)
        except FileNotFoundError:
            continue
        os.utime(folder + "/launch.py")
    return done


@attack(proof="root", why=ONLY_ROOT)
def write_into_the_root_folder(t):
    import os

    done = []
    for folder in ("/", "/usr", "/etc", "/dev", "/run", "/var/lib", "/opt", "/home"):
        name = os.path.join(folder, "written-by-an-attack")
        try:
            with open(name, "w"):
                done.append(folder)
            os.unlink(name)
        except OSError:
            continue
    return done


@attack(proof="root", why=ONLY_ROOT)
def set_up_the_machine(t):
    path = "/proc/sys/kernel/core_pattern"
    with open(path) as stream:
        before = stream.read()
    with open(path, "w") as stream:
        stream.write(before)
    return path


@attack(proof="root", why=ONLY_ROOT)
def spare_itself_when_memory_is_short(t):
    try:
        with open("/proc/self/oom_score_adj", "w") as stream:
            stream.write("-500")
    except PermissionError as error:
        if t["tier"] == "none":
            raise NotImplementedError("on this machine root may not do it either") from error
        raise
    with open("/proc/self/oom_score_adj") as stream:
        return stream.read().strip() == "-500"
