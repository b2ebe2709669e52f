"""Evidence: all that a criterion may see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from grader.model.base import Frozen
from grader.model.execution import Execution
from grader.model.gpu_run import GpuRun
from grader.model.probe import Observation


class SourceCell(Frozen):
    """One cell as the student handed it in."""

    kind: Literal["code", "markdown", "raw"] = "code"

    index: int
    """Position among all cells of the notebook, from 0."""
    grade_id: str | None
    """nbgrader's grade id, where the cell still has it."""
    text: str


class Evidence(Frozen):
    """One submission's execution, source code and answers, beside the reference's answers."""

    execution: Execution
    source: tuple[SourceCell, ...]
    """All cells of the submission."""
    handout: Mapping[str, str]
    """Grade id to text, for the cells of the notebook that students get: tells an untouched answer."""
    answers: Mapping[str, Observation]
    """By probe id; a probe that was not needed any more is absent."""
    reference: Mapping[str, Observation]
    """By probe id: the reference's answers to the same questions."""
    gpu: GpuRun | None = None
    """The second run, for criteria that want one."""

    def of(self, criterion_id: str) -> tuple[Observation, ...]:
        """The student's answers to one criterion's probes, in the order asked."""
        return _of(self.answers, criterion_id)

    def reference_of(self, criterion_id: str) -> tuple[Observation, ...]:
        """The reference's answers to one criterion's probes, in the order asked."""
        return _of(self.reference, criterion_id)


def _of(answers: Mapping[str, Observation], criterion_id: str) -> tuple[Observation, ...]:
    return tuple(o for key, o in answers.items() if key.rpartition("/")[0] == criterion_id)
