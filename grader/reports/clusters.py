"""Students who made the same mistake."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from grader.model.report import CriterionResult, GradeReport
from grader.model.text import Text
from grader.model.verdict import Verdict

_NO_MISTAKES = (Verdict.ACCEPTED, Verdict.SKIPPED, Verdict.NOT_ATTEMPTED)


@dataclass(frozen=True)
class Cluster:
    """One mistake, and who made it."""

    exercise: str
    criterion: CriterionResult
    words: Text
    """As it was said most often: names and figures in it can differ."""
    reports: tuple[GradeReport, ...]
    lost: Decimal
    """Points that it cost, all together."""


def clusters(reports: Sequence[GradeReport]) -> tuple[Cluster, ...]:
    """Mistakes of two students or more, the most frequent first; marks by hand are nobody's mistake."""
    groups: dict[tuple[str, str, str], list[tuple[GradeReport, CriterionResult]]] = defaultdict(list)
    for report in reports:
        for result in report.criteria:
            judgement = result.judgement
            if (
                judgement.verdict.is_judged
                and judgement.verdict not in _NO_MISTAKES
                and result.marked is None
            ):
                groups[report.exercise, result.id, judgement.summary.msgid].append((report, result))
    found = [_cluster(exercise, group) for (exercise, _, _), group in groups.items() if len(group) > 1]
    return tuple(sorted(found, key=lambda c: (-len(c.reports), -c.lost, c.exercise)))


def _cluster(exercise: str, group: Sequence[tuple[GradeReport, CriterionResult]]) -> Cluster:
    said = Counter(result.judgement.summary.model_dump_json() for _, result in group)
    return Cluster(
        exercise=exercise,
        criterion=group[0][1],
        words=Text.model_validate_json(said.most_common(1)[0][0]),
        reports=tuple(report for report, _ in group),
        lost=sum((r.out_of - (r.points or Decimal(0)) for _, r in group), Decimal(0)),
    )
