"""Using up what all share: memory, processes, disk, time, and the grader's patience for outputs.

Each bomb is small, and ends by itself: the limits are smaller still.
"""

from tests.sandbox.attacks.attack import attack
from tests.sandbox.attacks.inside import Sleeper, libc

TIGHT = {
    "cell_s": 20,
    "total_s": 100,
    "memory_bytes": 3 << 29,
    "disk_bytes": 32 << 20,
    "files": 2000,
    "processes": 40,
}
QUICK = {"cell_s": 1, "total_s": 30, "output_bytes": 100_000}
TIME = frozenset({"time_limit_exceeded"})
MEMORY = frozenset({"memory_limit_exceeded"})
DISK = frozenset({"disk_limit_exceeded"})
OUTPUT = frozenset({"output_limit_exceeded"})


@attack(limits=TIGHT)
def make_many_processes(t):
    import contextlib

    with contextlib.ExitStack() as stack:
        return [stack.enter_context(Sleeper()) for _ in range(70)]


@attack(limits=TIGHT)
def make_many_threads(t):
    import threading

    leave = threading.Event()
    made = []
    try:
        while len(made) < 70:
            made.append(threading.Thread(target=leave.wait))
            made[-1].start()
    finally:
        leave.set()
    return len(made)


@attack(limits=TIGHT, holds=MEMORY)
def fill_the_memory(t):
    return len(b"x" * (1 << 30))


@attack(limits=TIGHT, holds=MEMORY)
def map_memory(t):
    import mmap

    with mmap.mmap(-1, 3 << 29) as mapped:
        return len(mapped)


@attack(limits=TIGHT)
def lock_memory(t):
    import ctypes

    piece = ctypes.create_string_buffer(16 << 20)
    if t["tier"] == "none":
        raise NotImplementedError("tier `none` has this limit as well")
    return libc.mlock(piece, len(piece)) == 0


@attack(limits=TIGHT, proof="bare", why="tier `none` has the limit on open files as well")
def fill_the_memory_with_sockets(t):
    import socket

    pairs, held = [], 0
    try:
        while held < 150 << 20:
            pairs.append(socket.socketpair())
            for end in pairs[-1]:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30)
                end.setblocking(False)
                try:
                    while True:
                        held += end.send(bytes(1 << 16))
                except BlockingIOError:
                    continue
    finally:
        for pair in pairs:
            for end in pair:
                end.close()
    return held


@attack(limits=TIGHT, proof="bare", why="tier `none` has the limit on open files as well")
def fill_the_memory_with_pipes(t):
    import contextlib
    import fcntl
    import os

    opened, held = [], 0
    try:
        while held < 40 << 20:
            opened += os.pipe2(os.O_NONBLOCK)
            with contextlib.suppress(OSError):
                fcntl.fcntl(opened[-1], fcntl.F_SETPIPE_SZ, 1 << 20)
            try:
                while True:
                    held += os.write(opened[-1], bytes(1 << 16))
            except BlockingIOError:
                continue
    finally:
        for descriptor in opened:
            os.close(descriptor)
    return held


@attack(
    limits=TIGHT,
    not_held={
        "mid": "connections to itself buffer as much as the system lets them, until its free memory is short"
    },
)
def fill_the_memory_with_connections(t):
    import socket

    held, ends = 0, []
    with socket.create_server(("127.0.0.1", 0)) as server:
        try:
            while held < 150 << 20:
                ends += [socket.create_connection(server.getsockname()), server.accept()[0]]
                for end in ends[-2:]:
                    end.setblocking(False)
                    try:
                        while True:
                            held += end.send(bytes(1 << 16))
                    except BlockingIOError:
                        continue
        finally:
            for end in ends:
                end.close()
    return held


@attack(limits=TIGHT, holds=DISK, alone=True)
def fill_the_disk(t):
    import os
    import time

    made, held = [], 0
    try:
        for number in range(8):
            made.append(f"filler-{number}")
            with open(made[-1], "wb") as stream:
                held += stream.write(bytes(8 << 20))
        time.sleep(2)  # long enough to be seen
    finally:
        for name in made:
            os.unlink(name)
    return held


@attack(limits=TIGHT, holds=DISK, alone=True)
def fill_the_temporary_folder(t):
    import contextlib
    import tempfile
    import time

    with contextlib.ExitStack() as stack:
        for _ in range(8):
            stream = stack.enter_context(tempfile.TemporaryFile())  # without a name
            stream.write(bytes(8 << 20))
            stream.flush()
        time.sleep(2)  # long enough to be seen
    return True


