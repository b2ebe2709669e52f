"""The Jupyter kernel: an IPKernelApp on listening sockets that were handed in, seeded, with the agent in place."""

from __future__ import annotations

import gc
import logging
import os
import random
import sys
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any, ClassVar, NamedTuple

import numpy
import torch
import zmq
from ipykernel import compiler, debugger, ipkernel
from ipykernel.kernelapp import IPKernelApp
from traitlets.config import Config

from . import agent, device, figures, front_end, shortening, streams, trainings

PORTS = {"shell": 1, "iopub": 2, "stdin": 3, "control": 4, "hb": 5}
"""Numbers that name the sockets; no port and no path exists inside."""
CELLS = "/tmp/cells"  # noqa: S108 - a prefix of names for tracebacks; no such file is ever made
IOPUB_QUEUE = 100_000
SETTINGS = {
    "HandedInApp": {"outstream_class": f"{__package__}.streams.WholeStream"},
    "HistoryManager": {"enabled": False},
    "InteractiveShell": {"colors": "NoColor"},
}


class HandedInApp(IPKernelApp):
    """A kernel without connection file, history, heartbeat and parent poller."""

    handed_in: dict[int, int]
    key: bytes

    def init_connection_file(self) -> None:
        """Take ports and key from what was handed in."""
        ports = {f"{channel}_port": port for channel, port in PORTS.items()}
        info: Any = {"transport": "ipc", "ip": "/handed-in", "key": self.key, **ports}
        self.load_connection_info(info | {"signature_scheme": "hmac-sha256"})

    def write_connection_file(self, **_: Any) -> None:
        """Write nothing: only the grader needs to know."""

    def parse_command_line(self, argv: Any = None) -> None:
        """Read none: the parser takes a fifth of the time that a warm kernel starts in."""

    def load_config_file(self, *_: Any, **__: Any) -> None:
        """Read none: what there may be is not the exercise's."""

    def _configure_logging(self) -> None:
        """Leave all loggers as they are; to go through them takes long."""

    def init_code(self) -> None:
        """Run none; what `%reset` may not take away was listed before the fork."""
        shell: Any = self.shell
        shell.user_ns_hidden.update(shell.user_ns)
        shell._sys_modules_keys = _SEEN.modules

    def init_heartbeat(self) -> None:
        """Make none: the grader holds a pidfd."""

    def init_poller(self) -> None:
        """Make none: the walls fall with the grader."""

    def _try_bind_socket(self, s: Any, port: int) -> int:
        s.setsockopt(zmq.USE_FD, self.handed_in[port])
        s.setsockopt(zmq.SNDHWM, IOPUB_QUEUE)
        s.bind(f"ipc:///handed-in-{port}")
        return port


class _Seen(NamedTuple):
    """What there is before a kernel; to look through it in a fork would copy the memory that it lies in."""

    modules: set[str]
    handlers: list[logging.StreamHandler[Any]]
    """Of logs, that write to this process's standard streams."""


_SEEN = _Seen(set(), [])


def make_ready() -> None:
    """Look at modules and loggers, before kernels are forked, or in the one that is not."""
    standard = (sys.__stderr__, sys.__stdout__)
    loggers = [log for log in logging.Logger.manager.loggerDict.values() if isinstance(log, logging.Logger)]
    _SEEN.modules.update(sys.modules)
    _SEEN.handlers[:] = [
        handler
        for log in (logging.root, *loggers)
        if not log.name.startswith("tornado")
        for handler in log.handlers
        if isinstance(handler, logging.StreamHandler) and handler.stream in standard
    ]


class _SysWithoutModules(ModuleType):
    """`sys` as ipykernel gets it while the kernel is built.

    For its debugger, which nobody uses here, it would note the file of each module; in a fork, to touch 2600 modules
    is to copy half of the memory that a kernel copies before its first cell.
    """

    modules: ClassVar[dict[str, ModuleType]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(sys, name)


def seed_everything(seed: int, *, gpu: bool) -> None:
    """Set all random generators that notebooks use."""
    random.seed(seed)
    numpy.random.seed(seed % 2**32)
    if gpu:
        torch.manual_seed(seed)
    else:  # without noting for every sort of GPU which call set its seed
        torch.default_generator.manual_seed(seed)


def serve(sockets: dict[str, int], spec: dict[str, Any], ready: Callable[[], None]) -> None:
    """Build the kernel, call `ready`, and serve until killed; `sockets`: channel to descriptor."""
    if not _SEEN.modules:
        make_ready()
    torch.set_num_threads(1)
    if spec.get("gpu"):
        device.switch_on(spec["gpu"])
    compiler.get_tmp_directory = lambda: CELLS
    sys.argv = ["ipykernel_launcher.py"]
    app: Any = HandedInApp.instance(
        parent_handle=1,
        config=Config(SETTINGS if spec.get("pictures", True) else {**SETTINGS, **figures.NO_PICTURES}),
    )
    app.handed_in = {PORTS[channel]: descriptor for channel, descriptor in sockets.items()}
    app.key = spec["key"].encode()
    _build(app)
    if not spec["terminals"]:
        app.shell.system = app.shell.system_raw  # `!command` without a terminal of its own
    app.shell.events.register("post_execute", partial(streams.pass_all_on, sys.stdout, sys.stderr))
    _find_own_modules()
    app.shell.ask_exit = _stay  # `exit()` at the end of a cell must not lose what the notebook defined
    _repoint_logging()
    _show_plots()
    figures.install(app.shell)
    front_end.install(app.shell)
    agent.install(app.kernel)
    if not spec.get("gpu"):
        trainings.install()
    shortening.install(app.shell, spec.get("shorten") or {})
    seed_everything(spec["seed"], gpu=bool(spec.get("gpu")))
    os.environ.pop("JPY_PARENT_PID", None)
    gc.freeze()  # code that looks through all objects finds its own, in a kernel forked warm and in a cold one
    ready()
    app.start()


def _build(app: Any) -> None:
    their_debugger: Any = debugger
    theirs: Any = ipkernel
    their_debugger._is_debugpy_available = False
    theirs.sys = _SysWithoutModules("sys")
    try:
        app.initialize([])
    finally:
        theirs.sys = sys


def _find_own_modules() -> None:
    """Let a notebook import the files that it wrote, as in Jupyter; IPython does not where Python has `-P`."""
    libraries = (i for i, path in enumerate(sys.path) if os.path.basename(path).endswith("-packages"))
    sys.path.insert(next(libraries, 0), "")


def _stay() -> None:
    """Answer to `exit()` and `quit()`."""


def _repoint_logging() -> None:
    """Let log handlers made at import time write where a notebook's own would."""
    fresh = {id(sys.__stderr__): sys.stderr, id(sys.__stdout__): sys.stdout}
    for handler in _SEEN.handlers:
        handler.stream = fresh[id(handler.stream)]


def _show_plots() -> None:
    """Let figures appear without `%matplotlib inline` where the backend was imported before there was a shell."""
    backend = sys.modules.get("matplotlib_inline.backend_inline")
    if backend is not None:
        backend._enable_matplotlib_integration()
