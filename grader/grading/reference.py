"""The reference's answers to the same questions."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Sequence
from importlib.metadata import version

from grader.errors import CatalogError
from grader.grading.curves import curve_probes, losses_of, thinned
from grader.grading.interview import ask_in_time
from grader.grading.questions import in_order
from grader.model.exercise import Exercise
from grader.model.probe import Observation, Probe
from grader.model.report import ReferenceAnswers
from grader.model.text import say
from grader.sandbox import Respondent, open_kernel

MOST_AT_ONCE = 16
"""Questions in one request."""


def ask_reference(exercise: Exercise, *, seed: int, tier: str) -> ReferenceAnswers:
    """Execute the reference in a sandbox of its own and put the same questions to it.

    Raises: CatalogError when the reference does not run; SandboxError when no kernel starts.
    """
    rubric = exercise.rubric
    with open_kernel(
        tier=tier, limits=rubric.limits, seed=seed, preload=rubric.preload, pictures=False
    ) as kernel:
        began = time.monotonic()
        execution = kernel.execute(exercise.reference)
        failure = execution.first_failure
        if failure is not None:
            reason = f"{failure.error.name}: {failure.error.message}" if failure.error else failure.ended
            raise CatalogError(
                say(
                    "reference/{exercise}/{exercise}.ipynb: cell {cell}: {reason}; the reference must run without"
                    " errors.",
                    exercise=exercise.id,
                    cell=failure.index + 1,
                    reason=reason,
                )
            )
        probes = [p for p in in_order(exercise, seed) if p.ask != "student" and p.world == "plain"]
        answers = ask_all(kernel, probes)
        curves = {
            criterion: thinned(losses_of(kernel.ask(probe)))
            for criterion, probe in curve_probes(exercise, seed).items()
        }
        wall_s = time.monotonic() - began
    return ReferenceAnswers(key=reference_key(exercise, seed), answers=answers, curves=curves, wall_s=wall_s)


def ask_all(kernel: Respondent, probes: Sequence[Probe]) -> dict[str, Observation]:
    """A reference's answers, by the probes' ids; it is trusted to come to an end."""
    return {seen.probe: seen for seen in ask_in_time(kernel, probes, math.inf, MOST_AT_ONCE)}


def reference_key(exercise: Exercise, seed: int) -> str:
    """SHA-256 over the reference, the questions and the libraries that compute the answers."""
    digest = hashlib.sha256(b"timed;" + exercise.reference_sha256.encode())
    for name in ("torch", "numpy"):
        digest.update(f"{name}={version(name)};".encode())
    for probe in in_order(exercise, seed):
        digest.update(probe.model_dump_json().encode())
    return digest.hexdigest()
