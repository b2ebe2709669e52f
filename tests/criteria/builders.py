"""Small builders of evidence for the tests of criteria: values, observations, cells, executions, criteria.

`answered("predict.values/0", np.zeros((4, 1)))` is an observation; `evidence(student=[…], reference=[…])` is
what a criterion judges; `make(MatchesReference, call="f(x)")` is a criterion with the common keys filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

import numpy as np

from grader.model.evidence import Evidence, SourceCell
from grader.model.execution import CellError, CellRun, Ending, Execution
from grader.model.probe import (
    Entries,
    Items,
    Leaf,
    Nothing,
    Observation,
    Opaque,
    RaisedError,
    Value,
    Words,
)
from grader.model.rubric import Criterion
from grader.model.text import Bilingual, Text

C = TypeVar("C", bound=Criterion)


def make(kind: type[C], **parameters: Any) -> C:
    """A criterion of one point, `task.word`, with these parameters."""
    common = {
        "id": "task.word",
        "task": "task",
        "kind": re.sub(r"(?<!^)([A-Z])", r"_\1", kind.__name__).lower(),
        "points": 1,
        "title": {"fr": "Titre", "en": "Title"},
    }
    return kind.model_validate(common | parameters)


def leaf(array: Any, made_of: str = "Tensor", requires_grad: bool = False) -> Leaf:
    """One array as it comes back from a kernel; Python floats become float32, as torch would make them."""
    given = np.asarray(array)
    if not isinstance(array, np.ndarray | np.generic) and given.dtype == np.float64:
        given = given.astype(np.float32)
    return Leaf(array=given, made_of=made_of, requires_grad=requires_grad)


def value(thing: Any) -> Value:
    """A value as the agent in the kernel would encode it; numpy arrays stand for tensors."""
    if isinstance(thing, Leaf | Items | Entries | Words | Nothing | Opaque):
        return thing
    if thing is None:
        return Nothing()
    if isinstance(thing, str):
        return Words(text=thing)
    if isinstance(thing, dict):
        return Entries(entries={name: value(item) for name, item in thing.items()})
    if isinstance(thing, bool | int | float):
        return Leaf(array=np.asarray(thing), made_of=type(thing).__name__)
    if isinstance(thing, list | tuple):
        container = "list" if isinstance(thing, list) else "tuple"
        if thing and all(isinstance(item, int | float) for item in thing):
            return Leaf(array=np.asarray(thing), made_of=f"{container} of {type(thing[0]).__name__}")
        return Items(container=container, items=tuple(value(item) for item in thing))
    return leaf(thing)


def answered(probe: str, thing: Any) -> Observation:
    return Observation(probe=probe, outcome="answered", value=value(thing))


def answers(criterion: Criterion, *things: Any) -> list[Observation]:
    """Answers to the probes `<id>/0`, `<id>/1`, …"""
    return [answered(f"{criterion.id}/{index}", thing) for index, thing in enumerate(things)]


def raised(probe: str, name: str, message: str = "", **where: Any) -> Observation:
    return Observation(probe=probe, outcome="raised", error=RaisedError(name=name, message=message, **where))


def missing(probe: str, name: str, defined: Iterable[str] = ()) -> Observation:
    return Observation(probe=probe, outcome="missing", missing=name, defined=tuple(defined))


def cells(*texts: str, grade_ids: Iterable[str | None] = ()) -> tuple[SourceCell, ...]:
    """Code cells; a text that starts with `md:` is a markdown cell."""
    ids = [*grade_ids, *[None] * len(texts)]
    return tuple(
        SourceCell(
            kind="markdown" if text.startswith("md:") else "code",
            index=index,
            grade_id=ids[index],
            text=text.removeprefix("md:"),
        )
        for index, text in enumerate(texts)
    )


def execution(*runs: CellRun, detail: Text | None = None) -> Execution:
    """How a notebook went; it completed unless one of the runs says otherwise."""
    failed = [run for run in runs if run.ended != "completed" and not run.intended]
    ended: Ending = failed[0].ended if failed else "completed"
    return Execution(ended=ended, cells=runs, notebook="{}", tier="none", detail=detail)


def cell_raised(index: int, name: str, message: str = "", intended: bool = False) -> CellRun:
    error = CellError(name=name, message=message, traceback=f"Traceback\n{name}: {message}")
    return CellRun(index=index, ended="raised", error=error, intended=intended)


def evidence(
    student: Iterable[Observation] = (),
    reference: Iterable[Observation] = (),
    *,
    source: tuple[SourceCell, ...] = (),
    handout: Mapping[str, str] | None = None,
    ran: Execution | None = None,
) -> Evidence:
    return Evidence(
        execution=ran or execution(),
        source=source,
        handout=handout or {},
        answers={o.probe: o for o in student},
        reference={o.probe: o for o in reference},
    )


def words(judgement: Any) -> str:
    """All that the student reads, in English."""
    from grader.i18n import render

    texts: list[Text | Bilingual | None] = [
        judgement.summary,
        judgement.expected,
        judgement.got,
        judgement.where,
        judgement.look_at,
    ]
    return " ".join(render(text, "en") for text in texts if text is not None)
