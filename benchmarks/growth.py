"""Does the grader grow with the class? A cheap exercise, handed in by 1, 10, 100 and 1000 students.

    python -m benchmarks.growth                       # 1, 10, 100, 1000 notebooks of 01_regression_lineaire
    python -m benchmarks.growth --sizes 1 10

What is looked at is the memory of the grader's own processes, at its largest: the one that was started, and each of
its workers. Kernels and zygotes, whose memory is that of torch, do not depend on the class.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import nbformat

from benchmarks.measuring import Watch, descendants, machine
from benchmarks.sample_class import ROOT, HandedIn, class_of, write_class

EXERCISE = "01_regression_lineaire"
TICK_S = 0.5
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB", re.MULTILINE)


class Growth(NamedTuple):
    """One class."""

    notebooks: int
    cpu_s: float
    wall_s: float
    main_bytes: int
    """Peak resident memory of the process that was started."""
    worker_bytes: int
    """Of the largest of its worker processes."""
    files_bytes: int
    """Grade book and reports."""


def grade(notebooks: int, *, blank: bool) -> Growth:
    """Grade a class of so many; `blank`: only the first cell of each has code."""
    with tempfile.TemporaryDirectory(prefix="grade-growth-") as temporary:
        folder = Path(temporary)
        handed_in = class_of(notebooks, seed=0, exercises=(EXERCISE,))
        write_class([n._replace(notebook=_emptied(n)) if blank else n for n in handed_in], folder / "class")
        out = folder / "out"
        line = [
            sys.executable,
            "-m",
            "grader.cli",
            "run",
            str(folder / "class"),
            "--jobs",
            "2",
            "--out",
            str(out),
        ]
        line += ["--exercises", str(ROOT / "exercises"), "--reference", str(ROOT / "reference")]
        line += ["--db", f"sqlite:///{folder / 'grades.db'}"]
        began = time.monotonic()
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                line, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=log, stderr=log, cwd=folder
            )
            watch = Watch(process.pid)
            main_bytes = worker_bytes = 0
            while process.poll() is None:
                main_bytes = max(main_bytes, peak_of(process.pid))
                worker_bytes = max([worker_bytes, *map(peak_of, workers_of(process.pid))])
                time.sleep(TICK_S)
        wall_s = time.monotonic() - began
        cpu_s = watch.stop()
        if process.returncode:
            raise SystemExit((folder / "log").read_text())
        files = sum(
            path.stat().st_size for path in folder.rglob("*") if path.is_file() and "class" not in path.parts
        )
        return Growth(notebooks, cpu_s, wall_s, main_bytes, worker_bytes, files)


def peak_of(pid: int) -> int:
    """Most bytes that a process ever had in memory; 0 when it is gone."""
    try:
        found = _PEAK.search(Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) << 10 if found else 0


def workers_of(pid: int) -> list[int]:
    """The processes that Python's multiprocessing started below `pid`, not what runs in a sandbox."""
    return [p for p in descendants(pid) if p != pid and b"multiprocessing" in _line(p)]


def _line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _emptied(notebook: HandedIn) -> str:
    nb = nbformat.reads(notebook.notebook, as_version=4)
    for cell in [cell for cell in nb.cells if cell.cell_type == "code"][1:]:
        cell.source = ""
    return str(nbformat.writes(nb, version=4))


def table(rows: Sequence[Growth]) -> str:
    """Markdown."""
    lines = [
        "| notebooks | main process, MB | largest worker, MB | CPU s each | wall s each | files, kB each |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        n = row.notebooks
        lines.append(
            f"| {n} | {row.main_bytes / 1e6:.0f} | {row.worker_bytes / 1e6:.0f} | {row.cpu_s / n:.2f} "
            f"| {row.wall_s / n:.2f} | {row.files_bytes / n / 1e3:.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Read the command line, grade, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 10, 100, 1000])
    parser.add_argument("--blank", action="store_true", help="notebooks that hardly compute: faster")
    chosen = parser.parse_args()
    rows = []
    for size in chosen.sizes:
        rows.append(grade(size, blank=chosen.blank))
        print(rows[-1], flush=True)
    print(f"\n{machine()}\n\n{table(rows)}")


if __name__ == "__main__":
    main()
