"""What is not as it should be with a grade is told, each thing by itself; reports are made up, no kernel runs."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

import pytest

from grader.authoring import verify
from grader.authoring.cases import Case
from grader.authoring.variants import Variant
from grader.i18n import render
from grader.model.report import Carried, CriterionResult
from grader.model.text import Language, Text, say
from grader.model.verdict import Verdict
from tests.reports.builders import criterion, report

RIGHT = Variant(name="loops", path=Path("right/loops.toml"), about="Loops.", cells={"train": "pass"})
MISTAKE = Variant(
    name="never_zeroed",
    path=Path("mistakes/never_zeroed.toml"),
    about="Never clears the gradients.",
    cells={"train": "pass"},
    criterion="train.steps",
    verdict=Verdict.WRONG_ANSWER,
    says="Not set back",
    points=(Decimal(0), Decimal("0.5")),
    also=("result.loss",),
)
FOUND = criterion(Verdict.WRONG_ANSWER, id_="train.steps", summary=say("Gradients are not set back to zero."))
WAITING = criterion(Verdict.NEEDS_REVIEW, id_="discuss.text", kind="manual", summary=say("for a person"))
STOPPED = criterion(Verdict.RUN_TIME_ERROR, id_="result.runs", kind="runs", points="0", summary=say("stops"))


def found(**changes: object) -> CriterionResult:
    """The mistake's own criterion, which finds it, but for these changes."""
    fields = {"verdict": Verdict.WRONG_ANSWER, "id_": "train.steps", "summary": FOUND.judgement.summary}
    return criterion(**{**fields, **changes})


ALSO = "(where it cannot but be hurt, too, `also` names it)"


def told(faults: Iterable[Text], language: Language = "en") -> list[str]:
    return [render(fault, language) for fault in faults]


def wrong(id_: str, **more: object) -> CriterionResult:
    return criterion(Verdict.WRONG_ANSWER, id_=id_, summary=say("another value"), **more)


def test_a_mistake_that_its_own_criterion_alone_finds_is_as_it_should_be() -> None:
    assert verify.faults(MISTAKE, report(FOUND, criterion(id_="mse.values"), WAITING, STOPPED)) == []


def test_a_point_lost_elsewhere_is_told_unless_the_file_allows_it() -> None:
    graded = report(FOUND, wrong("mse.values"), wrong("result.loss"))
    assert told(verify.faults(MISTAKE, graded)) == [
        f"unrelated mse.values: wrong_answer (0/2): another value {ALSO}"
    ]


@pytest.mark.parametrize("verdict", [v for v in Verdict if v is not Verdict.ACCEPTED])
def test_no_verdict_but_accepted_passes_for_nothing_lost_elsewhere(verdict: Verdict) -> None:
    (fault,) = told(verify.faults(MISTAKE, report(FOUND, criterion(verdict, id_="mse.values"))))
    assert fault.startswith(f"unrelated mse.values: {verdict} (")


def test_a_notebook_that_stops_is_another_fault_only_where_that_costs_points() -> None:
    costly = criterion(
        Verdict.RUN_TIME_ERROR, id_="result.runs", kind="runs", points="1", summary=say("stops")
    )
    assert verify.faults(MISTAKE, report(FOUND, STOPPED)) == []
    assert told(verify.faults(MISTAKE, report(FOUND, costly))) == [
        f"unrelated result.runs: run_time_error (0/1): stops {ALSO}"
    ]


@pytest.mark.parametrize(
    ("own", "words"),
    [
        (
            found(verdict=Verdict.RUN_TIME_ERROR),
            "train.steps: expected wrong_answer, got run_time_error (0/2): ",
        ),
        (found(verdict=Verdict.PARTIALLY_ACCEPTED), "train.steps: expected 0 to 0.5 points, got 1"),
        (
            found(summary=say("another value")),
            "train.steps: the words do not name the mistake ('Not set back').",
        ),
    ],
)
def test_a_mistake_found_otherwise_than_its_file_says_is_told(own: CriterionResult, words: str) -> None:
    assert any(fault.startswith(words) for fault in told(verify.faults(MISTAKE, report(own))))


def test_fewer_points_than_the_file_says_are_told_and_both_ends_belong_to_it() -> None:
    halved = MISTAKE.model_copy(
        update={"verdict": Verdict.PARTIALLY_ACCEPTED, "points": (Decimal("0.5"), Decimal(1))}
    )

    def faults(share: str) -> list[str]:
        return told(verify.faults(halved, report(found(verdict=Verdict.PARTIALLY_ACCEPTED, share=share))))

    assert faults("0.2") == ["train.steps: expected 0.5 to 1 points, got 0.4"]
    assert faults("0.25") == faults("0.5") == []
    assert faults("0.6") == ["train.steps: expected 0.5 to 1 points, got 1.2"]


