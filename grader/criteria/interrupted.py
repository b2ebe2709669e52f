"""State that an interrupted cell left: names that it would have given a value may be of two trainings.

What comes in: a judgement about what a notebook left, and the names that it is about. What goes out: the same
judgement; where it takes all points, and a cell that makes a name did not run to its end, this is told in the place of
a cause.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from grader.criteria.failure_words import VERDICT_OF_ENDING, is_unfilled
from grader.criteria.names import stored_names
from grader.model.evidence import Evidence
from grader.model.execution import CellRun
from grader.model.judgement import Judgement
from grader.model.notebook_code import parse
from grader.model.text import Text, say

GROWS = ("append", "extend", "insert")
"""Methods by which a list that another cell made gets longer."""


def told_as_interrupted(judgement: Judgement, names: Sequence[str], evidence: Evidence) -> Judgement:
    """The judgement, in the words for an interrupted cell where one makes these names."""
    run, made = _interrupted(names, evidence)
    if judgement.score != 0 or run is None:
        return judgement
    return judgement.model_copy(
        update={
            "verdict": VERDICT_OF_ENDING[run.ended],
            "summary": _summary(run, ", ".join(f"`{name}`" for name in made)),
            "where": say("Cell {cell} of the notebook", cell=run.index + 1),
            "look_at": say("Put that cell right first, then run the notebook from the top."),
            "staff_note": f"{judgement.staff_note}\ncell {run.index + 1}: {run.ended}".strip(),
            "cell": run.index,
        }
    )


def _summary(run: CellRun, names: str) -> Text:
    if run.ended == "raised":
        return say(
            "The cell that makes {names} raised an error: what is left may be of two trainings.", names=names
        )
    if run.ended == "time_limit_exceeded":
        return say(
            "The cell that makes {names} was stopped by its time limit: what is left may be of two trainings.",
            names=names,
        )
    return say("The cell that makes {names} was stopped: what is left may be of two trainings.", names=names)


def _interrupted(names: Sequence[str], evidence: Evidence) -> tuple[CellRun | None, list[str]]:
    """The last cell that gives one of the names its value, where it did not run to its end; and which these are."""
    texts = {cell.index: cell.text for cell in evidence.source}
    last: dict[str, CellRun] = {}
    for run in evidence.execution.cells:
        last |= dict.fromkeys(_made(texts.get(run.index, "")), run)
    for run in reversed(evidence.execution.cells):
        made = [name for name in names if last.get(name) is run]
        if made and run.ended != "completed" and not _is_unfilled(run):
            return run, made
    return None, []


def _is_unfilled(run: CellRun) -> bool:
    return run.error is not None and is_unfilled(run.error.name, run.error.message)


def _made(text: str) -> set[str]:
    """The names that a cell gives a value, and the lists that it lets grow."""
    tree = parse(text)
    return set() if tree is None else stored_names(text) | set(_grown(tree))


def _grown(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=attr)) if attr in GROWS:
                yield name
