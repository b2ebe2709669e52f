"""Follow-through marks: where a task fails, what rests on it is judged once more with the reference's names in it.

The student's notebook is run again, in a kernel of its own, with those names put right, and only the criteria that
failed and that the rubric's `carry_forward` pays are asked anew. A task that still fails there has a slip of its own:
its names are put right next, for what rests on that task in turn. So a criterion is never asked of its own task's right
names, nor where nothing of the student's would be left in it.

The student's code can read the reference's there, so nothing of such a kernel is kept but verdicts and scores.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal

from grader.grading.carried_result import carried_result, noted
from grader.model.carry_forward import CarryForward
from grader.model.report import CriterionResult
from grader.model.rubric import Criterion, Rubric
from grader.model.verdict import Verdict

JudgeAgain = Callable[[tuple[str, ...], tuple[Criterion, ...]], Mapping[str, CriterionResult] | None]
"""Judges these criteria in a fresh kernel in which these names are the reference's: the results by criterion. None
where there is no time left for it."""
_SETTLED = (Verdict.ACCEPTED, Verdict.NOT_ATTEMPTED, Verdict.JUDGE_ERROR)
_NO_SLIP = (Verdict.ACCEPTED, Verdict.SKIPPED, Verdict.NEEDS_REVIEW, Verdict.JUDGE_ERROR)


def with_follow_through(
    rubric: Rubric,
    results: Sequence[CriterionResult],
    tried: Callable[[str], bool],
    judge_again: JudgeAgain,
) -> list[CriterionResult]:
    """The results, each with its follow-through marks where it has some; no result is worse than it was.

    `tried` says of a name whether the student attempted to define it, and otherwise than the reference: a blank or a
    stub is not put right, or who leaves a task out would be paid for it.
    """
    standing = {result.id: result for result in results}
    latest = dict(standing)  # judged with the most names put right, and at full pay: tells whose slip it is
    right: list[CarryForward] = []
    while step := _next(rubric.carry_forward, latest, right, tried):
        right += step
        wanted = _to_judge(rubric, standing, latest, right, step)
        if not wanted:
            continue
        again = judge_again(_names(right, tried), wanted)
        latest.update(again or {})
        for criterion in (c for c in wanted if c.points > 0):
            used = [entry for entry in right if criterion.task in entry.pays]
            names, before = _names(used, tried), standing[criterion.id]
            if again is None:
                note = f"Not judged again with the reference's {', '.join(names)}: no time was left."
                standing[criterion.id] = noted(before, note)
            elif criterion.id in again:
                standing[criterion.id] = carried_result(
                    criterion, before, again[criterion.id].judgement, names, _pays(criterion, right)
                )
        if again is None:
            break
    return [standing[result.id] for result in results]


def _next(
    entries: Sequence[CarryForward],
    latest: Mapping[str, CriterionResult],
    right: Collection[CarryForward],
    tried: Callable[[str], bool],
) -> list[CarryForward]:
    """Whose names are to be put right now: of the tasks that failed, those that rest on no other that failed."""
    failed = [
        entry
        for entry in entries
        if entry not in right
        and any(r.task == entry.task and _shows_a_slip(r) for r in latest.values())
        and any(map(tried, entry.names))
    ]
    return [entry for entry in failed if not any(entry.task in other.pays for other in failed)]


def _shows_a_slip(result: CriterionResult) -> bool:
    """Whether it tells of a mistake. A blank counts: where code was tried, it is one for being no Python, say."""
    return result.out_of > 0 and result.judgement.verdict not in _NO_SLIP


def _to_judge(
    rubric: Rubric,
    standing: Mapping[str, CriterionResult],
    latest: Mapping[str, CriterionResult],
    right: Sequence[CarryForward],
    step: Sequence[CarryForward],
) -> tuple[Criterion, ...]:
    """The criteria that failed and may be paid for what this step puts right, with those that they depend on."""
    own = {entry.task for entry in right}
    wanted: list[Criterion] = []
    for criterion in rubric.criteria:
        result = latest.get(criterion.id)
        if result is None or criterion.task in own or result.judgement.verdict in _SETTLED:
            continue
        if not any(criterion.task in entry.pays for entry in step) or _is_all_right(criterion, rubric, right):
            continue
        failed = [
            id_
            for id_ in criterion.depends
            if id_ in latest
            and latest[id_].judgement.verdict not in (*_SETTLED, Verdict.NEEDS_REVIEW)
            and latest[id_].task not in own
        ]
        if all(id_ in (c.id for c in wanted) for id_ in failed):
            wanted.append(criterion)
    gains = any(_can_gain(standing[c.id], _pays(c, right)) for c in wanted)
    return tuple(wanted) if gains else ()


def _can_gain(standing: CriterionResult, pays: Decimal) -> bool:
    if standing.points is None:  # a person would have to mark it: only full marks are no doubt
        return pays == 1
    return pays * standing.out_of > standing.points


def _is_all_right(criterion: Criterion, rubric: Rubric, right: Sequence[CarryForward]) -> bool:
    """Whether it asks for nothing but names that are put right, so that nothing of the student's would be judged."""
    put = {name for entry in right for name in entry.names}
    listed = [name for entry in rubric.carry_forward for name in entry.names]

    def is_put(name: str) -> bool:
        methods = [other for other in listed if other.partition(".")[0] == name != other]
        return name in put or (bool(methods) and put.issuperset(methods))

    required = criterion.required_names
    return bool(required) and all(map(is_put, required))


def _names(entries: Sequence[CarryForward], tried: Callable[[str], bool]) -> tuple[str, ...]:
    """Those of their names that are put right."""
    return tuple(name for entry in entries for name in entry.names if tried(name))


def _pays(criterion: Criterion, right: Sequence[CarryForward]) -> Decimal:
    return min(entry.pays[criterion.task] for entry in right if criterion.task in entry.pays)
