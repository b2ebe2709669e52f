"""Short trainings as students write them, right and wrong about the GPU, each with what should be found."""

from __future__ import annotations

from tests.criteria.device_programs import (
    right,
    right_habits,
    wrong_beside,
    wrong_devices,
    wrong_inputs,
    wrong_kinds,
    wrong_models,
    wrong_results,
    wrong_targets,
    wrong_tensors,
    wrong_training,
)
from tests.criteria.device_programs.program import CUT, FINDINGS, Program

__all__ = ["CUT", "FINDINGS", "PROGRAMS", "Program"]

PROGRAMS: tuple[Program, ...] = (
    *right.PROGRAMS,
    *right_habits.PROGRAMS,
    *wrong_models.PROGRAMS,
    *wrong_inputs.PROGRAMS,
    *wrong_targets.PROGRAMS,
    *wrong_tensors.PROGRAMS,
    *wrong_beside.PROGRAMS,
    *wrong_kinds.PROGRAMS,
    *wrong_devices.PROGRAMS,
    *wrong_results.PROGRAMS,
    *wrong_training.PROGRAMS,
)
