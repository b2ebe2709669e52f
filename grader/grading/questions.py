"""The questions of an exercise, drawn from the run's seed, and in which order they are put."""

from __future__ import annotations

import hashlib

import numpy as np

from grader.model.exercise import Exercise
from grader.model.probe import Probe
from grader.model.report import Job
from grader.model.rubric import Criterion

MOST_KEPT = 200
"""Criteria whose questions are kept."""

_PROBES: dict[tuple[type[Criterion], str, str], tuple[Probe, ...]] = {}


def probes_of(criterion: Criterion, exercise: Exercise, seed: int) -> tuple[Probe, ...]:
    """One criterion's questions; random, but the same for the same seed, exercise and criterion.

    They are kept for the next submission: to find good ones can take longer than to judge the answers.
    """
    place = f"{seed}/{exercise.id}/{criterion.id}"
    key = (type(criterion), place, criterion.model_dump_json())
    if key not in _PROBES:
        if len(_PROBES) >= MOST_KEPT:
            _PROBES.clear()
        digest = hashlib.sha256(place.encode()).digest()
        _PROBES[key] = criterion.probes(np.random.default_rng(int.from_bytes(digest[:16], "big")))
    return _PROBES[key]


def questions_of(exercise: Exercise, seed: int) -> dict[str, tuple[Probe, ...]]:
    """All questions, by criterion, in the rubric's order."""
    return {c.id: probes_of(c, exercise, seed) for c in exercise.rubric.criteria}


def in_order(exercise: Exercise, seed: int) -> list[Probe]:
    """All questions, those first that ask for what the notebook left behind."""
    probes = [probe for found in questions_of(exercise, seed).values() for probe in found]
    return sorted(probes, key=lambda probe: not probe.reads_state)


def kernel_seed(job: Job) -> int:
    """What a submission's kernel is seeded with: the same for the same notebook and run."""
    digest = hashlib.sha256(f"{job.seed}/{job.submission.sha256}".encode()).digest()
    return int.from_bytes(digest[:4], "big")
