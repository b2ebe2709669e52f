"""Who is paid by follow-through marks, and who never: on made-up students, whose code is simulated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader import scoring
from grader.grading.follow_through import with_follow_through
from grader.i18n import render
from grader.model.carry_forward import CarryForward
from grader.model.evidence import Evidence
from grader.model.judgement import Judgement
from grader.model.report import CriterionResult
from grader.model.rubric import Criterion, Rubric, Task
from grader.model.text import Bilingual, say
from grader.model.verdict import Verdict

TITLE = Bilingual(fr="x", en="x")
HALF = Decimal("0.5")


class Asks(Criterion):
    requires: tuple[str, ...] = ()

    def judge(self, evidence: Evidence) -> Judgement:
        raise AssertionError("these students are simulated")


@dataclass
class Student:
    """A student's work: of each task, whether it is right in itself, wrong, or blank; and what rests on what."""

    rests_on: Mapping[str, tuple[str, ...]]
    """Task to the earlier tasks whose names it uses."""
    works: Mapping[str, str]
    pays: Mapping[tuple[str, str], Decimal]
    kernels: list[tuple[str, ...]] = field(default_factory=list)

    def above(self, task: str) -> set[str]:
        """All that a task rests on, through others too."""
        return {a for other in self.rests_on[task] for a in (other, *self.above(other))}

    @property
    def rubric(self) -> Rubric:
        tasks = tuple(self.rests_on)
        below = {task: [t for t in tasks if task in self.above(t)] for task in tasks}
        return Rubric(
            schema=1,
            exercise="x",
            title=TITLE,
            tasks=tuple(Task(id=task, title=TITLE, points=Decimal(2)) for task in tasks),
            criteria=tuple(
                Asks(
                    id=f"{task}.values",
                    task=task,
                    kind="asks",
                    points=Decimal(2),
                    title=TITLE,
                    requires=(task,),
                )
                for task in tasks
            ),
            carry_forward=tuple(
                CarryForward(
                    task=task,
                    names=(task,),
                    pays={t: self.pays.get((task, t), Decimal(1)) for t in below[task]},
                )
                for task in tasks
                if below[task]
            ),
        )

    def judged(self, criterion: Criterion, right: tuple[str, ...] = ()) -> CriterionResult:
        """What rests on something that is neither right nor put right fails; what is put right rests on it, too."""
        task = criterion.task
        is_sound = all(self.works[t] == "right" or t in right for t in self.above(task))
        verdict = Verdict.NOT_ATTEMPTED if self.works[task] == "blank" else Verdict.WRONG_ANSWER
        if (self.works[task] == "right" or task in right) and is_sound:
            verdict = Verdict.ACCEPTED
        score = Decimal(1 if verdict is Verdict.ACCEPTED else 0)
        said = say("The values are not right.")
        return scoring.score_criterion(criterion, Judgement(verdict=verdict, score=score, summary=said))

    def results(self) -> list[CriterionResult]:
        rubric = self.rubric

        def judge_again(
            names: tuple[str, ...], criteria: tuple[Criterion, ...]
        ) -> Mapping[str, CriterionResult]:
            self.kernels.append(names)
            return {criterion.id: self.judged(criterion, names) for criterion in criteria}

        first = [self.judged(criterion) for criterion in rubric.criteria]
        return with_follow_through(rubric, first, lambda name: self.works[name] != "blank", judge_again)

    @property
    def total(self) -> Decimal:
        return sum((r.points for r in self.results() if r.points is not None), Decimal(0))


CHAIN = {"mse": (), "train": ("mse",), "result": ("train",)}


def student(mse: str, train: str = "right", result: str = "right", **pays: Decimal) -> Student:
    shares = {("train", "result"): pays.get("train_pays", Decimal(1))}
    return Student(CHAIN, {"mse": mse, "train": train, "result": result}, shares)


def points(of: Student) -> list[str]:
    return [f"{r.points:f}" for r in of.results()]


def test_one_slip_is_paid_once_and_what_rests_on_it_is_judged_without_it_in_one_kernel() -> None:
    wrong = student("wrong")
    assert points(wrong) == ["0.00", "2.00", "2.00"]
    assert wrong.kernels == [("mse",)]
    mse, train, _ = wrong.results()
    assert mse.carried is None
    assert train.carried is not None
    assert (train.carried.names, train.carried.points) == (("mse",), 0)
    assert render(train.judgement.summary, "en") == "Judged with a right `mse` in the place of yours: right."
    expected = "Jugé avec une version correcte de `mse` à la place de la vôtre\u202f: juste."
    assert render(train.judgement.summary, "fr") == expected
    assert "not right" in render(train.carried.judgement.summary, "en")


def test_a_task_that_still_fails_has_a_slip_of_its_own_and_is_put_right_next_for_what_rests_on_it() -> None:
    twice = student("wrong", "wrong")
    assert points(twice) == ["0.00", "0.00", "2.00"]
    assert twice.kernels == [("mse",), ("mse", "train")]


