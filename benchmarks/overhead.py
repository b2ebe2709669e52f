"""What grading costs beyond the student's own computing, part by part, in CPU seconds a notebook.

    python -m benchmarks.overhead                     # 10 notebooks of XOR by a loop, 10 by Lightning
    python -m benchmarks.overhead --notebooks 3

Every part is measured over all processes that take part: the grader, the kernel, the zygote that it was forked from.
From the execution, and from the questions, is taken away what the same code takes as a plain function in a warm
process, before and after it (`plain.py`). The training starts of `loss_threshold`, whose number the student's own
luck decides, are put aside and told apart.
"""

from __future__ import annotations

import argparse
import os
import pickle
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.grade_book import key_of
from benchmarks.measuring import Watch, cpu_of, descendants, machine, spread
from benchmarks.plain import PlainRunner, plain_runner
from benchmarks.sample_class import EXERCISES, ROOT, HandedIn, class_of, write_class
from grader.catalog import canonical_json, read_catalog
from grader.criteria import KINDS
from grader.grading import ask_reference, gpu, grade_one, running
from grader.grading.questions import kernel_seed
from grader.intake import read_submissions
from grader.model.exercise import Exercise
from grader.model.probe import Probe
from grader.model.report import GradeReport, Job, ReferenceAnswers
from grader.model.submission import Submission
from grader.pipeline.class_report import class_report_of
from grader.reports import write_reports
from grader.sandbox import choose_tier
from grader.store import GradeBook

START = "a kernel: fork, walls, first answer"
CELLS = "cells, beyond the same code run plainly"
QUESTIONS = "questions, beyond the same calls made plainly"
JUDGING = "judging"
CLOSING = "ending the kernel"
TRAVEL = "job and report between processes"
STORE = "storing"
REPORTS = "reports"
PARTS = (START, CELLS, QUESTIONS, JUDGING, CLOSING, TRAVEL, STORE, REPORTS)
CODE = "the code itself, run plainly"
FIGURES = "its figures, drawn plainly"
CALLS = "the questions' calls, made plainly"
STARTS = "training starts, as they are"
SECOND_RUN = "the second run, with a CUDA device, as it is"
ASIDE = (CODE, FIGURES, CALLS, STARTS, SECOND_RUN)

OPENERS: tuple[Any, Any] = (running, gpu)
"""The modules that open a submission's kernels: for the plain run, and for the second."""


class Meter:
    """CPU seconds by part, of this process and of all that came of it."""

    def __init__(self) -> None:
        self.parts: dict[str, float] = defaultdict(float)
        self.own_s = 0.0
        """Of all parts together, what this process itself took."""
        self.asked: list[Probe] = []
        self.trained: tuple[str, ...] = ()
        """Beginnings of the ids of probes that train from a start."""

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Put down to a part what happens within; processes that end within are not counted in it."""
        before = clocks()
        yield
        self.add(name, before, clocks())

    def add(self, name: str, before: dict[int, float], after: dict[int, float]) -> None:
        """Put down to a part what passed between two readings."""
        self.parts[name] += sum(now - before.get(pid, 0.0) for pid, now in after.items())
        self.own_s += after[os.getpid()] - before[os.getpid()]


class MeteredKernel:
    """A kernel whose work is put down to parts."""

    def __init__(self, kernel: Any, meter: Meter) -> None:
        self._kernel, self._meter = kernel, meter

    def execute(self, *how: Any) -> Any:
        """As the kernel's own."""
        with self._meter.part(CELLS):
            return self._kernel.execute(*how)

    def ask_together(self, probes: Sequence[Probe]) -> Any:
        """As the kernel's own."""
        trains = probes[0].id.startswith(self._meter.trained)
        with self._meter.part(STARTS if trains else QUESTIONS):
            answers = self._kernel.ask_together(probes)
        if not trains:
            self._meter.asked += probes[: len(answers)]
        return answers


@contextmanager
def metered(meter: Meter) -> Iterator[None]:
    """Let every kernel that `grading` opens be metered."""
    open_kernel: Any = OPENERS[0].open_kernel

    @contextmanager
    def opened(**how: Any) -> Iterator[MeteredKernel]:
        before = clocks()
        with open_kernel(**how) as kernel:
            meter.add(START, before, clocks())
            yield MeteredKernel(kernel, meter)
            before = clocks()
        meter.add(CLOSING, before, clocks())

    @contextmanager
    def opened_again(**how: Any) -> Iterator[Any]:
        before = clocks()
        with open_kernel(**how) as kernel:
            yield kernel
            meter.add(SECOND_RUN, before, clocks())

    for opener, metered_open in zip(OPENERS, (opened, opened_again), strict=True):
        opener.open_kernel = metered_open
    try:
        yield
    finally:
        for opener in OPENERS:
            opener.open_kernel = open_kernel


def clocks() -> dict[int, float]:
    """CPU seconds so far of this process and of all that came of it."""
    found = {}
    for pid in descendants(os.getpid()):
        try:
            found[pid] = cpu_of(pid)
        except OSError:
            continue
    return found


