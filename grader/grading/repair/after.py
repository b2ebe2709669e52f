"""What only a run tells: given cells that were changed and fail, copies that fail where another runs, missing names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from grader.criteria.failure_words import NOT_FILLED_IN
from grader.grading.repair import words
from grader.grading.repair.code import bound, defined, is_same_code, plain
from grader.grading.repair.copies import said_twice
from grader.grading.repair.given import place_of, put_back_after
from grader.grading.repair.handout import Handout, HandoutCell, read_handout
from grader.grading.repair.notebook import Cell, Notebook
from grader.grading.repair.recognising import holds
from grader.grading.repair.repair import Repaired
from grader.model.execution import CellRun, Execution
from grader.model.exercise import Exercise
from grader.model.finding import Finding
from grader.model.text import say

_NOT_DEFINED = re.compile(r"name '(\w+)' is not defined")
_FRAME = re.compile(r"Cell In\[(\d+)\]")


def repair_after(exercise: Exercise, repaired: Repaired, execution: Execution) -> Repaired | None:
    """The notebook to run once more in its place, in a fresh kernel; None where the run may stand.

    Where there is no time for that, the text is the same, and the findings say so.
    """
    if not exercise.rubric.repair or execution.first_failure is None:
        return None
    notebook, handout = Notebook(repaired.text), read_handout(exercise.handout)
    runs = {run.index: run for run in execution.cells}
    found = [
        *_changed(notebook, handout, runs),
        *_copied(notebook, handout, runs),
        *_missed(notebook, handout, runs),
    ]
    if not found:
        return None
    text = notebook.written
    spared = sum(run.wall_s for run in runs.values() if run.ended not in ("completed", "raised"))
    if 2 * execution.wall_s - spared > exercise.rubric.limits.total_s:
        text = repaired.text
        found = [one.model_copy(update={"done": words.NO_TIME}) for one in found]
    told = {(one.kind, one.grade_id) for one in found}
    kept = tuple(one for one in repaired.findings if (one.kind, one.grade_id) not in told)
    return replace(repaired, text=text, findings=(*kept, *found))


def _changed(notebook: Notebook, handout: Handout, runs: Mapping[int, CellRun]) -> Iterator[Finding]:
    """The one handed out is run after a changed one that raised, and in place of one that had to be stopped."""
    for cell in notebook.code:
        given = handout.by_grade_id.get(cell.grade_id or "")
        run = runs.get(cell.place)
        if given is None or not given.is_given or cell.mark == "put_back" or run is None or run.intended:
            continue
        if run.ended == "completed" or is_same_code(cell.text, given.text):
            continue
        if holds(cell, given) and (run.ended == "raised" or defined(cell.text) - given.defined):
            continue
        if run.ended == "raised" and _is_the_answers_fault(run, given, handout):
            continue
        put_back_after(notebook, given, cell)
        if run.ended == "raised":
            name = run.error.name if run.error is not None else ""
            done = say("Your version stops with {error}: the one handed out was run after it.", error=name)
            cell.mark_as(None)
            cell.may_fail()
            cell.note("superseded")
        else:
            done = say("Your version had to be stopped: the one handed out was run in its place.")
            cell.set_aside()
        told = say("The given cell `{id}` was changed.", id=given.key)
        yield words.finding("given_changed", told, done, asked=given, cell=cell)


def _is_the_answers_fault(run: CellRun, given: HandoutCell, handout: Handout) -> bool:
    """Whether an answer that the given cell calls is what stopped it, so that the one handed out would stop, too."""
    if not given.needs - handout.given_names or run.error is None:
        return False
    frames = _FRAME.findall(run.error.traceback)
    missing = _NOT_DEFINED.search(run.error.message) if run.error.name == "NameError" else None
    is_absent = missing is not None and missing[1] in given.needs
    return run.error.name == NOT_FILLED_IN or len(set(frames)) > 1 or is_absent


def _copied(notebook: Notebook, handout: Handout, runs: Mapping[int, CellRun]) -> Iterator[Finding]:
    """A last copy that fails is set aside where one before it runs."""
    for asked in handout.by_grade_id.values():
        cells = [c for c in notebook.code if c.grade_id == asked.grade_id and plain(c.text)]
        if not asked.is_answer or len(cells) < 2 or not _failed(cells[-1], runs):
            continue
        names = defined(cells[-1].text) or bound(cells[-1].text)
        good = [c for c in cells[:-1] if not _failed(c, runs) and names & bound(c.text)]
        if not good:
            continue
        done = say(
            "Cell {cell} stops with an error: it was not run, and cell {good} counts.",
            cell=cells[-1].place + 1,
            good=good[-1].place + 1,
        )
        told = said_twice(asked, cells)
        cells[-1].set_aside()
        yield words.finding("copied", told, done, asked=asked, cell=cells[-1])


def _failed(cell: Cell, runs: Mapping[int, CellRun]) -> bool:
    run = runs.get(cell.place)
    return run is not None and run.ended != "completed" and not run.intended


def _missed(notebook: Notebook, handout: Handout, runs: Mapping[int, CellRun]) -> Iterator[Finding]:
    """Given cells that were left out, and whose names a cell missed."""
    missed = {
        match[1]
        for run in runs.values()
        if run.error is not None and run.error.name == "NameError" and not run.intended
        if (match := _NOT_DEFINED.search(run.error.message))
    }
    there = {cell.grade_id for cell in notebook.cells}
    given_names = frozenset().union(*(bound(cell.text) for cell in notebook.code))
    for given in handout.cells:
        if not given.is_given or given.grade_id in there or any(holds(c, given) for c in notebook.code):
            continue
        if missed & given.bound - given_names:
            notebook.put_back(given, before=place_of(given, notebook, handout))
            told = say("The given cell `{id}` is missing.", id=given.key)
            yield words.finding("given_missing", told, words.PUT_BACK, asked=given)