def test_a_blank_is_never_put_right_and_a_blank_that_rests_on_a_slip_stays_blank() -> None:
    blank = student("blank")
    assert points(blank) == ["0.00", "0.00", "0.00"]
    assert all("mse" not in names for names in blank.kernels)
    unfilled = student("wrong", "blank")
    assert points(unfilled) == ["0.00", "0.00", "0.00"]
    assert unfilled.results()[1].judgement.verdict is Verdict.NOT_ATTEMPTED


def test_nothing_is_run_again_where_nothing_failed_or_nothing_can_be_gained() -> None:
    for nobody_gains in (
        student("right"),
        student("right", "right", "wrong"),
        student("wrong", "blank", "blank"),
    ):
        before = [nobody_gains.judged(c) for c in nobody_gains.rubric.criteria]
        assert nobody_gains.results() == before
        assert nobody_gains.kernels == []


def test_a_rubric_may_pay_in_part_and_the_words_say_so() -> None:
    part = student("right", "wrong", train_pays=HALF)
    result = part.results()[2]
    assert (result.points, result.judgement.verdict) == (1, Verdict.PARTIALLY_ACCEPTED)
    said = "Judged with a right `train` in the place of yours: right, which pays 50 % of the points."
    assert render(result.judgement.summary, "en") == said


def test_two_slips_at_once_are_put_right_together_and_each_pays_what_rests_on_it() -> None:
    rests_on = {"predict": (), "mse": (), "train": ("predict", "mse"), "module": ("mse",)}
    works = dict.fromkeys(rests_on, "right") | {"predict": "wrong", "mse": "wrong"}
    both = Student(rests_on, works, {("mse", "train"): HALF})
    _, _, train, module = both.results()
    assert both.kernels == [("predict", "mse")]
    assert train.carried is not None
    assert module.carried is not None
    assert (train.carried.names, train.points) == (("predict", "mse"), 1)
    assert (module.carried.names, module.points) == (("mse",), 2)


def again(first: Judgement, second: Judgement, **changes: object) -> CriterionResult:
    """What `train` comes to, when it was judged so at first, and so with a right `mse`."""
    rubric = student("wrong").rubric
    criteria = [c.model_copy(update=changes if c.task == "train" else {}) for c in rubric.criteria]
    rubric = rubric.model_copy(update={"criteria": tuple(criteria)})
    wrong = Judgement(verdict=Verdict.WRONG_ANSWER, score=0, summary=say("wrong"))
    judged = [first if c.task == "train" else wrong for c in criteria]
    results = [scoring.score_criterion(c, j) for c, j in zip(criteria, judged, strict=True)]
    found = with_follow_through(
        rubric,
        results,
        lambda name: name == "mse",
        lambda _, asked: {c.id: scoring.score_criterion(c, second) for c in asked},
    )
    return found[1]


def judgement(verdict: Verdict, score: str | None, **more: str) -> Judgement:
    return Judgement(verdict=verdict, score=score, summary=say("x"), **more)


SECRET = Judgement(
    verdict=Verdict.PARTIALLY_ACCEPTED,
    score=HALF,
    summary=say("s3cret {x}", x="s3cret"),
    got=say("s3cret"),
    expected=say("s3cret"),
    where=say("s3cret"),
    look_at=say("s3cret"),
    staff_note="s3cret",
    cell=77,
)


@pytest.mark.parametrize(
    "first", [("wrong_answer", "0"), ("partially_accepted", "0.75"), ("needs_review", None)]
)
def test_of_a_kernel_that_holds_the_references_code_nothing_is_kept_but_verdict_and_score(
    first: tuple[str, str | None],
) -> None:
    found = again(judgement(Verdict(first[0]), first[1]), SECRET)
    assert "s3cret" not in found.model_dump_json()
    assert found.judgement.cell is None


def test_the_better_judgement_counts() -> None:
    better = judgement(Verdict.PARTIALLY_ACCEPTED, "0.75", staff_note="as first")
    kept = again(better, judgement(Verdict.PARTIALLY_ACCEPTED, "0.5"))
    assert (kept.points, kept.carried) == (Decimal("1.5"), None)
    assert kept.judgement.staff_note == (
        "as first\nJudged again with the reference's mse: partially_accepted; no points more."
    )
    gained = again(judgement(Verdict.SKIPPED, "0"), judgement(Verdict.PARTIALLY_ACCEPTED, "0.5"))
    assert (gained.points, gained.judgement.verdict) == (1, Verdict.PARTIALLY_ACCEPTED)
    said = render(gained.judgement.summary, "en")
    assert said == "Judged with a right `mse` in the place of yours: partly right."


