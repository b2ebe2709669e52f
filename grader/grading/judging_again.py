"""Follow-through marks of one submission: which names were tried, and the kernel in which they are right."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from grader.criteria.syntax import read_program
from grader.grading.attempts import is_attempted
from grader.grading.follow_through import with_follow_through
from grader.grading.questions import probes_of
from grader.grading.right_names import home_of, with_right_names
from grader.grading.source import read_cells
from grader.model.evidence import SourceCell
from grader.model.probe import Probe
from grader.model.report import CriterionResult, Job
from grader.model.rubric import Criterion

LEAST_S = 5.0
"""Wall seconds that must be left of the notebook's, for one more run of it."""
Judge = Callable[[Job, str, Mapping[str, tuple[Probe, ...]]], Sequence[CriterionResult]]
"""Runs a notebook in a kernel of its own, puts these questions to it, by criterion, and judges."""


def followed_through(
    job: Job, notebook: str, results: Sequence[CriterionResult], deadline: float, judge: Judge
) -> list[CriterionResult]:
    """The results of a notebook (nbformat 4 JSON) with their follow-through marks, by the rubric's `carry_forward`.

    The notebook is the one that ran, repaired where it was damaged.
    All runs together end by `deadline`, on the monotonic clock. Raises: SandboxError when no kernel starts.
    """
    exercise = job.exercise
    rubric = exercise.rubric
    source = read_cells(notebook)
    handout = {cell.grade_id: cell.text for cell in read_cells(exercise.handout) if cell.grade_id}

    @cache
    def tried(name: str) -> bool:
        home = home_of(exercise.reference, name)
        if home is None or _is_the_same(name, source, home[1]):
            return False
        return is_attempted(name, home[0], source, handout)

    def judge_again(
        names: tuple[str, ...], criteria: tuple[Criterion, ...]
    ) -> Mapping[str, CriterionResult] | None:
        left_s = deadline - time.monotonic()
        if left_s < LEAST_S:
            return None
        limits = rubric.limits.model_copy(
            update={"total_s": left_s, "cell_s": min(rubric.limits.cell_s, left_s)}
        )
        fewer = rubric.model_copy(update={"criteria": criteria, "limits": limits, "repair": False})
        again = job.model_copy(update={"exercise": exercise.model_copy(update={"rubric": fewer})})
        put_right = with_right_names(notebook, exercise.reference, names, _contract(rubric.criteria))
        questions = {c.id: probes_of(c, exercise, job.seed) for c in criteria}
        return {result.id: result for result in judge(again, put_right, questions)}

    return with_follow_through(rubric, results, tried, judge_again)


def _contract(criteria: Sequence[Criterion]) -> frozenset[str]:
    """Names that the notebook must define: where the reference's code uses one of them, it is the student's."""
    return frozenset(name for criterion in criteria for name in criterion.required_names)


def _is_the_same(name: str, source: Sequence[SourceCell], reference: ast.Module) -> bool:
    """Whether the student's definition is, but for layout and comments, the reference's: then no slip is in it."""
    own = read_program(source).definitions.get(name)
    cell = SourceCell(index=0, grade_id=None, text=ast.unparse(reference))
    given = read_program([cell]).definitions.get(name)
    return own is not None and given is not None and ast.unparse(own.node) == ast.unparse(given.node)
