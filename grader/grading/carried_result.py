"""What a criterion comes to that was judged once more with right names in the place of the student's. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from grader import scoring
from grader.model.judgement import Judgement
from grader.model.report import Carried, CriterionResult
from grader.model.rubric import Criterion
from grader.model.text import Text, exact, say
from grader.model.verdict import Verdict

_HUNDRED = Decimal(100)


def carried_result(
    criterion: Criterion,
    standing: CriterionResult,
    again: Judgement,
    names: Sequence[str],
    pays: Decimal,
) -> CriterionResult:
    """The better of what stands and the new judgement, which counts for its share of the points.

    What waits for a person goes on waiting, but where the new judgement gives full marks: nobody could give more.
    The student's code has seen the reference's there: of `again`, nothing but verdict and score is kept.
    """
    told = f"Judged again with the reference's {', '.join(names)}: {again.verdict}"
    score = None if again.score is None else again.score * pays
    before = standing.judgement.score
    if score is None or (score < 1 if before is None else score <= before):
        return noted(standing, f"{told}; no points more.")
    first = standing.carried.judgement if standing.carried else standing.judgement
    points = standing.carried.points if standing.carried else standing.points
    judgement = Judgement(
        verdict=Verdict.ACCEPTED if score == 1 else Verdict.PARTIALLY_ACCEPTED,
        score=score,
        summary=_summary(names, again, pays),
        where=first.where,
        staff_note=_joined(standing.judgement.staff_note, f"{told}, paid at {exact(pays)} of its points."),
        cell=first.cell,
    )
    carried = Carried(names=tuple(names), pays=pays, judgement=first, points=points)
    return scoring.score_criterion(criterion, judgement).model_copy(update={"carried": carried})


def noted(result: CriterionResult, note: str) -> CriterionResult:
    """The same, with words for the staff."""
    judgement = result.judgement
    told = judgement.model_copy(update={"staff_note": _joined(judgement.staff_note, note)})
    return result.model_copy(update={"judgement": told})


def _summary(names: Sequence[str], again: Judgement, pays: Decimal) -> Text:
    shown = ", ".join(f"`{name}`" for name in names)
    right = again.verdict is Verdict.ACCEPTED
    if pays == 1:
        if right:
            return say("Judged with a right {names} in the place of yours: right.", names=shown)
        return say("Judged with a right {names} in the place of yours: partly right.", names=shown)
    percent = exact((pays * _HUNDRED).normalize())
    if right:
        return say(
            "Judged with a right {names} in the place of yours: right, which pays {percent} % of the points.",
            names=shown,
            percent=percent,
        )
    return say(
        "Judged with a right {names} in the place of yours: partly right, which pays {percent} % of what it"
        " would.",
        names=shown,
        percent=percent,
    )


def _joined(*notes: str) -> str:
    return "\n".join(note for note in notes if note)
