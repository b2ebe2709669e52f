"""The Jupyter kernel of a machine without walls: ipykernel's own, over TCP on loopback, with the agent in place.

Nothing here is Linux's own: students check their notebooks on macOS and Windows, too. Whoever started this process
waits for the file `ready`, in which is said whether the CUDA device that was asked for is there.
"""

from __future__ import annotations

import json
import os
import random
import sys
from typing import Any

import numpy
import torch
from ipykernel.kernelapp import IPKernelApp
from traitlets.config import Config

from . import agent, device, figures, front_end, shortening, trainings

SETTINGS = {
    "HistoryManager": {"enabled": False},
    "IPKernelApp": {"no_stderr": False},
    "InteractiveShell": {"colors": "NoColor"},
}


class PlainApp(IPKernelApp):
    """A kernel that reads no configuration but ours."""

    def load_config_file(self, *_: Any, **__: Any) -> None:
        """Read none: what there may be is not the exercise's."""


def serve(connection_file: str, ready: str, wanted: str) -> None:
    """Serve until killed, or until the process that started it is gone.

    `wanted`: JSON with `seed`, `gpu`, `shorten` and `pictures`, as `grader.sandbox.local` writes it.
    """
    spec = json.loads(wanted)
    torch.set_num_threads(1)
    if spec["gpu"]:
        device.switch_on(spec["gpu"])
    sys.argv = ["ipykernel_launcher.py"]
    sys.path.insert(0, "")  # as in Jupyter: a notebook may import the files that it wrote
    app: Any = PlainApp.instance(
        config=Config(SETTINGS if spec["pictures"] else {**SETTINGS, **figures.NO_PICTURES})
    )
    app.initialize(["-f", connection_file])
    app.shell.ask_exit = _stay
    figures.install(app.shell)
    front_end.install(app.shell)
    agent.install(app.kernel)
    if not spec["gpu"]:
        trainings.install()
    shortening.install(app.shell, spec["shorten"] or {})
    random.seed(spec["seed"])
    numpy.random.seed(spec["seed"] % 2**32)
    torch.manual_seed(spec["seed"])
    _say_ready(ready)
    app.start()


def _say_ready(path: str) -> None:
    """Whole or not at all."""
    with open(f"{path}.new", "w", encoding="utf-8") as stream:
        json.dump({"gpu": device.state()}, stream)
    os.replace(f"{path}.new", path)


def _stay() -> None:
    """Answer to `exit()` and `quit()`: what the notebook defined is asked for afterwards."""
