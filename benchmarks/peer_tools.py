"""The other graders in their own form: a course for nbgrader, an assignment for otter, plain files for nbclient.

Each prepares one exercise's notebooks below a folder of its own, and says by which shell commands a part of them is
graded and whether that came about. Tests are those of `peer_checks`.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import textwrap
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

import nbformat

from benchmarks.peer_checks import CHECKS
from benchmarks.sample_class import HandedIn, reference_of


def environment(programs: Path) -> dict[str, str]:
    """The system's, without what decides how many threads are taken or what is imported."""
    unwanted = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "PYTHONPATH")
    path = f"{programs}:{os.environ['PATH']}"  # nbgrader calls `alembic`
    return {name: value for name, value in os.environ.items() if name not in unwanted} | {"PATH": path}


class Tool(ABC):
    """One grader on one exercise."""

    name: str

    def __init__(self, programs: Path, folder: Path, exercise: str) -> None:
        """`programs`: the folder of the peers' commands."""
        self.programs, self.folder, self.exercise = programs, folder / self.name / exercise, exercise
        self.folder.mkdir(parents=True)

    @abstractmethod
    def prepare(self, notebooks: Sequence[HandedIn]) -> None:
        """Lay out what the teacher and the students would; not measured."""

    @abstractmethod
    def commands(self, part: Sequence[HandedIn]) -> list[str]:
        """What a teacher would type to grade these; a shell runs it in `folder`."""

    @abstractmethod
    def is_graded(self, notebook: HandedIn) -> bool:
        """Whether the commands left a result for this notebook."""

    def _make(self, program: str, *arguments: str) -> None:
        line = [str(self.programs / program), *arguments]
        subprocess.run(line, cwd=self.folder, env=environment(self.programs), check=True, capture_output=True)

    def _line(self, program: str, *arguments: str) -> str:
        return shlex.join([str(self.programs / program), *arguments])


class Nbgrader(Tool):
    """`nbgrader autograde`, for several students at a time, as it is run for a class."""

    name = "nbgrader"

    def prepare(self, notebooks: Sequence[HandedIn]) -> None:
        """A source with hidden tests, the release made of it, and the students' copies of the release."""
        (self.folder / "nbgrader_config.py").write_text(
            'c = get_config()\nc.CourseDirectory.course_id = "c"\n'
        )
        source = nbformat.reads(reference_of(self.exercise), as_version=4)
        for check in CHECKS[self.exercise]:
            source.cells.append(_hidden_test(check.name, check.points, check.code))
        self._write(f"source/{self.exercise}", source)
        self._make("nbgrader", "generate_assignment", self.exercise, "--create", "--force")
        release = self.folder / "release" / self.exercise / f"{self.exercise}.ipynb"
        for notebook in notebooks:
            copy = nbformat.reads(release.read_text(encoding="utf-8"), as_version=4)
            own = {_grade_id(c): c.source for c in nbformat.reads(notebook.notebook, as_version=4).cells}
            for cell in copy.cells:
                if cell.metadata.get("nbgrader", {}).get("solution"):
                    cell.source = own[_grade_id(cell)]
            self._write(f"submitted/{notebook.student}/{self.exercise}", copy)

    def commands(self, part: Sequence[HandedIn]) -> list[str]:
        """One command; students are told apart by a pattern of their names."""
        last = "".join(sorted({notebook.student[-1] for notebook in part}))
        tens = "".join(sorted({notebook.student[-2] for notebook in part}))
        pattern = f"student-0[{tens}][{last}]"
        return [self._line("nbgrader", "autograde", self.exercise, "--force", "--student", pattern)]

    def is_graded(self, notebook: HandedIn) -> bool:
        """There is an autograded copy."""
        place = self.folder / "autograded" / notebook.student / self.exercise
        return (place / f"{self.exercise}.ipynb").is_file()

    def _write(self, place: str, notebook: nbformat.NotebookNode) -> None:
        path = self.folder / place / f"{self.exercise}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(notebook, path)


class Otter(Tool):
    """`otter run`: one process a notebook, no container."""

    name = "otter"

    def prepare(self, notebooks: Sequence[HandedIn]) -> None:
        """Test files, the autograder made of them, and the notebooks."""
        tests = self.folder / "tests"
        tests.mkdir()
        for check in CHECKS[self.exercise]:
            (tests / f"{check.name}.py").write_text(
                _otter_test(check.name, check.points, check.needs, check.code)
            )
        self._make("otter", "generate", "-t", "tests", "--no-environment", "--no-requirements")
        for notebook in notebooks:
            (self.folder / f"{notebook.student}.ipynb").write_text(notebook.notebook, encoding="utf-8")
            (self.folder / "out" / notebook.student).mkdir(parents=True)

    def commands(self, part: Sequence[HandedIn]) -> list[str]:
        """A command a notebook."""
        return [
            self._line("otter", "run", "--no-logo", "-o", f"out/{n.student}", f"{n.student}.ipynb")
            for n in part
        ]

    def is_graded(self, notebook: HandedIn) -> bool:
        """There are results."""
        return (self.folder / "out" / notebook.student / "results.json").is_file()


class Nbclient(Tool):
    """`jupyter execute`: nbclient alone, which runs the notebook and tests nothing."""

    name = "nbclient"

    def prepare(self, notebooks: Sequence[HandedIn]) -> None:
        """The notebooks, without outputs."""
        for notebook in notebooks:
            (self.folder / f"{notebook.student}.ipynb").write_text(notebook.notebook, encoding="utf-8")

    def commands(self, part: Sequence[HandedIn]) -> list[str]:
        """One command."""
        return [
            self._line(
                "jupyter-execute", "--allow-errors", "--inplace", *(f"{n.student}.ipynb" for n in part)
            )
        ]

    def is_graded(self, notebook: HandedIn) -> bool:
        """Some cell has outputs."""
        done = nbformat.read(self.folder / f"{notebook.student}.ipynb", as_version=4)
        return any(cell.get("outputs") for cell in done.cells)


TOOLS: tuple[type[Tool], ...] = (Nbgrader, Otter, Nbclient)


def _grade_id(cell: nbformat.NotebookNode) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def _hidden_test(name: str, points: int, code: str) -> nbformat.NotebookNode:
    source = f"### BEGIN HIDDEN TESTS\n{code}### END HIDDEN TESTS"
    marks = {"grade": True, "grade_id": f"test_{name}", "locked": True, "points": points}
    marks |= {"schema_version": 3, "solution": False, "task": False}
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": marks})


def _otter_test(name: str, points: int, needs: tuple[str, ...], code: str) -> str:
    head = f"from otter.test_files import test_case\n\nOK_FORMAT = False\nname = {name!r}\npoints = {points}\n\n\n"
    case = f"@test_case(points=None, hidden=True)\ndef test_{name}({', '.join(needs)}):\n"
    return head + case + textwrap.indent(code, "    ")
