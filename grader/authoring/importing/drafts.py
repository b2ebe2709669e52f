"""Collects what a reader of foreign notebooks finds, in the order of the cells; the readers' common hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from grader.authoring.importing.asserts import Read
from grader.authoring.importing.bindings import defined_names, rebound_names
from grader.authoring.importing.material import (
    LeftOut,
    Material,
    Rule,
    TaskDraft,
    identifier,
    last_heading,
    title_in,
)
from grader.errors import CatalogError
from grader.model.text import Text, exact, say

NOT_CARRIED = (
    "It does not compare an answer with a value written down, or names what no cell defines or several do; so a person"
    " marks its points. Write a criterion for it: a random call (`matches_reference`), or `source` for what it uses."
)
PARTLY = "The rest of the test is asked for no points, to help the person who marks these. Write a criterion for it."


@dataclass
class Drafts:
    """What was found so far."""

    origin: str
    source: str
    answers: frozenset[str]
    """Names that students define."""
    given: frozenset[str]
    """Names that the given cells define."""
    cells: list[Any] = field(default_factory=list)
    tasks: list[TaskDraft] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    _answer_cells: dict[str, str] = field(default_factory=dict)
    """Task's id to the grade id of its answer."""
    _heading: str = ""

    @classmethod
    def of(cls, origin: str, source: str, answers: Sequence[str], given: Sequence[str]) -> Drafts:
        """Nothing found yet, in a notebook with these cells of answers, and these of given code."""
        unsteady = rebound_names([*answers, *given])
        names = defined_names(answers)
        return cls(origin, source, names - unsteady, defined_names(given) - names - unsteady)

    def note_heading(self, cell: Any) -> None:
        """Remember the last heading of a text cell: the next task is called so."""
        self._heading = last_heading(cell) or self._heading

    def begin(self, name: str, title: str = "") -> TaskDraft:
        """A new task, which what follows belongs to; `name` is also the grade id of its answer."""
        shown = title.strip() or self._heading or _title(name)
        self._heading = ""
        task = TaskDraft(identifier(name, [t.id for t in self.tasks]), shown)
        self.tasks.append(task)
        self._answer_cells[task.id] = name
        return task

    def current(self, name: str) -> TaskDraft:
        """The task at hand; a test before the first answer makes one of its own."""
        return self.tasks[-1] if self.tasks else self.begin(name)

    def answered_in(self, grade_id: str) -> None:
        """Say in which cell the task at hand is answered, where it is not the one that it was begun with."""
        self._answer_cells[self.tasks[-1].id] = grade_id

    def leave(self, place: Text | str, what: str, why: str, code: str = "") -> None:
        """Note what was not carried over."""
        self.left_out.append(LeftOut(str(place), what, why, code))

    def once(self, note: LeftOut) -> None:
        """Note it, unless it was noted before."""
        if note not in self.left_out:
            self.left_out.append(note)

    def by_hand(self, word: str, points: Decimal, cell: str) -> None:
        """Let a person mark the task at hand."""
        self._add(word, "An answer that a person marks", points, cell=cell)

    def test(
        self, name: str, points: Decimal, read: Read, *, place: Text | str, public: bool, hint: str = ""
    ) -> None:
        """Make a criterion of a test; points that no question covers whole are given by a person."""
        task = self.current(name)
        if read.asked is not None:
            self._add(
                name, _title(name), Decimal(0) if read.rest else points, read=read, public=public, hint=hint
            )
        if read.rest:
            what = "part of the test" if read.asked is not None else "the test"
            why = PARTLY if read.asked is not None else NOT_CARRIED
            self.leave(place, f"{what} ({points.normalize():f} points)", why, "\n".join(read.rest))
            if points:
                self._add(f"{name}_by_hand", _title(name), points, cell=self._answer_cells[task.id])

    def _add(
        self,
        word: str,
        title: str,
        points: Decimal,
        *,
        read: Read | None = None,
        cell: str = "",
        public: bool = True,
        hint: str = "",
    ) -> None:
        task = self.tasks[-1]
        name = f"{task.id}.{identifier(word, [rule.name.partition('.')[2] for rule in task.rules])}"
        asked = None if read is None else read.asked
        task.rules.append(Rule(name, title, points, asked, cell, public, hint))

    def finished(self, cells: Iterable[Any]) -> Material:
        """All of it.

        Raises: CatalogError when nothing in it is graded, or points are given where no answer is.
        """
        judged = [task for task in self.tasks if task.rules]
        for task in self.tasks:
            if not task.rules:
                self.leave(
                    task.title, "an answer without test and points", "Nothing judges it; write a criterion."
                )
        if not judged:
            raise CatalogError(
                say(
                    "{path}: nothing in it is graded: no cell or question has tests or points.",
                    path=self.source,
                )
            )
        present = {cell.metadata.get("nbgrader", {}).get("grade_id") for cell in self.cells}
        for task in judged:
            missing = next((r for r in task.rules if r.asked is None and r.cell not in present), None)
            if missing is not None:
                raise CatalogError(
                    say(
                        "{path}: {task}: a person should mark {points} points, but there is no answer cell to look at."
                        " Mark the cell that students fill in as a solution.",
                        path=self.source,
                        task=task.title,
                        points=exact(missing.points),
                    )
                )
        return Material(self.origin, self.source, title_in(cells), self.cells, judged, self.left_out)


def _title(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").strip().capitalize()
