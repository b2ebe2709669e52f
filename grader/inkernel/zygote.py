"""The process that forks kernels: warm, after it has imported what every notebook needs; or cold, for one kernel.

It learns nothing about a kernel: a request is one descriptor, and only the fork reads what comes through it.
Whatever a fork does, the next one starts from the same memory. Where kernels have no namespaces of their own there is
one at a time, and `sweep` ends it and empties the scratch folders before the next. Where they have, a fork can become
a zygote itself, with more modules: `grow`.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import io
import json
import linecache
import logging
import os
import signal
import socket
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from typing import Any

from . import calls, largepages, launch, namespaces, supervisor, sweeping

ALWAYS = (
    "numpy",
    "torch",
    "torch.nn.functional",
    "torch.utils.data",
    "torch._subclasses.schema_check_mode",
    "torch.profiler._cupti_monitor",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "matplotlib_inline.backend_inline",
    "contourpy",
    "PIL.BmpImagePlugin",
    "PIL.GifImagePlugin",
    "PIL.JpegImagePlugin",
    "PIL.PngImagePlugin",
    "PIL.PpmImagePlugin",
    "ipykernel.debugger",
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.logger",
    "IPython.core.magics.packaging",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "tornado.platform.asyncio",
    "zmq.utils.garbage",
    "jedi",
    "landlockpy",
)
QUOTED = (
    "asyncio.base_events",
    "asyncio.events",
    "asyncio.runners",
    "IPython.core.async_helpers",
    "IPython.core.interactiveshell",
    "ipykernel.ipkernel",
    "ipykernel.kernelbase",
    "ipykernel.zmqshell",
    "tornado.platform.asyncio",
    "torch._compile",
    "torch._dynamo.eval_frame",
    "torch.cuda",
    "torch.cuda.random",
    "torch.random",
)
"""Modules between a cell and `torch.manual_seed`, which notes its whole call, with the lines of each source."""
WORTH_IT = 8
"""Forks, the trial's among them, after which more are to be expected: then it pays to draw once, and to gather memory
in large pages. Either costs what some five kernels save."""


def serve(control: socket.socket, settings: dict[str, Any]) -> None:
    """Warm up if told to, say so, and fork until the grader hangs up.

    `modules`: what to import beside `ALWAYS`; None stays cold. `shared`: scratch folders that kernels take turns in;
    empty where each has its own. `folder`: what to remove at the end, or None.
    """
    _tell_who(control)
    if settings["modules"] is not None:
        with _kept():
            _warm_up(settings["modules"])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    shared = settings["shared"]
    if shared:
        calls.prctl(calls.PR_SET_DUMPABLE, 0)
        calls.prctl(calls.PR_SET_CHILD_SUBREAPER, 1)
    launch.forget_standard_streams()
    launch.tell(control, "up", swept=sweeping.empty(shared))
    try:
        _fork_until_the_end(control, shared)
    finally:
        if shared:
            sweeping.end_descendants()
        if settings["folder"] is not None:
            sweeping.remove(settings["folder"])


def _tell_who(control: socket.socket) -> None:
    pidfd = os.pidfd_open(os.getpid())
    launch.tell(control, "begun", descriptors=(pidfd,))
    os.close(pidfd)


def _fork_until_the_end(control: socket.socket, shared: list[str]) -> None:
    forked = 0
    while True:
        data, descriptors, _, _ = socket.recv_fds(control, launch.MOST_BYTES, 1)
        if not data:
            return
        if data == b"sweep":
            ended = sweeping.end_descendants()
            launch.tell(control, "swept", swept=sweeping.empty(shared) and ended)
        elif os.fork() == 0:
            control.close()
            theirs = socket.socket(fileno=descriptors[0])
            if data == b"fork":
                _become_kernel(theirs)
            else:
                _become_zygote(theirs, json.loads(data)["grow"])
        elif data == b"fork":
            forked += 1
            if forked == WORTH_IT:
                _settle(draw=not shared)
        for descriptor in descriptors:
            os.close(descriptor)


def _settle(*, draw: bool) -> None:
    """Do what pays for many kernels. `draw`: no kernel before can have put files where matplotlib may look."""
    if draw:
        _draw_once()
        gc.freeze()
    largepages.gather()


@contextlib.contextmanager
def _kept() -> Iterator[None]:
    """What is made meanwhile stays, so the garbage collector rests: looking for some took a quarter of the time."""
    gc.disable()
    yield
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        raise RuntimeError(f"{threads} threads after the imports: a fork would hang")
    gc.freeze()
    gc.enable()


def _import(modules: Sequence[str]) -> None:
    for name in modules:
        try:
            importlib.import_module(name)
        except ImportError:
            logging.getLogger(__name__).debug("%s is not there to be warmed up", name)


def _warm_up(modules: Sequence[str]) -> None:
    _import((*ALWAYS, *modules))
    import torch

    from . import confine, device, kernel, landlock  # noqa: F401  the agent and all that it needs

    device.make_ready()
    torch.set_num_threads(1)
    torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))])  # the first one imports torch._dynamo
    for name in QUOTED:
        linecache.getlines(str(getattr(sys.modules.get(name), "__file__", "")))
    kernel.make_ready()


def _draw_once() -> None:
    """Let matplotlib look up its fonts and build its parser of formulas; pyplot does not hear of it."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        return
    figure = Figure()
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.plot([1, 2], [1, 10], label="$x$")
    axes.set(title="$x_0$", xlabel="x", yscale="log")
    axes.legend()
    figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")


def _become_zygote(control: socket.socket, modules: Sequence[str]) -> None:
    """In the fork: import more, and fork kernels as the zygote that it came from does."""
    from . import kernel

    try:
        _tell_who(control)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # what is imported may wait for processes
        with _kept():
            _import(modules)
            kernel.make_ready()
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        launch.tell(control, "up", swept=True)
        _fork_until_the_end(control, [])
    except Exception:  # noqa: BLE001  everything that goes wrong here is told to the grader
        launch.tell(control, "failed", traceback=traceback.format_exc()[-8000:])
    finally:
        os._exit(0)


def _become_kernel(status: socket.socket) -> None:
    """In the fork: go behind walls, and never come back."""
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        spec, descriptors = launch.receive(status)

        def started(pidfd: int) -> None:
            launch.tell(status, "walled", descriptors=(pidfd,))

        if spec["namespaces"] is not None:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            namespaces.isolate(spec["namespaces"], spec["supervised"]["files"], spec["kept"], started)
        else:
            supervisor.supervise(
                spec["supervised"],
                started,
                lambda word: launch.tell(status, "exceeded", word=word),
                status.fileno(),
            )
        tempfile.tempdir = None
        sys.argv = [""]
        launch.become_kernel(status, spec, descriptors)
    except Exception:  # noqa: BLE001  everything that goes wrong here is told to the grader
        launch.tell(status, "failed", traceback=traceback.format_exc()[-8000:])
    finally:
        os._exit(0)
