"""A verification as JUnit's XML: a suite for each exercise, a case for each notebook, and one for the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.authoring.verification import Checked
from grader.export.junit_document import Case, Outcome, Suite, render_suites


def render_verification(checked: Sequence[Checked], standing: Mapping[str, Sequence[str]]) -> bytes:
    """The whole file, UTF-8; `standing` has the faults that were seen without grading, by exercise."""
    exercises = list(dict.fromkeys([*(result.case.exercise for result in checked), *standing]))
    return render_suites((_suite(id_, checked, standing) for id_ in exercises), "grade exercise verify")


def _suite(exercise: str, checked: Sequence[Checked], standing: Mapping[str, Sequence[str]]) -> Suite:
    mine = [result for result in checked if result.case.exercise == exercise]
    cases = [_case(result) for result in mine]
    if exercise in standing:
        cases.append(Case("files", exercise, outcome=_failure(standing[exercise])))
    return Suite(exercise, tuple(cases), wall_s=sum(result.wall_s for result in mine))


def _case(result: Checked) -> Case:
    outcome = _failure(result.faults)
    if result.problem is not None:
        outcome = Outcome("error", "could not be graded", text=result.problem)
    return Case(
        name=result.case.name,
        classname=f"{result.case.exercise}.{result.case.what}",
        wall_s=result.wall_s,
        properties={"file": result.case.place},
        outcome=outcome,
    )


def _failure(faults: Sequence[str]) -> Outcome | None:
    if not faults:
        return None
    return Outcome("failure", faults[0], type="fault", text="\n".join(faults))
