"""Students' code as plain functions in a warm process: what their own computing costs, and nothing else.

One process imports what kernels have imported, too; every notebook runs in a fork of it, cell after cell by `exec`,
with the kernel's seed and one thread. Figures are drawn as PNG at the end of their cell, as a notebook shows them;
that is the student's own computing too, and is told apart. At last what the grader's questions make the student's
functions do is done once more, by calling them.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import multiprocessing
import os
import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import NamedTuple

from grader.model.probe import Probe
from grader.sandbox.wire import questions


class Plainly(NamedTuple):
    """CPU seconds of one notebook."""

    code_s: float
    figures_s: float
    answers_s: tuple[float, ...]
    """Of each question."""


class PlainRunner:
    """The warm process, from the other side."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def run(self, notebook: str, seed: int, probes: Sequence[Probe] = ()) -> Plainly:
        """Run one notebook's code, then the questions."""
        self._pipe.send((notebook, seed, [questions({"": probe}) for probe in probes]))
        return Plainly(*self._pipe.recv())


@contextmanager
def plain_runner(modules: tuple[str, ...]) -> Iterator[PlainRunner]:
    """A warm process, gone when the context is left."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, modules), daemon=True)
    process.start()
    try:
        yield PlainRunner(ours)
    finally:
        process.kill()
        process.join()


def _serve(pipe: Connection, modules: tuple[str, ...]) -> None:
    import importlib

    import matplotlib
    import torch

    matplotlib.use("agg")
    for name in (
        "matplotlib.pyplot",
        "PIL.PngImagePlugin",
        "torch.utils.data",
        "grader.inkernel.agent",
        *modules,
    ):
        importlib.import_module(name)
    torch.set_num_threads(1)
    torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))])  # the first one imports torch._dynamo
    while True:
        notebook, seed, questions = pipe.recv()
        child = os.fork()
        if not child:
            pipe.send(_run(notebook, seed, questions))
            os._exit(0)
        os.waitpid(child, 0)


def _run(notebook: str, seed: int, questions: list[list[bytes]]) -> Plainly:
    import matplotlib.pyplot as plt
    import numpy as np
    import torch

    from grader.inkernel import agent

    random.seed(seed)
    np.random.seed(seed % 2**32)
    torch.manual_seed(seed)
    logging.disable(logging.INFO)
    names: dict[str, object] = {"__name__": "__main__"}
    code_s = figures_s = 0.0
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        for cell in json.loads(notebook)["cells"]:
            if cell["cell_type"] != "code":
                continue
            began = time.process_time()
            with contextlib.suppress(Exception):  # a notebook goes on after an error
                exec("".join(cell["source"]), names)
            drawing = time.process_time()
            for number in plt.get_fignums():
                plt.figure(number).savefig(io.BytesIO(), format="png", bbox_inches="tight", dpi="figure")
            plt.close("all")
            code_s += drawing - began
            figures_s += time.process_time() - drawing
        answers_s = []
        for heads, *raw in questions:
            [asked] = json.loads(heads)
            began = time.process_time()
            with contextlib.suppress(Exception):  # the student's
                agent._run(dict(names), asked, raw)
            answers_s.append(time.process_time() - began)
    return Plainly(code_s, figures_s, tuple(answers_s))