def test_what_waits_for_a_person_is_settled_by_full_marks_alone() -> None:
    waits = judgement(Verdict.NEEDS_REVIEW, None)
    assert again(waits, judgement(Verdict.ACCEPTED, "1")).points == 2
    for less in (judgement(Verdict.WRONG_ANSWER, "0"), judgement(Verdict.PARTIALLY_ACCEPTED, "0.9"), waits):
        assert again(waits, less).judgement.verdict is Verdict.NEEDS_REVIEW


@pytest.mark.parametrize("doubt", [Verdict.NEEDS_REVIEW, Verdict.JUDGE_ERROR])
def test_doubt_about_the_second_judgement_leaves_the_first(doubt: Verdict) -> None:
    assert again(judgement(Verdict.WRONG_ANSWER, "0"), judgement(doubt, None)).points == 0


def test_a_criterion_without_points_stays_what_it_was_and_a_grader_that_failed_is_not_asked_again() -> None:
    free = again(judgement(Verdict.RUN_TIME_ERROR, "0"), judgement(Verdict.ACCEPTED, "1"), points=Decimal(0))
    assert (free.judgement.verdict, free.carried) == (Verdict.RUN_TIME_ERROR, None)
    failed = again(judgement(Verdict.JUDGE_ERROR, None), judgement(Verdict.ACCEPTED, "1"))
    assert failed.judgement.verdict is Verdict.JUDGE_ERROR


def test_where_no_time_is_left_the_staff_is_told_and_the_first_judgement_stands() -> None:
    wrong = student("wrong")
    first = [wrong.judged(c) for c in wrong.rubric.criteria]
    found = with_follow_through(wrong.rubric, first, lambda _: True, lambda *_: None)
    assert [r.points for r in found] == [0, 0, 0]
    assert found[1].judgement.staff_note == "Not judged again with the reference's mse: no time was left."


def lightning(*requires: str) -> Rubric:
    """`learns` asks for all of a class whose methods are three tasks' own, and for a function."""
    rests_on = {"network": (), "step": (), "fit": (), "learns": ("network", "step", "fit")}
    made = Student(rests_on, dict.fromkeys(rests_on, "right"), {})
    names = {"network": ("Net.forward",), "step": ("Net.step",), "fit": ("fit",)}
    rubric = made.rubric
    return rubric.model_copy(
        update={
            "criteria": tuple(
                c.model_copy(update={"requires": requires}) if c.task == "learns" else c
                for c in rubric.criteria
            ),
            "carry_forward": tuple(
                e.model_copy(update={"names": names[e.task]}) for e in rubric.carry_forward
            ),
        }
    )


@pytest.mark.parametrize(
    ("wrong", "is_asked"),
    [
        (("network",), True),
        (("network", "step"), True),
        (("network", "fit"), True),
        (("network", "step", "fit"), False),
    ],
)
def test_nothing_is_paid_where_all_that_a_criterion_asks_for_is_the_references(
    wrong: tuple[str, ...], is_asked: bool
) -> None:
    rubric = lightning("Net", "fit")
    bad = judgement(Verdict.WRONG_ANSWER, "0")
    good = judgement(Verdict.ACCEPTED, "1")
    first = [
        scoring.score_criterion(c, bad if c.task in (*wrong, "learns") else good) for c in rubric.criteria
    ]
    found = with_follow_through(
        rubric,
        first,
        lambda _: True,
        lambda _, asked: {c.id: scoring.score_criterion(c, good) for c in asked},
    )
    assert (found[-1].carried is not None) is is_asked


WORK = st.sampled_from(("right", "wrong", "blank"))


@st.composite
def students(draw: st.DrawFn) -> Student:
    tasks = [f"t{number}" for number in range(draw(st.integers(2, 6)))]
    rests_on = {
        task: tuple(sorted(draw(st.sets(st.sampled_from(tasks[:place]))))) if place else ()
        for place, task in enumerate(tasks)
    }
    shares = st.decimals("0.01", "1", places=2)
    pays = {(a, b): draw(shares) for a in tasks for b in tasks}
    return Student(rests_on, {task: draw(WORK) for task in tasks}, pays)


@given(students())
def test_no_student_gains_by_leaving_a_task_out_nor_by_a_mistake(one: Student) -> None:
    for task in one.works:
        totals = [
            Student(one.rests_on, {**one.works, task: work}, one.pays).total
            for work in ("blank", "wrong", "right")
        ]
        assert all(less <= more for less, more in pairwise(totals)), (task, totals)


@given(students())
def test_nobody_loses_and_a_task_that_is_wrong_or_blank_in_itself_is_never_paid(one: Student) -> None:
    results = one.results()
    for result, first in zip(results, (one.judged(c) for c in one.rubric.criteria), strict=True):
        assert result.points is not None
        assert first.points is not None
        assert result.points >= first.points
        if one.works[result.task] != "right":
            assert result.points == 0
            assert result.carried is None
    assert len(one.kernels) <= len(one.rubric.carry_forward)
    assert all(one.works[name] != "blank" for names in one.kernels for name in names)
