"""Finds the cell that a judgement speaks of, where the criterion itself did not name one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from grader.criteria.names import stored_names
from grader.model.evidence import SourceCell
from grader.model.judgement import Judgement
from grader.model.probe import Probe
from grader.model.text import Text, say
from grader.model.verdict import Verdict


def placed(
    judgement: Judgement,
    task: str,
    probes: Iterable[Probe],
    source: Sequence[SourceCell],
    handout: Mapping[str, str],
) -> Judgement:
    """The same judgement, with its cell; and with words for the place, where something is to be mended there.

    It is the last cell that gives the name that was asked for, where the handout's cell of the task gives that
    name too or the task has no cell of its own; else the task's own cell, known by its grade id.
    """
    if judgement.cell is not None:
        return judgement
    names = tuple(dict.fromkeys(name for probe in probes for name in probe.requires))
    asked = top_level_names(handout[task]) if task in handout else None
    for name in reversed(names):
        if asked is None or name in asked:
            cell = _last(c.index for c in source if c.kind == "code" and name in top_level_names(c.text))
            if cell is not None:
                words = say("`{name}`, in cell {cell} of the notebook", name=name, cell=cell + 1)
                return _at(judgement, cell, words)
    cell = _last(c.index for c in source if c.grade_id == task)
    return (
        judgement if cell is None else _at(judgement, cell, say("Cell {cell} of the notebook", cell=cell + 1))
    )


@lru_cache(maxsize=2000)
def top_level_names(text: str) -> frozenset[str]:
    """The notebook's own names that a cell gives a value: not those inside its functions and classes."""
    return frozenset(stored_names(text))


def _last(cells: Iterable[int]) -> int | None:
    return max(cells, default=None)


def _at(judgement: Judgement, cell: int, where: Text) -> Judgement:
    to_mend = judgement.score != 1 and judgement.verdict is not Verdict.SKIPPED
    words = where if to_mend and judgement.where is None else judgement.where
    return judgement.model_copy(update={"cell": cell, "where": words})
