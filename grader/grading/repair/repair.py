"""Repairs a damaged notebook by the marks of its cells and by the handout, before it is run and after.

Every step leaves a notebook alone that has nothing wrong with it, and one that was repaired already.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cache, partial

from grader.grading.repair import words
from grader.grading.repair.copies import settle_copies
from grader.grading.repair.given import mend_given
from grader.grading.repair.handout import read_handout
from grader.grading.repair.kinds import read_as_text, run_as_code, take_out_text
from grader.grading.repair.merging import tell_merged
from grader.grading.repair.notebook import Notebook
from grader.grading.repair.order import run_in_place
from grader.grading.repair.recognising import recognise
from grader.grading.repair.splitting import join_split
from grader.model.code_names import used_names
from grader.model.exercise import Exercise
from grader.model.finding import Finding


@dataclass(frozen=True)
class Repaired:
    """A notebook as it is run, and what was found in it."""

    text: str
    """nbformat 4 JSON; the very text that was handed in, where nothing was repaired."""
    findings: tuple[Finding, ...] = ()


def repair(notebook: str, handout: str, asked_names: Callable[[], AbstractSet[str]] = frozenset) -> Repaired:
    """Repair what can be told without running it; both are nbformat 4 JSON.

    `asked_names`: what is asked of the notebook once it has run.
    """
    mended, known = Notebook(notebook), read_handout(handout)
    findings: list[Finding] = []
    lost = recognise(mended, known)
    if lost:
        done = words.RECOGNISED
        findings.append(words.finding("mark_lost", words.marks_lost(lost), done))
    findings += read_as_text(mended, known)
    findings += run_as_code(mended, known)
    findings += join_split(mended, known)
    findings += take_out_text(mended, known)
    findings += settle_copies(mended, known)
    findings += tell_merged(mended, known)
    findings += mend_given(mended, known, asked_names)
    findings += run_in_place(mended, known)
    return Repaired(mended.written, tuple(findings))


def repair_for(exercise: Exercise, notebook: str) -> Repaired:
    """The same for an exercise; where its rubric switches repairs off, only what was found is told."""
    repaired = repair(notebook, exercise.handout, cache(partial(asked_names, exercise)))
    if exercise.rubric.repair or not repaired.findings:
        return repaired
    told = tuple(found.model_copy(update={"done": words.NOTHING_DONE}) for found in repaired.findings)
    return replace(repaired, text=notebook, findings=told)


def asked_names(exercise: Exercise) -> frozenset[str]:
    """Names that the rubric's questions need."""
    found: set[str] = set()
    for criterion in exercise.rubric.criteria:
        used = (used_names(code) for code in criterion.own_code.values())
        found |= {*criterion.required_names}.union(*used) - criterion.given_names
    return frozenset(found)