class Bench:
    """One exercise, its reference asked, its kernels warm."""

    def __init__(self, exercise: Exercise, folder: Path, tier: str) -> None:
        self.exercise, self.folder, self.tier = exercise, folder, tier
        self.start_s: dict[str, float] = {}
        self.reference = self._asked()
        self.reports: list[GradeReport] = []

    def _asked(self) -> ReferenceAnswers:
        kernel: Any = OPENERS[0].open_kernel
        rubric = self.exercise.rubric
        with (
            self._spent("zygote, its trial, a first kernel (once a run)"),
            kernel(tier=self.tier, limits=rubric.limits, seed=0, preload=rubric.preload),
        ):
            pass
        with self._spent("the reference, run and asked (once a course)"):
            return ask_reference(self.exercise, seed=0, tier=self.tier)

    @contextmanager
    def _spent(self, name: str) -> Iterator[None]:
        """CPU seconds of all processes, those too that end meanwhile."""
        before, watch = sum(clocks().values()), Watch(os.getpid())
        yield
        self.start_s[name] = watch.stop() - before

    def grade(self, submission: Submission, plain: PlainRunner) -> dict[str, float]:
        """CPU seconds by part of one notebook, without store and reports."""
        meter = Meter()
        rubric = self.exercise.rubric
        meter.trained = tuple(f"{c.id}/" for c in rubric.criteria if c.kind == "loss_threshold")
        job = Job(
            submission=submission, exercise=self.exercise, reference=self.reference, seed=0, tier=self.tier
        )
        assert submission.notebook is not None
        before = plain.run(submission.notebook.text, kernel_seed(job))
        began = time.process_time()
        with metered(meter):
            report = grade_one(job)
        meter.parts[JUDGING] = time.process_time() - began - meter.own_s
        with meter.part(TRAVEL):
            pickle.loads(pickle.dumps(job))
            pickle.loads(pickle.dumps(report))
        own = plain.run(submission.notebook.text, kernel_seed(job), meter.asked)
        code_s, calls_s = (before.code_s + own.code_s) / 2, sum(own.answers_s)
        figures_s = (before.figures_s + own.figures_s) / 2
        meter.parts[CELLS] -= code_s + figures_s
        meter.parts[QUESTIONS] -= calls_s
        meter.parts |= {CODE: code_s, FIGURES: figures_s, CALLS: calls_s}
        self.reports.append(report)
        return meter.parts

    def store_and_report(self) -> tuple[float, float]:
        """CPU seconds a notebook of storing, and of all reports (the templates are loaded already)."""
        out = self.folder / self.exercise.id
        with GradeBook.open(f"sqlite:///{out}.db") as book:
            text = (ROOT / "reference" / self.exercise.id / "rubric.toml").read_text(encoding="utf-8")
            book.save_rubric(
                version=self.exercise.rubric_version,
                exercise=self.exercise.id,
                canonical=canonical_json(self.exercise.rubric),
                text=text,
            )
            marks = [time.process_time()]
            for report in self.reports:
                book.save(key_of(report, self.exercise), report)
            marks.append(time.process_time())
            for _ in range(2):
                class_report = class_report_of(book.reports(), [self.exercise], seed=0, tier=self.tier)
                write_reports(class_report, out, "fr", book.whole)
                marks.append(time.process_time())
        count = len(self.reports)
        return (marks[1] - marks[0]) / count, (marks[3] - marks[2]) / count


def measure(
    exercise: Exercise, notebooks: Sequence[HandedIn], folder: Path
) -> tuple[Bench, list[dict[str, float]]]:
    """All notebooks of one exercise; the first is graded twice, and its first time not counted."""
    write_class(list(notebooks), folder / exercise.id / "class")
    submissions = read_submissions([folder / exercise.id / "class"], [exercise]).submissions
    bench = Bench(exercise, folder, choose_tier("auto"))
    with plain_runner(exercise.rubric.preload) as plain:
        bench.grade(submissions[0], plain)
        bench.reports.clear()
        rows = [bench.grade(submission, plain) for submission in submissions]
    store_s, reports_s = bench.store_and_report()
    for row in rows:
        row |= {STORE: store_s, REPORTS: reports_s}
    return bench, rows


def table(columns: dict[str, list[dict[str, float]]]) -> str:
    """Markdown: medians, with the least and the most."""
    lines = ["| CPU s a notebook | " + " | ".join(columns) + " |", "|---|" + "---|" * len(columns)]
    for part in PARTS:
        lines.append(_line(part, [[row[part] for row in rows] for rows in columns.values()]))
    sums = [[sum(row[part] for part in PARTS) for row in rows] for rows in columns.values()]
    lines.append(_line("**together**", sums))
    for part in ASIDE:
        lines.append(_line(part, [[row[part] for row in rows] for rows in columns.values()]))
    return "\n".join(lines)


def _line(name: str, columns: Sequence[Sequence[float]]) -> str:
    return f"| {name} | " + " | ".join(spread(values, 3) for values in columns) + " |"


def main() -> None:
    """Read the command line, measure, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--notebooks", type=int, default=10, help="of each exercise")
    parser.add_argument("--exercise", action="append", choices=EXERCISES)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    exercises = {e.id: e for e in read_catalog(ROOT / "exercises", ROOT / "reference", KINDS)}
    columns: dict[str, list[dict[str, float]]] = {}
    starts: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(prefix="grade-overhead-") as folder:
        for name in chosen.exercise or EXERCISES:
            notebooks = class_of(chosen.notebooks, seed=chosen.seed, exercises=(name,))
            bench, columns[name] = measure(exercises[name], notebooks, Path(folder))
            starts[name] = bench.start_s
    print(f"{machine()}, tier {bench.tier}, {chosen.notebooks} notebooks each\n\n{table(columns)}\n")
    for name, parts in starts.items():
        print(name, *(f"{part}: {seconds:.1f} CPU s" for part, seconds in parts.items()), sep="\n    ")
    together = median(sum(row[part] for part in PARTS) for rows in columns.values() for row in rows)
    print(f"\nBeyond the student's own computing: {together:.2f} CPU s a notebook.")


if __name__ == "__main__":
    main()
