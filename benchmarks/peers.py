"""The same class graded by this program, by nbgrader, by otter-grader and by nbclient alone, in turn.

    python -m benchmarks.peer_install .peers
    python -m benchmarks.peers --peers .peers/bin

Every round this program grades the whole class by one command, and the others a part of it each, a different one
every round, so that a machine that gets slower gets slower for all. Figures are appended to a JSON Lines file; the
table at the end is the one in docs/performance.md. `--students 2 --rounds 1` is for trying it out.
"""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import nbformat

from benchmarks.measuring import Cost, machine, measure, spread
from benchmarks.peer_tools import TOOLS, Tool, environment
from benchmarks.sample_class import EXERCISES, ROOT, HandedIn, class_of, reference_of, write_class

OURS = "grade"
START = "grade, four empty notebooks"
"""One of each exercise for each of two workers: what a run costs before it computes anything."""


class Figure(NamedTuple):
    """One measured command."""

    tool: str
    lanes: int
    """How many of them ran side by side."""
    round: int
    notebooks: int
    cost: Cost


class Bench:
    """A prepared class, and what was measured with it."""

    def __init__(self, folder: Path, programs: Path, *, students: int, rounds: int, seed: int) -> None:
        self.folder, self.rounds, self.env = folder, rounds, environment(programs)
        self.notebooks = class_of(students, seed=seed)
        write_class(self.notebooks, folder / "class")
        empty = [
            HandedIn(f"empty-{place}", exercise, None, _without_code(reference_of(exercise)))
            for place in range(2)
            for exercise in EXERCISES
        ]
        write_class(empty, folder / "empty")
        self.tools: dict[str, list[Tool]] = {}
        for kind in TOOLS:
            self.tools[kind.name] = [kind(programs, folder, exercise) for exercise in EXERCISES]
            for tool in self.tools[kind.name]:
                tool.prepare([n for n in self.notebooks if n.exercise == tool.exercise])

    def measure(self, together: bool) -> Iterator[Figure]:
        """Round by round: this program, then the others, one after another and two at a time."""
        for number in range(self.rounds):
            yield self._ours(START, "empty", 4, number)
            yield self._ours(OURS, "class", len(self.notebooks), number)
            for name, tools in self.tools.items():
                yield self._peer(name, tools, number, lanes=1)
                if together:
                    yield self._peer(name, tools, number, lanes=2)

    def _ours(self, name: str, what: str, notebooks: int, number: int) -> Figure:
        out = self.folder / f"{what}-{number}"
        out.mkdir()
        line = [
            sys.executable,
            "-m",
            "grader.cli",
            "run",
            str(self.folder / what),
            "--jobs",
            "2",
            "--out",
            str(out),
        ]
        line += ["--exercises", str(ROOT / "exercises"), "--reference", str(ROOT / "reference")]
        line += ["--db", f"sqlite:///{out / 'grades.db'}"]
        env = self.env | {"PYTHONPATH": str(ROOT)}
        cost = measure(line, cwd=self.folder, env=env, log=self.folder / "grade.log")
        reports = json.loads((out / "results.json").read_text(encoding="utf-8"))["reports"]
        judged = [r for r in reports if r["verdict"] != "judge_error"]
        _check(name, len(judged), notebooks, self.folder / "grade.log")
        return Figure(name, 2, number, notebooks, cost)

    def _peer(self, name: str, tools: Sequence[Tool], number: int, *, lanes: int) -> Figure:
        parts = [(tool, self._part(tool.exercise, number)) for tool in tools]
        rows = [
            " ; ".join([f"cd {shlex.quote(str(tool.folder))}", *tool.commands(part)]) for tool, part in parts
        ]
        script = " & ".join(f"( {row} )" for row in rows) + " & wait" if lanes == 2 else " ; ".join(rows)
        env = self.env | ({"OMP_NUM_THREADS": "1"} if lanes == 2 else {})
        log = self.folder / f"{name}.log"
        cost = measure(["sh", "-c", script], cwd=self.folder, env=env, log=log)
        count = sum(len(part) for _, part in parts)
        _check(name, sum(tool.is_graded(n) for tool, part in parts for n in part), count, log)
        return Figure(name, lanes, number, count, cost)

    def _part(self, exercise: str, number: int) -> list[HandedIn]:
        mine = [n for n in self.notebooks if n.exercise == exercise]
        size = -(-len(mine) // self.rounds)
        return mine[number * size : (number + 1) * size]


def table(figures: Sequence[Figure]) -> str:
    """Markdown: medians over the rounds, with the least and the most."""
    lines = [
        "| | side by side | CPU s a notebook | wall s a notebook | peak memory, MB | times our wall time |",
        "|---|---|---|---|---|---|",
    ]
    ours = _wall([f for f in figures if f.tool == OURS])
    for tool, lanes in dict.fromkeys((f.tool, f.lanes) for f in figures):
        mine = [f for f in figures if (f.tool, f.lanes) == (tool, lanes)]
        cpu = spread([f.cost.cpu_s / f.notebooks for f in mine], 2)
        wall = spread([f.cost.wall_s / f.notebooks for f in mine], 2)
        peak = spread([f.cost.peak_bytes / 1e6 for f in mine], 0)
        times = f"{_wall(mine) / ours:.1f}" if ours and tool != START else ""
        lines.append(f"| {tool} | {lanes} | {cpu} | {wall} | {peak} | {times} |")
    return "\n".join(lines)


def _wall(figures: Sequence[Figure]) -> float:
    """Seconds a notebook, over all rounds: each notebook of the class counts alike."""
    notebooks = sum(f.notebooks for f in figures)
    return sum(f.cost.wall_s for f in figures) / notebooks if notebooks else 0.0


def _check(name: str, graded: int, wanted: int, log: Path) -> None:
    if graded != wanted:
        raise SystemExit(f"{name}: {graded} of {wanted} notebooks were graded; see {log}")


def _without_code(notebook: str) -> str:
    nb = nbformat.reads(notebook, as_version=4)
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.source = ""
    return str(nbformat.writes(nb, version=4))


def main() -> None:
    """Read the command line, measure, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--peers", type=Path, required=True, help="the folder of nbgrader, otter, jupyter-execute"
    )
    parser.add_argument("--students", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--alone", action="store_true", help="leave out the peers two at a time")
    parser.add_argument("--record", type=Path, default=Path("peers.jsonl"))
    parser.add_argument("--keep", type=Path, help="work in this empty folder, and keep it")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="grade-peers-") as temporary:
        folder = (chosen.keep or Path(temporary)).absolute()
        bench = Bench(
            folder, chosen.peers.absolute(), students=chosen.students, rounds=chosen.rounds, seed=chosen.seed
        )
        figures = []
        for figure in bench.measure(together=not chosen.alone):
            figures.append(figure)
            with chosen.record.open("a", encoding="utf-8") as stream:
                stream.write(json.dumps([machine(), *figure]) + "\n")
            print(*figure, flush=True)
    print(f"\n{machine()}, {chosen.students} students, {chosen.rounds} rounds\n\n{table(figures)}")


if __name__ == "__main__":
    main()
