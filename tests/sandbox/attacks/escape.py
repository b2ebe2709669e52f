"""Leaving the walls by way of the system: tracing, namespaces, mounts, privileges, odd system calls."""

from tests.sandbox.attacks.attack import attack
from tests.sandbox.attacks.inside import Sleeper, checked, in_child, libc

ONLY_ROOT = "it needs a capability that root has"
GAINED_BY_USERS = "root has nothing to gain"
MOUNTS = "it would change the machine's own mounts"


@attack()
def trace_a_process_of_its_own(t):
    with Sleeper() as child:
        return libc.ptrace(16, child, 0, 0) == 0


@attack()
def trace_another_process(t):
    if libc.ptrace(0x4206, t["bystander"], 0, 0):  # seize: it need not stop
        return False
    libc.ptrace(17, t["bystander"], 0, 0)
    return True


@attack()
def be_traced(t):
    return in_child(lambda: libc.ptrace(0, 0, 0, 0) == 0)


@attack()
def read_the_memory_of_a_child_by_a_call(t):
    import ctypes

    class Piece(ctypes.Structure):
        _fields_ = (("start", ctypes.c_void_p), ("size", ctypes.c_size_t))

    secret = ctypes.create_string_buffer(b"secret")
    copy = ctypes.create_string_buffer(6)
    here, there = Piece(ctypes.addressof(copy), 6), Piece(ctypes.addressof(secret), 6)
    with Sleeper() as child:
        checked(libc.process_vm_readv(child, ctypes.byref(here), 1, ctypes.byref(there), 1, 0))
    return copy.raw


@attack()
def take_a_descriptor_of_a_child(t):
    import os

    with Sleeper() as child:
        return libc.syscall(438, os.pidfd_open(child), 1, 0) >= 0


@attack()
def make_a_user_namespace(t):
    import subprocess

    found = subprocess.run(
        ["unshare", "--user", "--map-root-user", "id", "-u"], capture_output=True, check=False
    )
    return found.stdout or in_child(lambda: libc.unshare(0x10000000) == 0)


@attack()
def make_a_user_namespace_by_clone(t):
    import os

    def clone():
        child = libc.syscall(56, 0x10000000 | 17, 0, 0, 0, 0)
        return child == 0 or (child > 0 and os.waitpid(child, 0))

    return in_child(clone)  # which has no other threads


@attack()
def make_a_user_namespace_by_clone3(t):
    import ctypes
    import os

    def clone():
        child = libc.syscall(435, (ctypes.c_uint64 * 11)(0x10000000, 0, 0, 0, 17), 88)
        return child == 0 or (child > 0 and os.waitpid(child, 0))

    return in_child(clone)  # which has no other threads


@attack(proof="root", why=ONLY_ROOT)
def make_other_namespaces(t):
    flags = (0x20000, 0x04000000, 0x08000000, 0x20000000, 0x40000000, 0x02000000)
    return [hex(flag) for flag in flags if in_child(lambda: libc.unshare(flag) == 0)]  # noqa: B023


@attack(proof="root", why=ONLY_ROOT)
def enter_the_namespaces_of_another_process(t):
    import os

    return in_child(lambda: libc.setns(os.pidfd_open(t["bystander"]), 0x40000000) == 0)


@attack(proof="namespace", why=MOUNTS)
def mount_a_folder(t):
    import os

    os.makedirs("mine", exist_ok=True)
    return libc.mount(b"none", b"mine", b"tmpfs", 0, b"size=4k") == 0


@attack(proof="namespace", why=MOUNTS)
def mount_a_folder_by_the_new_calls(t):
    return libc.syscall(430, b"tmpfs", 0) >= 0  # fsopen


@attack(proof="namespace", why=MOUNTS)
def make_a_read_only_folder_writable(t):
    kept = (
        0,
        2,
        4,
        2 | 4,
        2 | 1 << 21,
        2 | 4 | 1 << 21,
    )  # MS_NOSUID, MS_NODEV, MS_RELATIME: it may have to keep them
    return any(libc.mount(b"none", b"/", None, 32 | 4096 | flags, None) == 0 for flags in kept)


@attack(proof="namespace", why=MOUNTS)
def take_a_mount_away(t):
    return any(libc.umount2(path, 2) == 0 for path in (b"/proc", b"/tmp", b"/dev/shm", b"/home/student"))


@attack(proof="namespace", why="as root it works everywhere, but for the rest of the process's life")
def change_the_root_folder(t):
    import os

    return in_child(lambda: os.chroot(".") is None)


@attack(proof="root", why="only root is root")
def be_root(t):
    import os

    return 0 in (*os.getresuid(), *os.getresgid())


@attack(proof="root", why="only root may become anybody")
def become_another_user(t):
    import os

    return in_child(lambda: os.setuid(12345) is None)


@attack(proof="dropped", why=GAINED_BY_USERS)
def gain_rights_by_a_setuid_helper(t):
    import subprocess
    import time

    if t["tier"] == "none" and not t["may_gain"]:
        raise NotImplementedError("the grader itself may gain no privileges")
    with subprocess.Popen(["su"], stdin=subprocess.PIPE, stdout=-3, stderr=-3) as helper:
        try:
            for _ in range(100):
                with open(f"/proc/{helper.pid}/status") as stream:
                    status = dict(line.split(":", 1) for line in stream)
                if status["Name"].strip() == "su" or helper.poll() is not None:
                    break
                time.sleep(0.02)
            return status["Uid"].split()[1] == "0"
        finally:
            helper.kill()