def test_a_right_notebook_that_loses_a_point_is_told_and_what_waits_for_a_person_is_none() -> None:
    assert verify.faults(RIGHT, report(criterion(), WAITING)) == []
    assert told(verify.faults(RIGHT, report(criterion(), wrong("mse.values"), STOPPED, WAITING))) == [
        "mse.values: wrong_answer (0/2): another value",
        "result.runs: run_time_error (0/0): stops",
    ]
    waiting = criterion(Verdict.NEEDS_REVIEW, id_="mse.values", summary=say("not known"))
    assert told(verify.faults(RIGHT, report(waiting))) == ["mse.values: needs_review (–/2): not known"]


def test_a_blank_that_is_paid_or_waits_for_a_person_is_told() -> None:
    nothing = criterion(Verdict.NOT_ATTEMPTED, id_="mse.values")
    runs = criterion(id_="result.runs", kind="runs", points="0")
    assert list(verify.blank_faults(report(nothing, runs))) == []
    assert told(verify.blank_faults(report(nothing, runs, criterion(id_="train.steps"), WAITING))) == [
        "train.steps: accepted (2/2): right",
        "discuss.text: needs_review (–/2): for a person",
    ]


def test_each_case_is_held_to_what_it_is() -> None:
    blank, reference = (Case(exercise="x", what=what) for what in ("blank", "reference"))
    nothing = criterion(Verdict.NOT_ATTEMPTED)
    assert verify.case_faults(blank, report(nothing, verdict=Verdict.NOT_ATTEMPTED)) == []
    assert told(verify.case_faults(blank, report(nothing))) == ["the verdict is wrong_answer"]
    assert told(verify.case_faults(blank, report(criterion()))) == ["train.steps: accepted (2/2): right"]
    assert verify.case_faults(reference, report(criterion())) == []
    assert verify.case_faults(reference, report(FOUND)) != []
    mistake = Case(exercise="x", what="mistake", variant=MISTAKE)
    assert verify.case_faults(mistake, report(FOUND)) == []
    assert verify.case_faults(mistake, report(criterion())) != []


def test_faults_are_told_in_french_with_what_the_student_reads_and_decimal_commas() -> None:
    missing = say("Nothing was returned: is there a `return`?")
    own = found(verdict=Verdict.PARTIALLY_ACCEPTED, share="0.75", summary=missing)
    assert told(verify.faults(MISTAKE, report(own)), "fr") == [
        "train.steps\u202f: attendu wrong_answer, obtenu partially_accepted (1,5/2)\u202f:"
        " Rien n’a été renvoyé\u202f: y a-t-il un `return`\u202f?",
        "train.steps\u202f: attendu 0 à 0,5 points, obtenu 1,5",
        "train.steps\u202f: les mots anglais ne nomment pas l’erreur («\u202fNot set back\u202f»)."
        " L’étudiant y lit\u202f: Nothing was returned: is there a `return`?",
    ]


def carried(id_: str, pays: str = "1", again: Verdict = Verdict.ACCEPTED, **more: str) -> CriterionResult:
    """A criterion that failed with the mistake, and got follow-through marks."""
    lost = wrong(id_)
    marks = Carried(names=("mse",), pays=Decimal(pays), judgement=lost.judgement, points=lost.points)
    return criterion(again, id_=id_, **more).model_copy(update={"carried": marks})


def with_carried(of: bool | tuple[str, ...]) -> Variant:
    return MISTAKE.model_copy(update={"carried": of})


NOT_NAMED = "result.losses: is paid by follow-through marks, and `carried` does not name it"


def test_what_follow_through_marks_pay_is_named_or_any_and_something_must_be_paid() -> None:
    graded = report(FOUND, carried("result.losses"), carried("result.loss"))
    assert verify.faults(with_carried(("result.losses",)), graded) == []
    assert verify.faults(with_carried(True), graded) == []
    assert told(verify.faults(MISTAKE, graded)) == [NOT_NAMED]
    nothing = ["nothing is paid by follow-through marks, as `carried` says"]
    assert told(verify.faults(with_carried(True), report(FOUND, wrong("result.loss")))) == nothing
    assert told(verify.faults(with_carried(("result.losses",)), report(FOUND))) == nothing


def test_follow_through_marks_that_pay_less_than_their_share_are_a_loss() -> None:
    share = carried("result.losses", "0.5", Verdict.PARTIALLY_ACCEPTED, share="0.5")
    assert verify.faults(with_carried(True), report(FOUND, share)) == []
    less = carried("result.losses", "1", Verdict.PARTIALLY_ACCEPTED, share="0.5")
    (fault,) = told(verify.faults(with_carried(True), report(FOUND, less)))
    assert fault.startswith("unrelated result.losses: partially_accepted (1/2)")
