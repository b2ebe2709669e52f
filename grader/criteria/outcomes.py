"""Short ways to make the judgements that all kinds of criteria make."""

from __future__ import annotations

from decimal import Decimal

from grader.model.judgement import Judgement
from grader.model.text import Bilingual, Text, say
from grader.model.verdict import Verdict


def accepted(summary: Text, *, staff_note: str = "") -> Judgement:
    """Full marks."""
    return Judgement(verdict=Verdict.ACCEPTED, score=Decimal(1), summary=summary, staff_note=staff_note)


def failed(
    verdict: Verdict,
    summary: Text,
    *,
    expected: Text | None = None,
    got: Text | None = None,
    where: Text | None = None,
    hint: Bilingual | Text | None = None,
    staff_note: str = "",
    cell: int | None = None,
) -> Judgement:
    """No marks, by any verdict that is judged; `hint` is the criterion's own, or words of the kind."""
    return Judgement(
        verdict=verdict,
        score=Decimal(0),
        summary=summary,
        expected=expected,
        got=got,
        where=where,
        look_at=look_at(hint),
        staff_note=staff_note,
        cell=cell,
    )


def wrong_answer(
    summary: Text,
    *,
    expected: Text | None = None,
    got: Text | None = None,
    where: Text | None = None,
    hint: Bilingual | Text | None = None,
    staff_note: str = "",
    cell: int | None = None,
) -> Judgement:
    """No marks: it ran, and what it gave is not right."""
    return failed(
        Verdict.WRONG_ANSWER,
        summary,
        expected=expected,
        got=got,
        where=where,
        hint=hint,
        staff_note=staff_note,
        cell=cell,
    )


def not_filled_in(cell: int | None, staff_note: str = "") -> Judgement:
    """What was handed out still stands there."""
    return failed(
        Verdict.NOT_ATTEMPTED,
        say("This part has not been filled in yet."),
        expected=say("code of your own in place of `raise NotImplementedError`"),
        got=say("`raise NotImplementedError`, as it was handed out"),
        where=None if cell is None else say("Cell {cell} of the notebook", cell=cell + 1),
        staff_note=staff_note,
        cell=cell,
    )


def share(score: Decimal, judgement: Judgement) -> Judgement:
    """The same words with a share of the points: partial between 0 and 1, as it was at 0."""
    if not 0 < score < 1:
        return judgement
    return judgement.model_copy(update={"verdict": Verdict.PARTIALLY_ACCEPTED, "score": score})


def needs_review(
    summary: Text,
    *,
    expected: Text | None = None,
    got: Text | None = None,
    where: Text | None = None,
    staff_note: str = "",
    cell: int | None = None,
) -> Judgement:
    """A person must decide; no points until then."""
    return Judgement(
        verdict=Verdict.NEEDS_REVIEW,
        score=None,
        summary=summary,
        expected=expected,
        got=got,
        where=where,
        staff_note=staff_note,
        cell=cell,
    )


def judge_error(staff_note: str) -> Judgement:
    """The grader could not tell, through no fault of the student's."""
    return Judgement(
        verdict=Verdict.JUDGE_ERROR,
        score=None,
        summary=say("The grader could not judge this; the teachers have been told. It is not your fault."),
        staff_note=staff_note,
    )


def look_at(hint: Bilingual | Text | None) -> Text | None:
    """The words for `look_at`: a rubric's hint in both languages becomes a `Text`."""
    return say("{hint}", hint=hint) if isinstance(hint, Bilingual) else hint
