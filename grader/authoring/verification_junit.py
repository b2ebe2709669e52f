"""A verification as JUnit's XML: a suite for each exercise, a case for each notebook, and one for the files.

In English, whoever ran it: CI servers compare one run's words with the next one's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grader.authoring.verification import Checked
from grader.export.junit_document import Case, Outcome, Suite, render_suites
from grader.i18n import render
from grader.model.text import Text


def render_verification(checked: Sequence[Checked], standing: Mapping[str, Sequence[Text]]) -> bytes:
    """The whole file, UTF-8; `standing` has the faults that were seen without grading, by exercise."""
    exercises = list(dict.fromkeys([*(result.case.exercise for result in checked), *standing]))
    return render_suites((_suite(id_, checked, standing) for id_ in exercises), "grade exercise verify")


def _suite(exercise: str, checked: Sequence[Checked], standing: Mapping[str, Sequence[Text]]) -> Suite:
    mine = [result for result in checked if result.case.exercise == exercise]
    cases = [_case(result) for result in mine]
    if exercise in standing:
        cases.append(Case("files", exercise, outcome=_failure(standing[exercise])))
    return Suite(exercise, tuple(cases), wall_s=sum(result.wall_s for result in mine))


def _case(result: Checked) -> Case:
    outcome = _failure(result.faults)
    if result.problem is not None:
        outcome = Outcome("error", "could not be graded", text=render(result.problem, "en"))
    return Case(
        name=result.case.name,
        classname=f"{result.case.exercise}.{result.case.what}",
        wall_s=result.wall_s,
        properties={"file": result.case.place},
        outcome=outcome,
    )


def _failure(faults: Sequence[Text]) -> Outcome | None:
    if not faults:
        return None
    words = [render(fault, "en") for fault in faults]
    return Outcome("failure", words[0], type="fault", text="\n".join(words))
