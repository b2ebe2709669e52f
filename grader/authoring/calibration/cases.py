"""Which notebooks a criterion's training is measured with, and what the criterion must say of each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from grader.authoring.variants import Variant, apply, load_variants
from grader.criteria.loss_threshold import LossThreshold
from grader.criteria.names import stored_names
from grader.errors import CatalogError
from grader.model.exercise import Exercise
from grader.model.nearest import LIKE, meant_or_known
from grader.model.text import Text, say

Role = Literal["reference", "right", "must_fail", "may_fail", "unrelated"]
"""What a criterion must say: full marks for `reference`, `right` and `unrelated` (a mistake that is another criterion's
to find), no full marks for `must_fail`; of `may_fail` either will do."""

ROLES: tuple[Role, ...] = ("reference", "right", "must_fail", "may_fail", "unrelated")
"""In the order in which they are measured."""

REFERENCE = "reference"


@dataclass(frozen=True)
class Case:
    """One notebook, asked by one criterion."""

    exercise: str
    criterion: str
    name: str
    """The variant's, or `reference`."""
    about: Text | str
    role: Role
    notebook: str
    """nbformat 4 JSON."""

    @property
    def must_pass(self) -> bool:
        """Whether it is to get full marks."""
        return self.role in ("reference", "right", "unrelated")

    @cached_property
    def sha256(self) -> str:
        """Of the notebook."""
        return hashlib.sha256(self.notebook.encode()).hexdigest()


def calibrated(exercise: Exercise) -> tuple[LossThreshold, ...]:
    """The criteria of an exercise whose verdict hangs on where a training starts."""
    return tuple(c for c in exercise.rubric.criteria if isinstance(c, LossThreshold))


def cases_of(exercise: Exercise, criterion: LossThreshold, reference: Path) -> tuple[Case, ...]:
    """The reference, every right variant, and each mistake that touches the training, in the order of `ROLES`.

    A mistake touches it when its file names the criterion (`criterion` or `also`), or when it changes a cell that
    defines a name that the criterion requires. `reference` is the folder of all exercises.
    Raises: CatalogError when a variant cannot be read, or put into the reference.
    """
    folder = reference / exercise.id
    cells = defining_cells(exercise.reference, criterion.requires)
    found: list[tuple[Role, Variant]] = [("right", v) for v in load_variants(folder / "right")]
    for variant in load_variants(folder / "mistakes"):
        if variant.criterion == criterion.id:
            found.append(("must_fail", variant))
        elif criterion.id in variant.also:
            found.append(("may_fail", variant))
        elif cells & set(variant.cells):
            found.append(("unrelated", variant))
    made = [
        Case(exercise.id, criterion.id, v.name, v.about, role, apply(exercise.reference, v))
        for role, v in found
    ]
    own = Case(
        exercise.id,
        criterion.id,
        REFERENCE,
        say("The teacher's own solution."),
        "reference",
        exercise.reference,
    )
    return tuple(sorted((own, *made), key=lambda case: ROLES.index(case.role)))


def chosen(cases: Sequence[Case], only: Sequence[str]) -> tuple[Case, ...]:
    """Those of these names, or of these roles; all where none is named.

    Raises: CatalogError when there is no such variant, with the nearest.
    """
    known = {case.name for case in cases} | {case.role for case in cases}
    for name in only:
        if name not in known:
            hint = meant_or_known(name, sorted(known), like=LIKE)
            raise CatalogError(
                say(
                    "--only {name}: no variant of this name touches the training; {hint}",
                    name=name,
                    hint=hint,
                )
            )
    return tuple(case for case in cases if not only or {case.name, case.role} & set(only))


def defining_cells(notebook: str, names: Sequence[str]) -> set[str]:
    """Grade ids of the code cells that define one of these names at their top level."""
    return {grade_id for grade_id, defined in _definitions(notebook) if defined & set(names)}


def _definitions(notebook: str) -> Iterator[tuple[str, set[str]]]:
    for cell in json.loads(notebook)["cells"]:
        grade_id = cell.get("metadata", {}).get("nbgrader", {}).get("grade_id")
        if cell["cell_type"] != "code" or grade_id is None:
            continue
        yield grade_id, stored_names("".join(cell["source"]))
