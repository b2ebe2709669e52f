"""What the report of a whole class holds of each grade: its outcome, a few hundred bytes of it its own.

A grade with its executed notebook, its words and its tracebacks is up to megabytes, and a class has thousands. The
students' pages and `results.json` read each grade whole from the grade book, one at a time; all else, which compares
students, needs no more than is kept here. Equal outcomes of a criterion are one object for the whole class.
"""

from __future__ import annotations

from grader.model.execution import Execution
from grader.model.judgement import Judgement
from grader.model.report import CriterionResult, GradeReport
from grader.model.verdict import Verdict


class Lightener:
    """Makes grades light; one for each class."""

    def __init__(self) -> None:
        self._seen: dict[str, CriterionResult] = {}

    def light(self, report: GradeReport) -> GradeReport:
        """The grade without notebook, cells, and words other than each criterion's one sentence."""
        execution = report.execution
        return report.model_copy(
            update={
                "criteria": tuple(self._light(result) for result in report.criteria),
                "execution": execution and Execution(ended=execution.ended, notebook="", tier=execution.tier),
                "notices": (),
            }
        )

    def _light(self, result: CriterionResult) -> CriterionResult:
        marked = result.marked and result.marked.model_copy(
            update={"judgement": _light_judgement(result.marked.judgement)}
        )
        carried = result.carried and result.carried.model_copy(
            update={"judgement": _light_judgement(result.carried.judgement)}
        )
        judgement = _light_judgement(result.judgement)
        small = result.model_copy(update={"judgement": judgement, "marked": marked, "carried": carried})
        return self._seen.setdefault(small.model_dump_json(), small)


def _light_judgement(judgement: Judgement) -> Judgement:
    return Judgement(
        verdict=judgement.verdict,
        score=judgement.score,
        summary=judgement.summary,
        staff_note=judgement.staff_note if judgement.verdict is Verdict.JUDGE_ERROR else "",
        cell=judgement.cell if judgement.verdict is Verdict.NEEDS_REVIEW else None,
    )
