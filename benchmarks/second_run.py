"""What the second run, with a CUDA device, takes of the time that a submission takes, in CPU seconds.

    python -m benchmarks.second_run                        # the reference of each exercise, handed in three times
    python -m benchmarks.second_run 03_XOR_pytorch --rounds 5

All processes are counted that take part while a kernel lives: the grader, the kernel, the one it was forked from. The
reference is asked and graded once before, so that all is warm. Shares, unlike seconds, hold on other machines.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from benchmarks.measuring import machine, spread
from benchmarks.overhead import OPENERS, Meter, clocks
from benchmarks.sample_class import ROOT
from grader.catalog import read_catalog
from grader.criteria import KINDS
from grader.grading import ask_reference, grade_one
from grader.model.exercise import Exercise
from grader.model.packed import Packed
from grader.model.report import Job
from grader.model.submission import Submission
from grader.sandbox import choose_tier

FIRST, START, CELLS, CALLS = "the first run, and judging", "its kernel", "its cells", "its calls"
SECOND = (START, CELLS, CALLS)


class _Kernel:
    """A kernel of a second run, whose cells and calls are told apart."""

    def __init__(self, kernel: Any, meter: Meter) -> None:
        self._kernel, self._meter = kernel, meter

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kernel, name)

    def execute(self, notebook: str) -> Any:
        """As the kernel's own."""
        with self._meter.part(CELLS):
            return self._kernel.execute(notebook)

    def ask_together(self, probes: Any) -> Any:
        """As the kernel's own."""
        with self._meter.part(CALLS):
            return self._kernel.ask_together(probes)


@contextmanager
def told_apart(meter: Meter) -> Iterator[None]:
    """Put down each kernel's time; of the first run's all together."""
    real: Any = OPENERS[0].open_kernel

    @contextmanager
    def first(**how: Any) -> Iterator[Any]:
        before = clocks()
        with real(**how) as kernel:
            yield kernel
            meter.add(FIRST, before, clocks())

    @contextmanager
    def second(**how: Any) -> Iterator[Any]:
        before = clocks()
        with real(**how) as kernel:
            meter.add(START, before, clocks())
            yield _Kernel(kernel, meter)

    OPENERS[0].open_kernel, OPENERS[1].open_kernel = first, second
    try:
        yield
    finally:
        for opener in OPENERS:
            opener.open_kernel = real


def graded(job: Job) -> dict[str, float]:
    """CPU seconds by part of one submission."""
    meter = Meter()
    began = time.process_time()
    with told_apart(meter):
        grade_one(job)
    meter.parts[FIRST] += time.process_time() - began - meter.own_s
    return {part: meter.parts.get(part, 0.0) for part in (FIRST, *SECOND)}


def measure(exercise: Exercise, rounds: int) -> dict[str, list[float]]:
    """Each part, of each round; and the share of the second run, in percent."""
    tier = choose_tier("auto")
    submission = Submission(
        student="sample",
        name="sample",
        exercise=exercise.id,
        path=f"{exercise.id}.ipynb",
        sha256=exercise.reference_sha256,
        notebook=Packed.of(exercise.reference),
    )
    answers = ask_reference(exercise, seed=0, tier=tier)
    job = Job(submission=submission, exercise=exercise, reference=answers, seed=0, tier=tier)
    graded(job)
    found: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        parts = graded(job)
        for part, seconds in parts.items():
            found[part].append(seconds)
        found["share"].append(100 * sum(parts[part] for part in SECOND) / sum(parts.values()))
    return found


def main() -> None:
    """Read the command line, measure, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("exercises", nargs="*", help="default: all that are run a second time")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    exercises = {e.id: e for e in read_catalog(ROOT / "exercises", ROOT / "reference", KINDS)}
    names = chosen.exercises or list(exercises)
    print(f"{machine()}, {chosen.rounds} rounds: medians (least to most), CPU s\n")
    print(
        "| exercise | first run, judging | its kernel | its cells | its calls | share, % |\n|---|---|---|---|---|---|"
    )
    shares = []
    for name in names:
        found = measure(exercises[name], chosen.rounds)
        shares.append(median(found["share"]))
        seconds = " | ".join(spread(found[part], 2) for part in (FIRST, *SECOND))
        print(f"| {name} | {seconds} | {spread(found['share'], 0)} |", flush=True)
    print(f"\nThe second run's share of a submission: {median(shares):.0f} %.")


if __name__ == "__main__":
    main()
