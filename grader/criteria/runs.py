"""`runs`: every cell runs from a fresh kernel; else the first error that was not meant, in plain words."""

from __future__ import annotations

import re
from typing import Literal

from grader.criteria.explain import Explanation, explain
from grader.criteria.failure_words import VERDICT_OF_ENDING, ending_words, is_unfilled
from grader.criteria.outcomes import accepted, failed
from grader.model.evidence import Evidence
from grader.model.execution import CellRun
from grader.model.judgement import Judgement
from grader.model.rubric import Criterion
from grader.model.text import Text, say
from grader.model.verdict import Verdict

EVERY_CELL_RUNS = say("every cell runs when the notebook is run from the top")


class Runs(Criterion):
    """The notebook runs from top to bottom in a fresh kernel."""

    kind: Literal["runs"] = "runs"

    def judge(self, evidence: Evidence) -> Judgement:
        """Name the first cell that failed without meaning to, and why."""
        execution = evidence.execution
        first = execution.first_failure
        if first is None and execution.ended == "completed":
            return accepted(say("All cells run, from the first to the last."))
        if first is None:
            return failed(
                VERDICT_OF_ENDING.get(execution.ended, Verdict.RUN_TIME_ERROR),
                say("The notebook did not run to its end."),
                expected=EVERY_CELL_RUNS,
                got=execution.detail,
                hint=self.hint,
            )
        explained = _explain(first)
        return failed(
            _verdict(first),
            explained.summary,
            expected=EVERY_CELL_RUNS,
            got=_got(first, evidence),
            where=_where(first, evidence),
            hint=explained.look_at or self.hint,
            staff_note=_staff_note(evidence),
            cell=first.index,
        )


def _verdict(run: CellRun) -> Verdict:
    if run.error is not None and is_unfilled(run.error.name, run.error.message):
        return Verdict.NOT_ATTEMPTED
    return VERDICT_OF_ENDING.get(run.ended, Verdict.RUN_TIME_ERROR)


def _explain(run: CellRun) -> Explanation:
    match run.ended:
        case "time_limit_exceeded":
            return Explanation(
                say("A cell did not come to an end in time, and was stopped."),
                say("Look for a loop that never ends, or for far more epochs than are needed."),
            )
        case "memory_limit_exceeded":
            return Explanation(
                say("A cell used more memory than a notebook may."),
                say(
                    "Look for a list or tensor that grows in a loop, or for shapes that broadcast to a huge one."
                ),
            )
        case "process_limit_exceeded":
            return Explanation(
                say("A cell started more processes or threads than a notebook may."),
                say("Look for processes or threads that are started in a loop."),
            )
        case "disk_limit_exceeded":
            return Explanation(
                say("A cell wrote more to the disk than a notebook may."),
                say("Look for files that are written in a loop, or that grow without end."),
            )
        case "output_limit_exceeded":
            return Explanation(
                say("The notebook prints far too much."),
                say("Print once in a while, not in every step of a loop."),
            )
        case "kernel_died":
            return Explanation(
                say("The kernel died while a cell ran."),
                say("Look for `exit()`, `quit()`, endless recursion, or memory that is used up."),
            )
        case _:
            return _explain_error(run)


def _explain_error(run: CellRun) -> Explanation:
    if run.error is None:
        return Explanation(say("A cell stopped with an error."))
    if is_unfilled(run.error.name, run.error.message):
        return Explanation(
            say("A cell has not been filled in yet."),
            say("Write your answer in place of the line that raises `NotImplementedError`."),
        )
    known = explain(run.error.name, run.error.message)
    return known or Explanation(say("A cell stops with {error}.", error=run.error.name))


def _got(run: CellRun, evidence: Evidence) -> Text:
    sentence = evidence.execution.detail if run.ended != "raised" else None
    others = sum(1 for c in evidence.execution.cells if c.ended != "completed" and not c.intended) - 1
    if others <= 0:
        return sentence or ending_words(run)
    if sentence is not None:
        return say(
            "{sentence} Further cells that failed, perhaps for the same reason: {count}.",
            sentence=sentence,
            count=others,
        )
    return say(
        "{first}; further cells that failed, perhaps for the same reason: {count}",
        first=ending_words(run),
        count=others,
    )


def _where(run: CellRun, evidence: Evidence) -> Text:
    text = next((cell.text for cell in evidence.source if cell.index == run.index), "")
    line = _line(run, text)
    if line is None:
        return say("Cell {cell} of the notebook", cell=run.index + 1)
    return say(
        "Cell {cell} of the notebook, line {line}: {code}", cell=run.index + 1, line=line[0], code=line[1]
    )


def _line(run: CellRun, text: str) -> tuple[int, str] | None:
    """Number and text of the cell's line that failed: the outermost frame of the traceback."""
    match = re.search(r"Cell In\[\d+\], line (\d+)", run.error.traceback if run.error else "")
    lines = text.splitlines()
    if match is None or not 1 <= int(match[1]) <= len(lines):
        return None
    return int(match[1]), lines[int(match[1]) - 1].strip()


def _staff_note(evidence: Evidence) -> str:
    failures = [c for c in evidence.execution.cells if c.ended != "completed" and not c.intended]
    lines = [f"cell {c.index + 1}: {c.error.name if c.error else c.ended}" for c in failures]
    first = failures[0].error
    return "\n".join([*lines, first.traceback if first is not None else ""]).strip()
