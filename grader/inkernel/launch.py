"""The first thing that runs inside the walls: confines itself, then becomes a Jupyter kernel.

Started as a script with the number of one inherited socket (and `zygote` with its settings, to fork kernels); or with
`plain`, to be a kernel without walls (see `plain`). The grader sends one message over it: a JSON specification, with
the kernel's listening sockets and its seccomp filter as descriptors. Back go `started`, with a pidfd, and
`ready`, or `failed` with a traceback. Nothing of ours but this folder can be seen from here.
"""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import sys
import traceback
from typing import Any

PACKAGE = "inkernel"
MOST_BYTES = 1 << 16
CHANNELS = ("shell", "iopub", "stdin", "control")


def adopt_package() -> None:
    """Make this folder importable as `inkernel`, without putting anything on `sys.path`."""
    here = os.path.dirname(os.path.abspath(__file__))
    spec = importlib.util.spec_from_file_location(
        PACKAGE, os.path.join(here, "__init__.py"), submodule_search_locations=[here]
    )
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = package
    spec.loader.exec_module(package)


def receive(control: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """The specification and the descriptors that came with it; EOFError when the grader is gone."""
    data, descriptors, _, _ = socket.recv_fds(control, MOST_BYTES, 16)
    if not data:
        raise EOFError("the grader is gone")
    return json.loads(data), list(descriptors)


def tell(control: socket.socket, event: str, *, descriptors: tuple[int, ...] = (), **more: Any) -> None:
    """Send one event to the grader."""
    socket.send_fds(control, [json.dumps({"event": event, **more}).encode()[:MOST_BYTES]], list(descriptors))


def become_kernel(control: socket.socket, spec: dict[str, Any], descriptors: list[int]) -> None:
    """Confine this process and serve the notebook until it is killed; returns only when it failed."""
    from inkernel import calls, confine  # type: ignore[import-not-found]

    pidfd = os.pidfd_open(os.getpid())
    tell(control, "started", descriptors=(pidfd,))
    os.close(pidfd)
    calls.close_all_but({control.fileno(), *descriptors})
    sockets, walls = descriptors[: len(CHANNELS)], descriptors[len(CHANNELS) :]
    confine.die_with_parent()
    os.chdir(spec["home"])
    confine.set_limits(spec["limits"])
    if walls:
        from inkernel import landlock

        landlock.restrict(spec["landlock"])
    confine.load_filter(walls, spec["signals"])
    if "trial" in spec:
        from inkernel import trial

        tell(control, "tried", found=trial.attempt(spec["trial"]))
        return
    from inkernel import kernel

    forget_standard_streams()
    kernel.serve(dict(zip(CHANNELS, sockets, strict=True)), spec, lambda: _set_free(control))


def _set_free(control: socket.socket) -> None:
    """Say that student code may come, and keep nothing of the grader's but the kernel's sockets."""
    from inkernel import device

    tell(control, "ready", gpu=device.state())
    control.close()


def forget_standard_streams() -> None:
    """Let go of what was inherited; the kernel captures what is written there from now on."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)


def main() -> None:
    """Serve one kernel; or, told to be a zygote, fork one for each request."""
    if sys.argv[1] == "plain":
        adopt_package()
        from inkernel import plain

        plain.serve(*sys.argv[2:])
        return
    control = socket.socket(fileno=int(sys.argv[1]))
    os.set_inheritable(control.fileno(), False)
    try:
        adopt_package()
        if sys.argv[2:3] == ["zygote"]:
            from inkernel import zygote

            zygote.serve(control, json.loads(sys.argv[3]))
        else:
            become_kernel(control, *receive(control))
    except Exception:
        tell(control, "failed", traceback=traceback.format_exc()[-8000:])
        raise
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
