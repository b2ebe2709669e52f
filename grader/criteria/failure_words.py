"""How to speak of code that failed: its error, the place of it, and how its cell ended."""

from __future__ import annotations

import re

from grader.model.execution import CellRun, Ending
from grader.model.probe import Observation, RaisedError
from grader.model.text import Text, say
from grader.model.verdict import Verdict

NOT_FILLED_IN = "NotImplementedError"
"""What the handout's answer cells raise until a student fills them in."""

_TORCHS_OWN = r"is missing the required|Could not run '|not implemented for|aten::"

VERDICT_OF_ENDING: dict[Ending, Verdict] = {
    "raised": Verdict.RUN_TIME_ERROR,
    "time_limit_exceeded": Verdict.TIME_LIMIT_EXCEEDED,
    "memory_limit_exceeded": Verdict.MEMORY_LIMIT_EXCEEDED,
    "process_limit_exceeded": Verdict.PROCESS_LIMIT_EXCEEDED,
    "disk_limit_exceeded": Verdict.DISK_LIMIT_EXCEEDED,
    "output_limit_exceeded": Verdict.OUTPUT_LIMIT_EXCEEDED,
    "kernel_died": Verdict.RUN_TIME_ERROR,
}
"""The verdict that goes with how an execution or a cell ended."""
_DECIMALS = re.compile(r"[-+]?\d+\.\d*(?:[eE][-+]?\d+)?|[-+]?\d+[eE][-+]?\d+")


def is_unfilled(name: str, message: str) -> bool:
    """Whether an error is the handout's own; PyTorch raises the same class for what it cannot do."""
    return name == NOT_FILLED_IN and not re.search(_TORCHS_OWN, message)


def staff_words(observation: Observation) -> str:
    """All that is known of an observation that failed, for the staff's note."""
    lines = [f"{observation.probe}: {observation.outcome}"]
    if observation.error is not None:
        lines.append(f"{observation.error.name}: {observation.error.message}")
        lines.append(observation.error.traceback)
    lines += [observation.missing or "", observation.detail, *observation.warnings]
    return "\n".join(line for line in lines if line)


def error_words(name: str, message: str) -> str:
    """An error for the student: its numbers with decimals are left out, for they may be hidden inputs."""
    first_line = _DECIMALS.sub("…", message.strip().partition("\n")[0])
    short = first_line if len(first_line) <= 200 else first_line[:199] + "…"
    return f"{name}: {short}" if short else name


def raised_words(error: RaisedError) -> Text:
    """The error of a question, for the student."""
    if error.withheld:
        return say(
            "{error}: its message is not shown, because it may contain the question's hidden inputs",
            error=error.name,
        )
    return say("{error}", error=error_words(error.name, error.message))


def where_raised(error: RaisedError) -> Text | None:
    """The place of an error in the student's notebook, where known; cells are counted from 1."""
    if error.cell is None or error.line is None:
        return None
    return say(
        "Cell {cell} of the notebook, line {line}: {code}",
        cell=error.cell + 1,
        line=error.line,
        code=error.source_line.strip(),
    )


def ending_words(run: CellRun) -> Text:
    """How a cell ended, in a few words."""
    match run.ended:
        case "raised" if run.error is not None:
            return say("{error}", error=error_words(run.error.name, run.error.message))
        case "time_limit_exceeded":
            return say("the time limit was reached")
        case "memory_limit_exceeded":
            return say("the memory limit was reached")
        case "process_limit_exceeded":
            return say("the limit on processes was reached")
        case "disk_limit_exceeded":
            return say("the limit on files was reached")
        case "output_limit_exceeded":
            return say("the limit on printed output was reached")
        case "kernel_died":
            return say("the kernel died")
        case _:
            return say("the cell stopped")
