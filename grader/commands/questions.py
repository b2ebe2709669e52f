"""A probe and its answers, in lines for the terminal; arrays are cut short."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.i18n import render
from grader.model.probe import Entries, Items, Leaf, Nothing, Observation, Opaque, Value, Words
from grader.model.text import Language, say
from grader.reports.words import colon

if TYPE_CHECKING:
    from grader.grading import Question

_NUMBERS = 12
"""Of an array that are shown; the rest is in `--json`."""


def rule_lines(value: Any, name: str = "") -> Iterator[str]:
    """A criterion's parameters, code line by line, what lies in tables and lists below its name."""
    if isinstance(value, str) and "\n" in value.strip():
        yield f"{name} ="
        yield from (f"    {line}" for line in value.strip().splitlines())
    elif isinstance(value, dict) and (
        not name or any(isinstance(v, dict | list | str) for v in value.values())
    ):
        for key, item in value.items():
            yield from rule_lines(item, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list) and any(isinstance(item, dict) or "\n" in str(item) for item in value):
        for number, item in enumerate(value, start=1):
            yield from rule_lines(item, f"{name}[{number}]")
    else:
        yield f"{name} = {value!r}"


def question_lines(question: Question, language: Language) -> Iterator[str]:
    """The code that was run in the kernel, its inputs, the student's answer and the reference's."""
    probe = question.probe
    yield from probe.code.strip().splitlines()
    for name, array in probe.inputs.items():
        yield f"{name} = {array_words(array)}"
    for name, value in probe.arguments.items():
        yield f"{name} = {value!r}"
    for label, observation in ((say("Student"), question.answer), (say("Reference"), question.reference)):
        words = answer_words(observation) if observation else render(say("not asked"), language)
        yield f"{render(label, language)}{colon(language)} {words}"


def answer_words(observation: Observation) -> str:
    """How one probe went, in one line or a few."""
    lines = [f"{observation.outcome} ({observation.wall_s:.3f} s)"]
    if observation.value is not None:
        lines[0] += f" {value_words(observation.value)}"
    if observation.missing is not None:
        lines.append(f"missing: {observation.missing}")
    if observation.error is not None:
        lines += [f"{observation.error.name}: {observation.error.message}", observation.error.traceback]
    lines += [*observation.warnings, observation.detail]
    return "\n".join(line for line in lines if line)


def value_words(value: Value) -> str:
    """A value that came through the wall."""
    match value:
        case Leaf(array=array, made_of=made_of, requires_grad=requires_grad, device=device):
            grad = ", requires_grad" if requires_grad else ""
            where = "" if device == "cpu" else f", {device}"
            return f"{made_of} {array_words(array)}{grad}{where}"
        case Items(container=container, items=items):
            return f"{container} of {len(items)}: " + "; ".join(
                value_words(item) for item in items[:_NUMBERS]
            )
        case Entries(entries=entries):
            shown = list(entries.items())[:_NUMBERS]
            return "{" + "; ".join(f"{key}: {value_words(item)}" for key, item in shown) + "}"
        case Words(text=text):
            return repr(text)
        case Opaque(class_name=name):
            return f"<{name}>"
        case Nothing():
            return "None"


def array_words(array: np.ndarray[Any, Any]) -> str:
    """Type, shape, and the first numbers."""
    shape = ", ".join(str(size) for size in array.shape)
    numbers = np.array2string(array, precision=6, threshold=_NUMBERS, edgeitems=3, separator=", ")
    return f"{array.dtype.name} [{shape}] {' '.join(numbers.split())}"
