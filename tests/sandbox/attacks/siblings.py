"""Reaching a kernel that runs beside: the grader may run several at a time."""

from tests.sandbox.attacks.attack import attack

PLANT = """
import json, os, socket, subprocess, tempfile, threading
os.environ["GRADE_MARK"] = MARK
files = [os.path.join(folder, MARK) for folder in (os.getcwd(), tempfile.gettempdir(), "/dev/shm")]
for name in files:
    try:
        with open(name, "w") as stream:
            stream.write("of the sibling")
        os.chmod(name, 0o666)
    except OSError:
        continue
child = subprocess.Popen(["sleep", "600"])
told = dict(files=files, pid=os.getpid(), child=child.pid)
try:
    tcp = socket.create_server(("127.0.0.1", 0))
    told["tcp"] = tcp.getsockname()[1]
except OSError:
    told["tcp"] = 9
try:
    abstract = socket.socket(socket.AF_UNIX)
    abstract.bind("\\0" + MARK)
    abstract.listen()
    by_path = socket.socket(socket.AF_UNIX)
    by_path.bind("socket")
    by_path.listen()
except OSError:
    pass
told["abstract"], told["path"] = MARK, os.path.abspath("socket")
print(json.dumps(told))
"""
"""What the sibling does: all that it may, so that there is something to reach."""


@attack()
def read_the_files_of_a_sibling(t):
    found = []
    for name in t["sibling"]["files"]:
        try:
            with open(name) as stream:
                found.append(stream.read())
        except OSError:
            continue
    return found


@attack()
def write_to_the_files_of_a_sibling(t):
    found = []
    for name in t["sibling"]["files"]:
        try:
            with open(name, "r+"):
                found.append(name)
        except OSError:
            continue
    return found if found else None


@attack()
def list_what_siblings_keep(t):
    import os
    import tempfile

    own, mark = os.getcwd(), t["sibling"]["abstract"]
    folders = (tempfile.gettempdir(), "/tmp", "/var/tmp", "/dev/shm", own, os.path.dirname(own))
    return [folder for folder in folders if os.path.isdir(folder) and mark in os.listdir(folder)]


@attack()
def connect_to_the_port_of_a_sibling(t):
    import socket

    with socket.create_connection(("127.0.0.1", t["sibling"]["tcp"]), 2):
        return True


@attack()
def connect_to_the_abstract_socket_of_a_sibling(t):
    import socket

    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect("\0" + t["sibling"]["abstract"])
        return True


@attack()
def connect_to_the_channels_of_kernels(t):
    import socket

    reached = []
    for path in [*t["channels"], t["sibling"]["path"]]:
        with socket.socket(socket.AF_UNIX) as caller:
            try:
                caller.connect(path)
                reached.append(path)
            except OSError:
                continue
    return reached


@attack()
def read_the_environment_of_a_sibling(t):
    found = []
    for pid in t["sibling"]["pids"]:
        try:
            with open(f"/proc/{pid}/environ") as stream:
                found += [pid] if t["sibling"]["abstract"] in stream.read() else []
        except OSError:
            continue
    return found


@attack()
def read_the_memory_of_a_sibling(t):
    found = []
    for pid in t["sibling"]["pids"]:
        try:
            with open(f"/proc/{pid}/maps") as maps:
                stack = next(line for line in maps if "[stack]" in line).split()[0]
            first, last = (int(address, 16) for address in stack.split("-"))
            with open(f"/proc/{pid}/mem", "rb") as memory:
                memory.seek(first)
                found += [pid] if t["sibling"]["abstract"].encode() in memory.read(last - first) else []
        except (OSError, StopIteration):
            continue
    return found


@attack()
def find_a_sibling_by_its_name(t):
    import pathlib

    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/environ"):
        try:
            found += [path] if t["sibling"]["abstract"] in path.read_text() else []
        except OSError:
            continue
    return found


@attack(seen="victim")
def kill_a_process_of_a_sibling(t):
    import os

    for pid in set(t["sibling"]["pids"]) - {os.getpid()}:
        try:
            os.kill(pid, 9)
        except OSError:
            continue
