"""Runs every program with and without the virtual GPU, and prints what each raised, as JSON; or on a real one.

    python -m tests.criteria.device_programs.two_worlds [WORLD…]

Each run has a child of its own, forked while torch is warm but has computed no gradient yet: the device is put in
there. By program and world; an empty word stands for an end without an error, and what is missing ended badly.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
import traceback
import warnings
from collections.abc import Sequence
from pathlib import Path

import matplotlib as mpl
import torch
import torch.utils.data
from torch import nn, optim

from grader.inkernel import device, largepages, virtual_cuda
from tests.criteria.device_programs import PROGRAMS, Program

mpl.use("Agg")

WORLDS = ("host", "virtual")
"""What is run unless others are named; the third is `real`."""
REPORT = "report"


def run(program: Program, world: str) -> str:
    """The message of what the program raised, with its type; "" where it came to its end with its losses."""
    if world != "real":
        os.environ["CUDA_VISIBLE_DEVICES"] = ""
    if world == "virtual":
        virtual_cuda.install()
    virtual_cuda.observe()
    names: dict[str, object] = {"__name__": "__main__"}
    try:
        exec(compile(program.code, program.name, "exec"), names)
    except Exception as error:  # noqa: BLE001 - anything that a notebook can raise
        return f"{type(error).__name__}: {error}"
    losses = names.get("losses")
    return "" if isinstance(losses, list) and len(losses) > 5 else "no losses"


def begin(program: Program, world: str, folder: Path) -> int:
    """The pid of a fork that runs the program in a folder of its own, and then writes what it raised."""
    child = os.fork()
    if child:
        return child
    try:
        here = folder / program.name / world
        here.mkdir(parents=True)
        os.chdir(here)
        sys.stdout = (here / "printed.txt").open("w")
        message = run(program, world)
        (here / REPORT).write_text(message)
        os._exit(0)
    except BaseException:  # noqa: BLE001 - a fork must end here, come what may
        traceback.print_exc()
        os._exit(1)


def run_all(folder: Path, worlds: Sequence[str]) -> dict[str, dict[str, str]]:
    """Message by program and world, from as many forks at a time as there are processors."""
    running: set[int] = set()
    for program in PROGRAMS:
        for world in worlds:
            if len(running) >= len(os.sched_getaffinity(0)):
                running.remove(os.wait()[0])
            running.add(begin(program, world, folder))
    for child in running:
        os.waitpid(child, 0)
    reports = {p.name: {w: folder / p.name / w / REPORT for w in worlds} for p in PROGRAMS}
    return {n: {w: r.read_text() for w, r in of.items() if r.exists()} for n, of in reports.items()}


def main() -> None:
    """All programs in the worlds of the command line."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    optim.Adam(nn.Linear(1, 1).parameters())
    device.make_ready()
    gc.collect()
    gc.freeze()
    largepages.gather()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(run_all(Path(folder), sys.argv[1:] or WORLDS)))


if __name__ == "__main__":
    main()
