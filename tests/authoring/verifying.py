"""What `grade exercise verify` holds of an exercise, by the functions that it uses, on real kernels."""

from __future__ import annotations

from pathlib import Path

from grader.authoring import verify
from grader.authoring.variants import load_variants
from grader.catalog import read_exercise
from grader.criteria import KINDS
from grader.grading.reference import ask_reference
from grader.model.text import Text


def faults_of(
    folder: Path, id_: str, tier: str, *, variants: frozenset[str] | None = None, ends: bool = True
) -> dict[str, list[Text]]:
    """Notebook's name to what is wrong with its grade, where something is; `variants` names those to try, else all;
    without `ends`, reference and blank are left out."""
    exercise = read_exercise(folder / "reference" / id_, folder / "exercises", KINDS)
    answers = ask_reference(exercise, seed=0, tier=tier)
    found = {}
    for name, notebook, judge in (
        ("reference", exercise.reference, verify.right_faults),
        ("blank", exercise.handout, verify.blank_faults),
    ):
        if not ends:
            break
        report = verify.grade_notebook(notebook, exercise, answers, seed=0, tier=tier, name=name)
        found[name] = list(judge(report))
    for sort in ("right", "mistakes"):
        for variant in load_variants(folder / "reference" / id_ / sort):
            if variants is None or variant.name in variants:
                report = verify.grade_variant(variant, exercise, answers, seed=0, tier=tier)
                found[variant.name] = verify.faults(variant, report)
    return {name: faults for name, faults in found.items() if faults}
