"""Which exercise a notebook is: by what its metadata says, else by its file's name, else by its content."""

from __future__ import annotations

import ast
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from grader.intake.names import compact, without_number
from grader.model.exercise import Exercise

_ENOUGH = 0.4
_LEAD = 0.2


@dataclass(frozen=True)
class Match:
    """The exercise, or those that it might be."""

    exercise: str | None
    candidates: tuple[str, ...] = ()
    """When it is ambiguous; empty when nothing fits."""
    by_content: bool = False
    """Whether only the content told."""


class Matcher:
    """Knows all exercises of a run."""

    def __init__(self, exercises: Sequence[Exercise]) -> None:
        """Read names and contents of the exercises once."""
        self._ids = [exercise.id for exercise in exercises]
        self.compact_ids = frozenset(compact(exercise.id) for exercise in exercises)
        self._features = _distinctive({e.id: _features_of_exercise(e) for e in exercises})
        self._titles = {e.id: {compact(e.rubric.title.fr), compact(e.rubric.title.en)} for e in exercises}

    def match(self, notebook: Mapping[str, Any] | None, names: Iterable[str]) -> Match:
        """Decide; `names` are the file's name and its folders' names, the most telling first."""
        if notebook is not None:
            told = _told_by_metadata(notebook)
            if told in self._ids:
                return Match(told)
        unsure: tuple[str, ...] = ()
        for name in names:
            found = self._by_name(name)
            if len(found) == 1:
                return Match(found[0])
            unsure = unsure or found
        if notebook is None:
            return Match(None, unsure)
        by_content = self._by_content(notebook, unsure)
        return by_content if by_content.exercise or by_content.candidates else Match(None, unsure)

    def _by_name(self, name: str) -> tuple[str, ...]:
        shown = compact(name)
        for keys in (self._whole_id, self._id_without_number, self._titles.__getitem__):
            hits = {
                i: max((len(k) for k in keys(i) if len(k) > 2 and k in shown), default=0) for i in self._ids
            }
            longest = max(hits.values(), default=0)
            if longest:
                return tuple(i for i, length in hits.items() if length == longest)
        return ()

    @staticmethod
    def _whole_id(exercise: str) -> set[str]:
        return {compact(exercise)}

    @staticmethod
    def _id_without_number(exercise: str) -> set[str]:
        return {without_number(compact(exercise))}

    def _by_content(self, notebook: Mapping[str, Any], among: tuple[str, ...]) -> Match:
        features = _features(notebook)
        shares = {i: _share(features, self._features[i]) for i in among or self._ids}
        ranked = sorted(shares, key=lambda i: (-shares[i], i))
        if not ranked or shares[ranked[0]] < _ENOUGH:
            return Match(None)
        close = [i for i in ranked if shares[ranked[0]] - shares[i] < _LEAD]
        return Match(ranked[0], by_content=True) if len(close) == 1 else Match(None, tuple(sorted(close)))


@dataclass(frozen=True)
class _Features:
    """What tells a notebook from others."""

    grade_ids: frozenset[str]
    names: frozenset[str]
    texts: frozenset[str]

    def families(self) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        return self.grade_ids, self.names, self.texts


def _told_by_metadata(notebook: Mapping[str, Any]) -> str:
    ours = notebook.get("metadata", {}).get("grade")
    told = ours.get("exercise") if isinstance(ours, dict) else None
    return told if isinstance(told, str) else ""


def _features_of_exercise(exercise: Exercise) -> _Features:
    handout = _features(json.loads(exercise.handout))
    return _Features(handout.grade_ids, _features(json.loads(exercise.reference)).names, handout.texts)


def _features(notebook: Mapping[str, Any]) -> _Features:
    cells = notebook["cells"]
    texts = ["".join(cell["source"]) for cell in cells]
    code = [text for text, cell in zip(texts, cells, strict=True) if cell["cell_type"] == "code"]
    return _Features(
        frozenset(_grade_ids(cells)),
        frozenset(name for text in code for name in _defined(text)),
        frozenset(short for text in texts if len(short := "".join(text.split())) > 20),
    )


def _grade_ids(cells: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for cell in cells:
        ours = cell.get("metadata", {}).get("nbgrader")
        if isinstance(ours, dict) and isinstance(ours.get("grade_id"), str):
            yield ours["grade_id"]


def _defined(code: str) -> Iterator[str]:
    kept = "\n".join("pass" if line.startswith(("%", "!")) else line for line in code.splitlines())
    try:
        body = ast.parse(kept).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            yield node.name


def _distinctive(features: Mapping[str, _Features]) -> dict[str, _Features]:
    """What only one exercise has; a function and its cell may bear one name."""
    counts = Counter(
        (kind, item) for f in features.values() for kind, family in enumerate(f.families()) for item in family
    )
    return {
        exercise: _Features(
            *(
                frozenset(item for item in family if counts[kind, item] == 1)
                for kind, family in enumerate(f.families())
            )
        )
        for exercise, f in features.items()
    }


def _share(found: _Features, expected: _Features) -> float:
    pairs = zip(found.families(), expected.families(), strict=True)
    return max((len(have & want) / len(want) for have, want in pairs if want), default=0.0)
