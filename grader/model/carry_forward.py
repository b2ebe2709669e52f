"""Follow-through marks: names that a rubric lets be put right, so that one slip is paid once.

Where a task fails, the tasks that rest on it fail with it. A `CarryForward` names what of the task others use; those
tasks are judged once more with the reference's version of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from grader.model.base import Frozen
from grader.model.nearest import did_you_mean
from grader.model.text import say

Share = Annotated[Decimal, Field(gt=0, le=1, max_digits=3, decimal_places=2)]
CarriedName = Annotated[str, Field(pattern=r"^[^\W\d]\w*(\.[^\W\d]\w*)?$")]


class CarryForward(Frozen):
    """What of one task is put right where it failed, and what the tasks that rest on it are paid then."""

    task: str
    """The task that defines the names."""
    names: tuple[CarriedName, ...] = Field(min_length=1)
    """What an answer cell of the reference defines: `mse`, or a method as `LitXOR.training_step`."""
    pays: Mapping[str, Share] = Field(min_length=1)
    """Task that rests on the names to the share of its points that is paid, above 0 and at most 1."""


def check_carry_forward(entries: Sequence[CarryForward], tasks: Sequence[str]) -> None:
    """Whether the entries fit the rubric's tasks, given in their order. Raises ValueError with words of ours."""
    for place, entry in enumerate(entries):
        _check_task(entry.task, tasks, "carry_forward.task")
        if entry.task in (other.task for other in entries[:place]):
            raise ValueError(say("carry_forward: two entries have the task '{task}'", task=entry.task))
        key = f"carry_forward.{entry.task}.pays"
        for task in entry.pays:
            _check_task(task, tasks, key)
    circle = _circle({entry.task: tuple(entry.pays) for entry in entries})
    if circle is not None:
        raise ValueError(say("carry_forward: '{task}' would rest on itself", task=circle))
    twice = _twice(name for entry in entries for name in entry.names)
    if twice is not None:
        raise ValueError(say("carry_forward: the name '{name}' stands there twice", name=twice))


def _check_task(task: str, tasks: Sequence[str], key: str) -> None:
    if task not in tasks:
        raise ValueError(
            say(
                "{key}: '{task}' is not one of {known}{hint}",
                key=key,
                task=task,
                known=", ".join(tasks),
                hint=did_you_mean(task, tasks),
            )
        )


def _circle(resting: Mapping[str, Sequence[str]]) -> str | None:
    """A task that rests on itself, at once or through others."""
    for task in resting:
        reached, open_ = set[str](), list(resting[task])
        while open_:
            other = open_.pop()
            if other == task:
                return task
            if other not in reached:
                reached.add(other)
                open_ += resting.get(other, ())
    return None


def _twice(names: Iterable[str]) -> str | None:
    """The first name that comes again: by itself, or as a method of a class that is named whole."""
    seen: set[str] = set()
    for name in names:
        owner = name.partition(".")[0]
        methods = any(other.partition(".")[0] == name for other in seen)
        if name in seen or (owner != name and owner in seen) or methods:
            return name
        seen.add(name)
    return None