@attack(limits=TIGHT)
def fill_the_shared_memory(t):
    import os

    made, held = [], 0
    try:
        for number in range(20):
            made.append(f"/dev/shm/{t['mark']}-{number}")
            with open(made[-1], "wb") as stream:
                held += stream.write(bytes(15 << 20))
                stream.flush()
    finally:
        for name in made:
            os.unlink(name)
    return held


@attack(limits=TIGHT, holds=DISK, alone=True)
def make_many_files(t):
    import os
    import shutil
    import time

    os.mkdir("many")
    try:
        for number in range(7000):
            os.close(os.open(f"many/{number}", os.O_CREAT | os.O_WRONLY))
        time.sleep(2)  # long enough to be seen
        return number
    finally:
        shutil.rmtree("many")


@attack(limits=TIGHT)
def make_a_huge_sparse_file(t):
    import os

    try:
        with open("sparse", "wb") as stream:
            stream.truncate(1 << 40)
        return os.stat("sparse").st_size
    finally:
        os.unlink("sparse")


@attack(limits=TIGHT, proof="bare", why="input is never asked for, in tier `none` neither", seen="ended")
def wait_for_input(t):
    input("your name? ")


@attack(limits=TIGHT, holds=MEMORY, alone=True)
def fill_the_memory_with_children(t):
    import contextlib
    import os
    import time

    def fill():
        held.append(b"x" * (150 << 20))
        os.write(tell, b"x")

    held, (ready, tell) = [], os.pipe()
    with contextlib.ExitStack() as stack:
        children = [stack.enter_context(Sleeper(fill)) for _ in range(11)]
        os.close(tell)
        full = [os.read(ready, 1) for _ in children]
        time.sleep(3)  # long enough to be seen
        return b"" not in full


@attack(limits=TIGHT, holds=MEMORY, alone=True)
def fill_the_memory_that_children_share(t):
    import contextlib
    import ctypes
    import mmap
    import os
    import time

    def fill():
        held = mmap.mmap(-1, 150 << 20)  # shared, and of no file
        ctypes.memset(ctypes.addressof(ctypes.c_char.from_buffer(held)), 1, len(held))
        all_held.append(held)
        os.write(tell, b"x")

    all_held, (ready, tell) = [], os.pipe()
    with contextlib.ExitStack() as stack:
        children = [stack.enter_context(Sleeper(fill)) for _ in range(11)]
        os.close(tell)
        full = [os.read(ready, 1) for _ in children]
        time.sleep(3)  # long enough to be seen
        return b"" not in full


@attack(limits=QUICK, holds=TIME)
def loop_for_long(t):
    import time

    until = time.monotonic() + 4
    while time.monotonic() < until:
        pass
    return True


@attack(limits=QUICK, holds=OUTPUT, alone=True)
def print_without_end(t):
    for _ in range(200):
        print("x" * 5000)
    return True


@attack(limits=QUICK, holds=OUTPUT, alone=True)
def print_from_a_program(t):
    import os
    import subprocess

    subprocess.run(["head", "-c", "1000000", "/dev/zero"], check=True)
    os.write(1, b"x" * 1_000_000)
    return True


@attack(limits=QUICK, holds=OUTPUT, alone=True)
def display_without_end(t):
    for _ in range(200):
        display({"text/plain": "x" * 5000}, raw=True)  # noqa: F821
    return True


@attack(limits=QUICK, holds=OUTPUT, alone=True)
def raise_a_huge_exception(t):
    error = ValueError("x" * 3_000_000)
    get_ipython().showtraceback((ValueError, error, None))  # noqa: F821
    return True


@attack(
    limits=QUICK | {"cell_s": 20},
    holds=OUTPUT,
    alone=True,
    proof="jupyter",
    why="in tier `none` messages are no larger",
)
def print_100_megabytes_at_once(t):
    print("x" * 100_000_000)
    return True


@attack(limits=QUICK, holds=TIME, alone=True)
def ignore_the_interrupt(t):
    import time

    until = time.monotonic() + 7
    while time.monotonic() < until:
        try:
            time.sleep(0.1)
        except KeyboardInterrupt:
            continue
    return True


@attack(limits=QUICK, holds=TIME, alone=True)
def block_all_signals(t):
    import signal
    import time

    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals))
    time.sleep(7)
    return True