@attack(proof="root", why=ONLY_ROOT)
def have_capabilities(t):
    with open("/proc/self/status") as stream:
        found = dict(line.split(":\t") for line in stream if line.startswith("Cap"))
    del found["CapBnd"]  # of what programs may gain, and they may gain nothing
    return {name: held.strip() for name, held in found.items() if int(held, 16)}


@attack(proof="dropped", why=GAINED_BY_USERS)
def gain_privileges_by_running_a_program(t):
    if t["tier"] == "none" and not t["may_gain"]:
        raise NotImplementedError("the grader itself may gain no privileges")
    with open("/proc/self/status") as stream:
        return "NoNewPrivs:\t0" in stream.read()


@attack()
def use_io_uring(t):
    import ctypes
    import errno

    if libc.syscall(425, 4, ctypes.create_string_buffer(120)) >= 0:
        return True
    if t["tier"] == "none" and ctypes.get_errno() in (errno.ENOSYS, errno.EPERM, errno.ENOMEM):
        raise NotImplementedError("this machine has no io_uring for its users")
    return False


@attack(proof="root", why="this is forbidden to ordinary users nearly everywhere")
def load_a_program_into_the_system(t):
    import ctypes

    return libc.syscall(321, 0, (ctypes.c_uint32 * 32)(2, 4, 4, 1), 128) >= 0  # bpf: make a map


@attack(proof="root", why="this is forbidden to ordinary users nearly everywhere")
def count_events_of_the_processor(t):
    import ctypes
    import struct

    attributes = ctypes.create_string_buffer(struct.pack("=IIQ", 1, 112, 0), 112)
    return libc.syscall(298, attributes, -1, 0, -1, 0) >= 0


@attack(proof="root", why="this is forbidden to ordinary users nearly everywhere")
def handle_page_faults(t):
    import ctypes
    import errno

    if libc.syscall(323, 0) >= 0:
        return True
    if ctypes.get_errno() == errno.ENOSYS:
        raise NotImplementedError("this machine has no userfaultfd")
    return False


@attack()
def keep_a_key_in_the_system(t):
    import ctypes
    import errno

    if libc.syscall(248, b"user", b"mine", b"x", 1, -2) >= 0:
        return True
    if ctypes.get_errno() == errno.ENOSYS:
        raise NotImplementedError("this machine keeps no keys")
    return False


@attack()
def make_calls_of_32_bits(t):
    import ctypes
    import mmap
    import os
    import platform

    if platform.machine() != "x86_64":
        raise NotImplementedError("this machine has no other calls")

    def call():
        page = mmap.mmap(-1, 4096, prot=7)
        page.write(b"\x53\xb8\x14\x00\x00\x00\xcd\x80\x5b\xc3")  # getpid by int 0x80
        machine_code = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
        return machine_code() == os.getpid()

    done = in_child(call)
    if t["tier"] == "none" and not done:
        raise NotImplementedError("this machine makes no calls of 32 bits")
    return done


@attack()
def make_calls_by_x32_numbers(t):
    import os
    import platform

    if platform.machine() != "x86_64":
        raise NotImplementedError("this machine has no other calls")
    done = in_child(lambda: libc.syscall(0x40000000 | 39) == os.getpid())
    if t["tier"] == "none" and not done:
        raise NotImplementedError("this machine makes no x32 calls")
    return done


@attack(proof="root", why="devices belong to root")
def open_devices(t):
    import os

    harmless = {"null", "zero", "full", "random", "urandom", "tty", "ptmx", "console", "core"}
    opened = []
    for entry in os.scandir("/dev"):
        if entry.name not in harmless and not entry.is_dir() and not entry.is_symlink():
            try:
                os.close(os.open(entry.path, os.O_RDONLY | os.O_NONBLOCK))
                opened.append(entry.name)
            except OSError:
                continue
    return opened


@attack(proof="root", why="devices belong to root")
def make_a_device(t):
    import os
    import stat

    os.mknod("my-memory", stat.S_IFCHR | 0o600, os.makedev(1, 1))
    os.unlink("my-memory")
    return True


@attack(proof="root", why="typing for another is forbidden to ordinary users on newer machines")
def type_into_a_terminal(t):
    import fcntl
    import os

    def type_a_letter():
        os.setsid()
        _, slave = os.openpty()
        fcntl.ioctl(slave, 0x540E, 0)
        fcntl.ioctl(slave, 0x5412, b"x")
        return True

    return in_child(type_a_letter)


@attack()
def keep_memory_in_a_nameless_file(t):
    import os

    os.close(os.memfd_create("mine"))
    return True


@attack()
def share_memory_with_strangers(t):
    import ctypes

    made = libc.shmget(0, ctypes.c_size_t(4096), 0o1600)
    if made >= 0:
        libc.shmctl(made, 0, None)
    return made >= 0


@attack()
def randomise_nothing(t):
    return in_child(lambda: libc.personality(0x0040000) >= 0)
