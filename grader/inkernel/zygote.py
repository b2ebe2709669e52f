"""The warm process: imports what every notebook needs, once, and forks a kernel for each request.

It learns nothing about a kernel: a request is one descriptor, and only the fork reads what comes through it.
Whatever a fork does, the next one starts from the same memory.
"""

from __future__ import annotations

import gc
import importlib
import logging
import os
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Sequence

from . import launch, namespaces

ALWAYS = (
    "numpy",
    "torch",
    "torch.nn.functional",
    "torch.utils.data",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "PIL.PngImagePlugin",
    "ipykernel.debugger",
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "tornado.platform.asyncio",
    "jedi",
)


def serve(control: socket.socket, modules: Sequence[str]) -> None:
    """Warm up, say so, and fork until the grader hangs up."""
    _warm_up(modules)
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        raise RuntimeError(f"{threads} threads after the imports: a fork would hang")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    launch.tell(control, "up")
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, 16, 1)
        if not data:
            return
        if os.fork() == 0:
            control.close()
            _become_kernel(socket.socket(fileno=descriptors[0]))
        for descriptor in descriptors:
            os.close(descriptor)


def _warm_up(modules: Sequence[str]) -> None:
    for name in (*ALWAYS, *modules):
        try:
            importlib.import_module(name)
        except ImportError:
            logging.getLogger(__name__).debug("%s is not there to be warmed up", name)
    import torch

    from . import kernel  # noqa: F401  the agent and all that it needs

    torch.set_num_threads(1)
    torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))])  # the first one imports torch._dynamo


def _become_kernel(status: socket.socket) -> None:
    """In the fork: go behind walls, and never come back."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        spec, descriptors = launch.receive(status)
        namespaces.isolate(
            spec["scratch"],
            spec["files"],
            spec["kept"],
            lambda pidfd: launch.tell(status, "walled", descriptors=(pidfd,)),
        )
        tempfile.tempdir = None
        sys.argv = [""]
        launch.become_kernel(status, spec, descriptors)
    except Exception:  # noqa: BLE001  everything that goes wrong here is told to the grader
        launch.tell(status, "failed", traceback=traceback.format_exc()[-8000:])
    finally:
        os._exit(0)
