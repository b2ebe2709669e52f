"""`manual`: a person marks it; only an untouched or empty answer is decided here, with no points."""

from __future__ import annotations

import re
from typing import Literal

from grader.criteria.outcomes import failed, needs_review
from grader.model.evidence import Evidence, SourceCell
from grader.model.judgement import Judgement
from grader.model.rubric import Criterion
from grader.model.text import say
from grader.model.verdict import Verdict

_SHOWN = 4000


class Manual(Criterion):
    """A text answer that a person must read."""

    kind: Literal["manual"] = "manual"
    cell: str
    """Grade id of the cell that holds the answer."""

    @property
    def named_cells(self) -> tuple[str, ...]:
        """The cell that holds the answer."""
        return (self.cell,)

    def judge(self, evidence: Evidence) -> Judgement:
        """Not attempted where nothing was written, else for a person."""
        asked = _plain(evidence.handout.get(self.cell, ""))
        found = [cell for cell in evidence.source if cell.grade_id == self.cell]
        if not found:
            return self._without_cell(evidence, asked)
        written = [cell for cell in found if _plain(cell.text) not in ("", asked)]
        written = written or _written_below(found[-1], evidence.source)
        if not written:
            return self._not_attempted(found[0].index)
        return needs_review(
            say("A person reads and marks this answer."),
            where=say("Cell {cell} of the notebook", cell=written[0].index + 1),
            staff_note="\n\n".join(cell.text.strip() for cell in written)[:_SHOWN],
            cell=written[0].index,
        )

    def _without_cell(self, evidence: Evidence, asked: str) -> Judgement:
        """The cell's grade id is gone: an untouched copy of it still tells."""
        prose = [cell for cell in evidence.source if cell.kind != "code" and _plain(cell.text)]
        untouched = next((cell for cell in prose if asked and _plain(cell.text) == asked), None)
        if not prose or untouched is not None:
            return self._not_attempted(None if untouched is None else untouched.index)
        return needs_review(
            say("A person looks for this answer: the cell made for it is not in the notebook any more."),
            staff_note=f"No cell has the grade id {self.cell!r}: look for the answer among the other cells.",
        )

    def _not_attempted(self, cell: int | None) -> Judgement:
        return failed(
            Verdict.NOT_ATTEMPTED,
            say("Nothing was written here."),
            expected=say("an answer in your own words"),
            got=say("no text of your own"),
            where=None if cell is None else say("Cell {cell} of the notebook", cell=cell + 1),
            hint=self.hint,
            cell=cell,
        )


def _written_below(answer: SourceCell, cells: tuple[SourceCell, ...]) -> list[SourceCell]:
    """The text cell that a student added just below; the notebook's own next section has a heading."""
    below = next((cell for cell in cells if cell.index == answer.index + 1), None)
    if below is None or below.kind != "markdown" or below.grade_id is not None:
        return []
    is_own = bool(_plain(below.text)) and not below.text.lstrip().startswith("#")
    return [below] if is_own else []


def _plain(text: str) -> str:
    """Without markup, punctuation and spaces, so that a touched-up placeholder is still untouched."""
    return re.sub(r"\W+", " ", text).strip().casefold()
