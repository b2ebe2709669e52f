"""A probe and its answers, in lines for the terminal; arrays are cut short."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.i18n import render
from grader.model.probe import Entries, Items, Leaf, Nothing, Observation, Opaque, Value, Words
from grader.model.text import Language, Text, say
from grader.reports.words import colon

if TYPE_CHECKING:
    from grader.grading import Question

_NUMBERS = 12
"""Of an array or a container that are shown; the rest is in `--json`."""
_HOW: dict[str, Text] = {
    "answered": say("answered"),
    "missing": say("a name is missing"),
    "raised": say("stopped with an error"),
    "timed_out": say("did not come to an end in time"),
    "out_of_memory": say("used more memory than allowed"),
    "out_of_processes": say("started more processes than allowed"),
    "out_of_disk": say("wrote more to the disk than allowed"),
    "kernel_died": say("the kernel died"),
    "refused": say("answered what could not be read"),
}


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
        words = answer_words(observation, language) if observation else render(say("not asked"), language)
        yield f"{render(label, language)}{colon(language)} {words}"


def answer_words(observation: Observation, language: Language) -> str:
    """How one probe went, in one line or a few."""
    went = say("{how} ({seconds} s)", how=_HOW[observation.outcome], seconds=round(observation.wall_s, 3))
    lines = [render(went, language)]
    if observation.value is not None:
        lines[0] += f" {value_words(observation.value)}"
    if observation.missing is not None:
        lines.append(render(say("missing: {name}", name=observation.missing), language))
    if observation.error is not None:
        lines += [f"{observation.error.name}: {observation.error.message}", observation.error.traceback]
    lines += [*observation.warnings, observation.detail]
    return "\n".join(line for line in lines if line)


def value_words(value: Value) -> str:
    """A value that came through the wall, written as code is."""
    match value:
        case Leaf(array=array, made_of=made_of, requires_grad=requires_grad, device=device):
            grad = ", requires_grad" if requires_grad else ""
            where = "" if device == "cpu" else f", {device}"
            return f"{made_of} {array_words(array)}{grad}{where}"
        case Items(container=container, items=items):
            return f"{container}({_in_a_row([value_words(item) for item in items])})"
        case Entries(entries=entries):
            return "{" + _in_a_row([f"{key}: {value_words(item)}" for key, item in entries.items()]) + "}"
        case Words(text=text):
            return repr(text)
        case Opaque(class_name=name):
            return f"<{name}>"
        case Nothing():
            return "None"


def _in_a_row(items: Sequence[str]) -> str:
    left = ["…"] if len(items) > _NUMBERS else []
    return "; ".join([*items[:_NUMBERS], *left])


def array_words(array: np.ndarray[Any, Any]) -> str:
    """Type, shape, and the first numbers."""
    shape = ", ".join(str(size) for size in array.shape)
    numbers = np.array2string(array, precision=6, threshold=_NUMBERS, edgeitems=3, separator=", ")
    return f"{array.dtype.name} [{shape}] {' '.join(numbers.split())}"
