"""Exceptions that speak of a limit, and those that only look like it."""

import pytest

from grader.sandbox.breaches import limit_met

EAGAIN = "[Errno 11] Resource temporarily unavailable"


@pytest.mark.parametrize(
    ("name", "message", "limit"),
    [
        ("MemoryError", "", "memory_limit_exceeded"),
        ("RuntimeError", "DefaultCPUAllocator: can't allocate memory: …", "memory_limit_exceeded"),
        ("OSError", "[Errno 12] Cannot allocate memory", "memory_limit_exceeded"),
        ("OSError", "[Errno 28] No space left on device: '/tmp/x'", "disk_limit_exceeded"),
        ("OSError", "[Errno 27] File too large", "disk_limit_exceeded"),
        ("OSError", "[Errno 122] Disk quota exceeded", "disk_limit_exceeded"),
        (
            "RuntimeError",
            "[enforce fail at inline_container.cc:672] . unexpected pos 576 vs 534",
            "disk_limit_exceeded",
        ),
        ("OSError", "10000000 requested and 1048560 written", "disk_limit_exceeded"),
        ("RuntimeError", "can't start new thread", "process_limit_exceeded"),
        ("BlockingIOError", EAGAIN, "process_limit_exceeded"),
        ("RuntimeError", "mat1 and mat2 shapes cannot be multiplied", None),
        ("FileNotFoundError", "[Errno 2] No such file or directory", None),
    ],
)
def test_limit_is_recognised_by_its_words(name, message, limit):
    assert limit_met(name, message, "----> 1 os.fork()") == limit


def test_socket_with_nothing_to_read_met_no_limit():
    assert limit_met("BlockingIOError", EAGAIN, "----> 2 socket.recv(10)") is None
