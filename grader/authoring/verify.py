"""Exercises tested like code: grade a variant of a reference and say where the outcome is not what it should be.

Used by the tests and by whoever writes an exercise: the reference and the right variants get every point that a
machine can give, the handout gets none, a wrong variant fails by its own criterion, with words that name the
mistake, and loses nothing elsewhere.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from decimal import Decimal

from grader.authoring.cases import Case
from grader.authoring.variants import Variant, apply
from grader.grading import grade_one
from grader.i18n import render
from grader.model.exercise import Exercise
from grader.model.judgement import Judgement
from grader.model.packed import Packed
from grader.model.report import CriterionResult, GradeReport, Job, ReferenceAnswers
from grader.model.submission import Submission
from grader.model.text import Bilingual, Language, Text, exact, say
from grader.model.verdict import Verdict

_BLANKS = re.compile(r"[ \t\r\n]+")


def grade_notebook(
    notebook: str, exercise: Exercise, reference: ReferenceAnswers, *, seed: int, tier: str, name: str
) -> GradeReport:
    """Grade a notebook (nbformat 4 JSON) that is nobody's submission, and whose pictures nobody will look at."""
    submission = Submission(
        student=name,
        name=name,
        exercise=exercise.id,
        path=f"{name}.ipynb",
        sha256=hashlib.sha256(notebook.encode()).hexdigest(),
        notebook=Packed.of(notebook),
    )
    job = Job(submission=submission, exercise=exercise, reference=reference, seed=seed, tier=tier)
    return grade_one(job, pictures=False)


def grade_variant(
    variant: Variant, exercise: Exercise, reference: ReferenceAnswers, *, seed: int, tier: str
) -> GradeReport:
    """Grade the notebook that such a student would hand in: the variant's cells in an otherwise right notebook."""
    notebook = apply(exercise.reference, variant)
    return grade_notebook(notebook, exercise, reference, seed=seed, tier=tier, name=variant.name)


def case_faults(case: Case, report: GradeReport) -> list[Text]:
    """What is not as it should be with one of the exercise's own notebooks, one sentence each."""
    if case.variant is not None:
        return faults(case.variant, report)
    if case.what == "blank":
        found = list(blank_faults(report))
        if not found and report.verdict is not Verdict.NOT_ATTEMPTED:
            found = [say("the verdict is {verdict}", verdict=str(report.verdict))]
        return found
    return list(right_faults(report))


def faults(variant: Variant, report: GradeReport) -> list[Text]:
    """What is not as the variant says, one sentence each; empty when all is."""
    if variant.is_right:
        return list(right_faults(report))
    return list(_wrong_faults(variant, report))


def right_faults(report: GradeReport) -> Iterator[Text]:
    """Where a right notebook does not get every point that a machine can give."""
    for result in report.criteria:
        manual = result.kind == "manual" and result.judgement.verdict is Verdict.NEEDS_REVIEW
        if not _is_right(result) and not manual:
            yield say("{criterion}: {found}", criterion=result.id, found=_shown(result))


def blank_faults(report: GradeReport) -> Iterator[Text]:
    """Where the untouched handout is paid, or kept waiting for a person."""
    for result in report.criteria:
        if result.out_of > 0 and result.points != 0:
            yield say("{criterion}: {found}", criterion=result.id, found=_shown(result))


def student_words(judgement: Judgement) -> str:
    """All that the student reads of a judgement, in English."""
    return " ".join(_parts(judgement, "en"))


def _parts(judgement: Judgement, language: Language) -> list[str]:
    parts = (judgement.summary, judgement.expected, judgement.got, judgement.where, judgement.look_at)
    return [render(part, language) for part in parts if part is not None]


def _in_parts(judgement: Judgement, language: Language) -> str:
    """What the student reads on lines of their own, told apart."""
    return " | ".join(_on_one_line(part) for part in _parts(judgement, language))


def _on_one_line(words: str) -> str:
    """No-break spaces stay."""
    return _BLANKS.sub(" ", words).strip()


def _wrong_faults(variant: Variant, report: GradeReport) -> Iterator[Text]:
    allowed = {variant.criterion, *variant.also}
    if variant.carried and not any(result.carried for result in report.criteria):
        yield say("nothing is paid by follow-through marks, as `carried` says")
    for result in report.criteria:
        if result.id == variant.criterion:
            yield from _own_criterion_faults(variant, result)
        elif _is_carried(result) and (variant.carried is True or result.id in variant.carried_ids):
            continue
        elif _is_carried(result) and result.id not in allowed:
            yield say(
                "{criterion}: is paid by follow-through marks, and `carried` does not name it",
                criterion=result.id,
            )
        elif result.id not in allowed and not _is_apart(result) and not _is_right(result):
            yield say(
                "unrelated {criterion}: {found} (where it cannot but be hurt, too, `also` names it)",
                criterion=result.id,
                found=_shown(result),
            )


def _is_apart(result: CriterionResult) -> bool:
    """What any mistake may touch: what a person marks, and whether the notebook runs, where that costs nothing."""
    return result.kind == "manual" or (result.kind == "runs" and result.out_of == 0)


def _own_criterion_faults(variant: Variant, result: CriterionResult) -> Iterator[Text]:
    if result.judgement.verdict is not variant.verdict:
        yield say(
            "{criterion}: expected {verdict}, got {found}",
            criterion=result.id,
            verdict=str(variant.verdict),
            found=_shown(result),
        )
    low, high = variant.points or (Decimal(0), Decimal(0))
    if result.points is not None and not low <= result.points <= high:
        yield say(
            "{criterion}: expected {low} to {high} points, got {points}",
            criterion=result.id,
            low=exact(low),
            high=exact(high),
            points=exact(result.points),
        )
    words = student_words(result.judgement)
    if variant.says and variant.says.lower() not in words.lower():
        yield say(
            "{criterion}: the words do not name the mistake ('{says}'). The student reads: {words}",
            criterion=result.id,
            says=variant.says,
            words=_in_parts(result.judgement, "en"),
        )


def _is_carried(result: CriterionResult) -> bool:
    """Whether it failed with the mistake, and got all that follow-through marks pay for what is right."""
    return result.carried is not None and result.judgement.score == result.carried.pays


def _is_right(result: CriterionResult) -> bool:
    return result.judgement.verdict is Verdict.ACCEPTED


def _shown(result: CriterionResult) -> Text:
    judgement = result.judgement
    note = _on_one_line(judgement.staff_note)
    words: Text | Bilingual = Bilingual(fr=_in_parts(judgement, "fr"), en=_in_parts(judgement, "en"))
    if judgement.verdict is Verdict.JUDGE_ERROR and note:  # what students read then tells an author nothing
        last = _on_one_line(judgement.staff_note.strip().splitlines()[-1])
        words = say("look at the criterion in rubric.toml, and at what it asks: {reason}", reason=last)
    return say(
        "{verdict} ({points}/{out_of}): {words}{staff}",
        verdict=str(judgement.verdict),
        points="–" if result.points is None else exact(result.points),
        out_of=exact(result.out_of),
        words=words,
        staff=say(" [staff: {note}]", note=note) if note else "",
    )
