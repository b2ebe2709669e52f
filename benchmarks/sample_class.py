"""A class to measure with: right variants and mistakes of the exercises, the same for the same seed."""

from __future__ import annotations

import random
from pathlib import Path
from typing import NamedTuple

from grader.authoring.variants import Variant, apply, load_variants

ROOT = Path(__file__).parent.parent
EXERCISES = ("03_XOR_pytorch", "03_XOR_lightning")
SHARE_RIGHT = 0.6


class HandedIn(NamedTuple):
    """One student's one notebook."""

    student: str
    exercise: str
    variant: Variant | None
    """None for the reference itself."""
    notebook: str
    """nbformat 4 JSON."""


def reference_of(exercise: str) -> str:
    """The reference notebook's text."""
    return (ROOT / "reference" / exercise / f"{exercise}.ipynb").read_text(encoding="utf-8")


def class_of(students: int, *, seed: int, exercises: tuple[str, ...] = EXERCISES) -> list[HandedIn]:
    """Every student hands in every exercise; three in five notebooks are right."""
    return [
        HandedIn(f"student-{number:03}", exercise, variant, _with(reference_of(exercise), variant))
        for exercise in exercises
        for number, variant in enumerate(_variants(exercise, students, seed))
    ]


def write_class(notebooks: list[HandedIn], folder: Path) -> None:
    """As `folder/<student>/<exercise>.ipynb`."""
    for notebook in notebooks:
        path = folder / notebook.student / f"{notebook.exercise}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(notebook.notebook, encoding="utf-8")


def _variants(exercise: str, count: int, seed: int) -> list[Variant | None]:
    chance = random.Random(f"{seed}/{exercise}")
    folder = ROOT / "reference" / exercise
    right: list[Variant | None] = [None, *load_variants(folder / "right")]
    wrong: list[Variant | None] = list(load_variants(folder / "mistakes"))
    many = round(SHARE_RIGHT * count)
    chosen = _drawn(chance, right, many) + _drawn(chance, wrong, count - many)
    chance.shuffle(chosen)
    return chosen


def _drawn(chance: random.Random, pool: list[Variant | None], count: int) -> list[Variant | None]:
    """Each once before any comes twice."""
    rounds = -(-count // len(pool))
    return [variant for _ in range(rounds) for variant in chance.sample(pool, len(pool))][:count]


def _with(reference: str, variant: Variant | None) -> str:
    return reference if variant is None else apply(reference, variant)
