"""What a rubric names and the reference must have: cells, names that code defines, tasks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from grader.errors import RubricError
from grader.model.code_names import answer_names, defined_names, used_names
from grader.model.nearest import did_you_mean, nearest
from grader.model.rubric import Criterion, Rubric
from grader.model.text import Text, say

NEAR = 80
"""From 0 to 100: how like a name that the reference defines another must be to be a slip of it, and not one that a
question brings along."""
GIVEN = frozenset(
    (
        "get_parameters",
        "set_parameters",
        "parameter_shapes",
        "figures",
        "device_record",
        "query",
        "theta",
        "epochs",
    )
)
"""What every question can use; see `grader.model.probe`."""
LEAST_LETTERS = 4
"""Shorter names are alike by chance."""


def check_names(rubric: Rubric, reference: str, *, origin: str) -> None:
    """A criterion may only name cells, require names and call functions that the reference has; a run tells the rest.

    `origin` is named in errors. Raises RubricError.
    """
    cells = json.loads(reference)["cells"]
    metadata = [cell.get("metadata", {}) for cell in cells]
    grade_ids = [str(m["nbgrader"]["grade_id"]) for m in metadata if "grade_id" in m.get("nbgrader", {})]
    code = ["".join(cell.get("source", "")) for cell in cells if cell.get("cell_type") == "code"]
    # Names that come from another file are not written here.
    brought_in = any(re.search(r"import \*|^%(run|pylab)\b", cell, re.MULTILINE) for cell in code)
    defined = set() if brought_in else defined_names(code)
    for criterion in rubric.criteria:
        faults = [*_cells(criterion, grade_ids), *([] if brought_in else _names(criterion, defined))]
        if faults:
            raise RubricError(
                say(
                    "{path}: criteria.{criterion}: {fault}",
                    path=origin,
                    criterion=criterion.id,
                    fault=faults[0],
                )
            )
    _check_carried(rubric, cells, origin)
    _check_tasks(metadata, [task.id for task in rubric.tasks], origin)


def _cells(criterion: Criterion, grade_ids: Sequence[str]) -> Iterator[Text]:
    for cell in criterion.named_cells:
        if cell not in grade_ids:
            hint = did_you_mean(cell, grade_ids)
            yield say("the reference has no cell with the grade id '{cell}'{hint}.", cell=cell, hint=hint)


def _names(criterion: Criterion, defined: set[str]) -> Iterator[Text]:
    for name in criterion.required_names:
        if name not in defined:
            hint = did_you_mean(name, defined)
            yield say("requires: the reference's code defines no '{name}'{hint}.", name=name, hint=hint)
    for key, code in criterion.own_code.items():
        for name in sorted(used_names(code) - defined - criterion.given_names - GIVEN):
            meant = nearest(name, defined, like=NEAR) if len(name) >= LEAST_LETTERS else None
            if meant is not None:
                yield say(
                    "{key}: the reference's code defines no '{name}'{hint}.",
                    key=key,
                    name=name,
                    hint=did_you_mean(name, [meant]),
                )


def _check_carried(rubric: Rubric, cells: Sequence[dict[str, Any]], origin: str) -> None:
    """A name that is put right must be what an answer cell of the reference defines."""
    answers = [
        "".join(cell.get("source", ""))
        for cell in cells
        if cell.get("cell_type") == "code" and cell.get("metadata", {}).get("nbgrader", {}).get("solution")
    ]
    defined = {name for answer in answers for name in answer_names(answer)}
    for entry in rubric.carry_forward:
        for name in entry.names:
            if name not in defined:
                raise RubricError(
                    say(
                        "{path}: carry_forward.{task}.names: no answer cell of the reference defines '{name}'{hint}.",
                        path=origin,
                        task=entry.task,
                        name=name,
                        hint=did_you_mean(name, defined),
                    )
                )


def _check_tasks(metadata: Sequence[dict[str, Any]], tasks: Sequence[str], origin: str) -> None:
    for number, one in enumerate(metadata, start=1):
        task = one.get("grade", {}).get("task")
        if task is not None and task not in tasks:
            raise RubricError(
                say(
                    "{path}: cell {cell} of the reference has the task '{task}', which is none of the rubric's{hint}.",
                    path=origin,
                    cell=number,
                    task=str(task),
                    hint=did_you_mean(str(task), tasks),
                )
            )
