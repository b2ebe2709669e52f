"""Reaching anybody: the machine itself, its neighbours, the world."""

from tests.sandbox.attacks.attack import attack
from tests.sandbox.attacks.inside import libc


@attack()
def connect_to_the_loopback(t):
    import socket

    with socket.create_connection(("127.0.0.1", t["tcp"]), 2):
        return True


@attack()
def connect_to_the_loopback_by_ipv6(t):
    import socket

    if not t["tcp6"]:
        raise NotImplementedError("this machine has no IPv6")
    with socket.create_connection(("::1", t["tcp6"]), 2):
        return True


@attack()
def connect_to_the_address_of_the_machine(t):
    import socket

    if not t["address"]:
        raise NotImplementedError("this machine has no address but the loopback's")
    with socket.create_connection((t["address"], t["tcp"]), 2):
        return True


@attack(seen="heard")
def connect_by_fast_open(t):
    import socket

    with socket.socket() as caller:
        caller.sendto(t["attack"].encode(), socket.MSG_FASTOPEN, ("127.0.0.1", t["tcp"]))


@attack()
def connect_by_multipath_tcp(t):
    import errno
    import socket

    try:
        caller = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
    except OSError as error:
        if error.errno in (errno.EPROTONOSUPPORT, errno.ENOPROTOOPT, errno.EINVAL):
            raise NotImplementedError("this machine has no multipath TCP") from error
        raise
    with caller:
        caller.settimeout(2)
        caller.connect(("127.0.0.1", t["tcp"]))
        return True


@attack(seen="heard")
def send_a_datagram(t):
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.sendto(t["attack"].encode(), ("127.0.0.1", t["udp"]))


@attack(seen="heard")
def send_a_datagram_when_connected(t):
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.connect(("127.0.0.1", t["udp"]))
        sender.send(t["attack"].encode())


@attack()
def ask_for_the_address_of_a_name(t):
    import socket
    import struct

    query = struct.pack(">6H", 7, 0x0100, 1, 0, 0, 0) + b"\x07example\x03org\x00" + struct.pack(">2H", 1, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.settimeout(2)
        sender.sendto(query, ("127.0.0.1", t["udp"]))
        return sender.recv(512)


@attack()
def connect_to_an_abstract_socket(t):
    import socket

    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect("\0" + t["abstract"])
        return True


@attack(seen="heard")
def send_to_an_abstract_socket(t):
    import socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(t["attack"].encode(), "\0" + t["abstract"] + "-datagrams")


@attack()
def connect_to_a_socket_by_its_path(t):
    import socket

    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(t["path"])
        return True


@attack(seen="heard")
def send_to_a_socket_by_its_path(t):
    import socket

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(t["attack"].encode(), t["path"] + "-datagrams")


@attack(seen="heard")
def send_to_a_socket_by_a_pair(t):
    import socket

    mine, _other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    mine.sendto(t["attack"].encode(), "\0" + t["abstract"] + "-datagrams")


@attack()
def reach_the_host_of_a_virtual_machine(t):
    import errno
    import socket

    try:
        caller = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)
    except OSError as error:
        if t["tier"] == "none" and error.errno == errno.EAFNOSUPPORT:
            raise NotImplementedError("this machine is no virtual machine with vsock") from error
        raise
    caller.close()
    return "a vsock socket"


@attack()
def open_sockets_of_other_families(t):
    import socket

    opened = []
    usual = (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)
    for family in range(1, 64):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
            if family not in usual:
                try:
                    socket.socket(family, kind).close()
                    opened.append(family)
                except OSError:
                    continue
    return opened


@attack()
def open_sockets_by_wide_numbers(t):
    import ctypes
    import os

    opened = []
    for family in range(1, 64):  # the system looks at 32 bits, a careless filter at 64
        descriptor = libc.syscall(41, ctypes.c_ulong(1 << 32 | family), ctypes.c_ulong(3), ctypes.c_ulong(0))
        if descriptor >= 0:
            os.close(descriptor)
            opened += [family] if family not in (1, 2, 10) else []
    return opened


@attack(proof="root", why="raw sockets need a capability that root has")
def open_a_raw_socket(t):
    import socket

    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP):
        return True


@attack()
def list_the_interfaces_of_the_machine(t):
    import array
    import contextlib
    import fcntl
    import os
    import socket
    import struct

    names = []
    with contextlib.suppress(OSError):
        names += [name for _, name in socket.if_nameindex()]
    with contextlib.suppress(OSError):
        names += os.listdir("/sys/class/net")
    room = array.array("B", bytes(4096))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        filled = fcntl.ioctl(asking, 0x8912, struct.pack("iL", 4096, room.buffer_info()[0]))
    size = struct.unpack("iL", filled)[0]
    names += [bytes(room[i : i + 16]).split(b"\0")[0].decode() for i in range(0, size, 40)]
    return sorted(set(names) - {"lo"})
