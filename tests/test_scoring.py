from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import scoring
from grader.model import totals
from grader.model.adjustment import Adjustment
from grader.model.evidence import Evidence
from grader.model.judgement import Judgement
from grader.model.report import CriterionResult
from grader.model.rubric import Criterion
from grader.model.text import Bilingual, say
from grader.model.verdict import Verdict

TITLE = Bilingual(fr="titre", en="title")


class Anything(Criterion):
    def judge(self, evidence: Evidence) -> Judgement:
        raise AssertionError("not asked in these tests")


def criterion(points: str) -> Criterion:
    return Anything(id="a.b", task="a", kind="anything", points=Decimal(points), title=TITLE)


def result(verdict: Verdict, score: str | None, points: str = "2") -> CriterionResult:
    judgement = Judgement(verdict=verdict, score=score, summary=say("x"))
    return scoring.score_criterion(criterion(points), judgement)


ACCEPTED = (Verdict.ACCEPTED, "1")
WRONG = (Verdict.WRONG_ANSWER, "0")
BLANK = (Verdict.NOT_ATTEMPTED, "0")
DOUBT = (Verdict.JUDGE_ERROR, None)
REVIEW = (Verdict.NEEDS_REVIEW, None)


def test_a_third_of_a_point_is_rounded_to_a_cent() -> None:
    third = result(Verdict.PARTIALLY_ACCEPTED, "0.3333", "1")
    assert third.points == Decimal("0.33")


@pytest.mark.parametrize(
    ("score", "points"), [("0.125", "0.13"), ("0.005", "0.01"), ("0.0049", "0.00"), ("0.6667", "0.67")]
)
def test_half_a_cent_is_the_students(score: str, points: str) -> None:
    assert result(Verdict.PARTIALLY_ACCEPTED, score, "1").points == Decimal(points)


@pytest.mark.parametrize(
    ("points", "out_of", "grade"),
    [("1.0005", "2", "10.01"), ("2", "3", "13.33"), ("1", "3", "6.67"), ("7", "7", "20.00"), ("0", "0", "0")],
)
def test_grade_out_of_twenty_is_rounded_half_up(points: str, out_of: str, grade: str) -> None:
    assert scoring.grade_out_of(Decimal(points), Decimal(out_of)) == Decimal(grade)


@given(st.decimals("0.0001", "0.9999", places=4), st.decimals(0, 20, places=2))
def test_rounding_moves_nobody_by_more_than_half_a_cent(score: Decimal, points: Decimal) -> None:
    given_points = result(Verdict.PARTIALLY_ACCEPTED, str(score), str(points)).points
    assert given_points is not None
    assert abs(given_points - score * points) <= Decimal("0.005")


def test_doubt_has_no_points_neither_zero_nor_full() -> None:
    results = [result(*ACCEPTED), result(*DOUBT)]
    assert results[1].points is None
    assert totals.total(results) == 2
    assert totals.undecided(results) == 2


def test_nothing_judged_has_no_total() -> None:
    assert totals.total([result(*DOUBT)]) is None


def test_judge_error_is_said_first() -> None:
    assert totals.overall_verdict([result(*ACCEPTED), result(*DOUBT)]) is Verdict.JUDGE_ERROR


def test_a_review_does_not_hide_what_was_judged() -> None:
    assert totals.overall_verdict([result(*ACCEPTED), result(*REVIEW)]) is Verdict.ACCEPTED
    assert totals.overall_verdict([result(*REVIEW)]) is Verdict.NEEDS_REVIEW


def test_a_blank_is_not_attempted_and_one_right_task_is_partial() -> None:
    assert totals.overall_verdict([result(*BLANK), result(*BLANK)]) is Verdict.NOT_ATTEMPTED
    assert totals.overall_verdict([result(*BLANK), result(*WRONG)]) is Verdict.WRONG_ANSWER
    assert totals.overall_verdict([result(*ACCEPTED), result(*WRONG)]) is Verdict.PARTIALLY_ACCEPTED


def test_criteria_without_points_do_not_decide() -> None:
    assert totals.overall_verdict([result(*ACCEPTED), result(*WRONG, "0")]) is Verdict.ACCEPTED


@given(st.lists(st.sampled_from([ACCEPTED, WRONG, BLANK, DOUBT, REVIEW]), min_size=1))
def test_points_and_undecided_never_exceed_what_there_is(outcomes: list[tuple[Verdict, str | None]]) -> None:
    results = [result(*o) for o in outcomes]
    total = totals.total(results) or Decimal(0)
    assert 0 <= total + totals.undecided(results) <= sum(r.out_of for r in results)


@given(st.decimals("0", "20", places=2), st.decimals("1", "40", places=2))
def test_the_grade_lies_on_its_scale(points: Decimal, out_of: Decimal) -> None:
    grade = scoring.grade_out_of(min(points, out_of), out_of)
    assert 0 <= grade <= 20


def bonus(verdict: Verdict, score: str | None, points: str = "1") -> CriterionResult:
    return result(verdict, score, points).model_copy(update={"bonus": True})


def test_missed_bonus_leaves_all_right_and_a_won_one_comes_on_top() -> None:
    missed, won = bonus(*WRONG), bonus(*ACCEPTED)
    assert totals.overall_verdict([result(*ACCEPTED), missed]) is Verdict.ACCEPTED
    assert totals.total([result(*ACCEPTED), missed]) == 2
    assert totals.total([result(*ACCEPTED), won]) == 3
    assert totals.overall_verdict([result(*WRONG), won]) is Verdict.PARTIALLY_ACCEPTED
    assert totals.overall_verdict([result(*WRONG), missed]) is Verdict.WRONG_ANSWER
    assert totals.undecided([result(*ACCEPTED), bonus(*REVIEW)]) == 1


@given(st.lists(st.sampled_from([ACCEPTED, WRONG, REVIEW]), min_size=1), st.decimals(0, 50, places=2))
def test_no_total_falls_below_0(outcomes: list[tuple[Verdict, str | None]], off: Decimal) -> None:
    results = [result(*outcome) for outcome in outcomes]
    plain = totals.total(results)
    cut = totals.total(results, [Adjustment(kind="person", points=-off, words=say("why"))])
    assert (plain is None) == (cut is None)
    if plain is not None and cut is not None:
        assert cut == max(plain - off, Decimal(0))
