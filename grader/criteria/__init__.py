"""The kinds of criteria, one file each: `KINDS` maps a rubric's `kind` to its class.

A new kind is one file, its import, and one line in `KINDS`.
"""

from __future__ import annotations

from grader.criteria.architecture import Architecture
from grader.criteria.device import Device
from grader.criteria.figure import Figure
from grader.criteria.gradient import Gradient
from grader.criteria.loss_history import LossHistory
from grader.criteria.loss_threshold import LossThreshold
from grader.criteria.manual import Manual
from grader.criteria.matches_reference import MatchesReference
from grader.criteria.runs import Runs
from grader.criteria.source import Source
from grader.criteria.update_step import UpdateStep
from grader.model.rubric import Criterion

KINDS: dict[str, type[Criterion]] = {
    "architecture": Architecture,
    "device": Device,
    "figure": Figure,
    "gradient": Gradient,
    "loss_history": LossHistory,
    "loss_threshold": LossThreshold,
    "manual": Manual,
    "matches_reference": MatchesReference,
    "runs": Runs,
    "source": Source,
    "update_step": UpdateStep,
}
