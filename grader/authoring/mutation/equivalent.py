"""`reference/<id>/equivalent.toml`: mutants that do what the reference does, or what an exercise lets one do, with why.

    [[mutants]]
    cell = "mse"
    rule = "tensors.transposed"
    line = "return area.sum()"
    why = "The transpose of a scalar is that scalar."

`nth` says which, where several agree in cell, rule and line. One that is not among the mutants any more is an error.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from grader.authoring.mutation.mutants import Mutant, MutantKey
from grader.errors import CatalogError
from grader.model.base import Frozen
from grader.model.file_faults import explain_fault
from grader.model.nearest import nearest
from grader.model.text import say

FILE = "equivalent.toml"


class Equivalent(MutantKey):
    """One entry of the file."""

    why: str = Field(min_length=1)
    """Why no criterion can, or should, tell it from the reference: one English sentence."""

    @property
    def key(self) -> MutantKey:
        """The mutant's key."""
        return MutantKey(cell=self.cell, rule=self.rule, line=self.line, nth=self.nth)


class Equivalents(Frozen):
    """The whole file."""

    mutants: tuple[Equivalent, ...] = ()


def read_equivalents(folder: Path, mutants: Sequence[Mutant]) -> dict[MutantKey, str]:
    """Of an exercise's reference folder: each equivalent mutant with the reason; none where there is no file.

    Raises: CatalogError when the file is broken, or an entry names no mutant, or one twice; with the nearest.
    """
    path = folder / FILE
    if not path.exists():
        return {}
    found: dict[MutantKey, str] = {}
    known = {str(mutant.key): mutant.key for mutant in mutants}
    for place, entry in enumerate(_read(path).mutants, start=1):
        if entry.key not in known.values():
            close = nearest(str(entry.key), known)
            raise CatalogError(
                say(
                    "{path}: mutants, number {place}: there is no mutant '{mutant}' any more:"
                    " take the entry out, or mend it.{hint}",
                    path=str(path),
                    place=place,
                    mutant=str(entry.key),
                    hint=say(" The nearest is '{mutant}'.", mutant=close) if close else "",
                )
            )
        if entry.key in found:
            raise CatalogError(
                say(
                    "{path}: mutants, number {place}: '{mutant}' stands there twice.",
                    path=str(path),
                    place=place,
                    mutant=str(entry.key),
                )
            )
        found[entry.key] = entry.why
    return found


def _read(path: Path) -> Equivalents:
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogError(
            say("{path}: not a readable TOML file: {reason}.", path=str(path), reason=str(error))
        ) from error
    try:
        return Equivalents.model_validate(raw)
    except ValidationError as error:
        fault = explain_fault(error, raw, Equivalents)
        raise CatalogError(say("{path}: {fault}", path=str(path), fault=fault)) from error
