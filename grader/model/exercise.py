"""Exercises: what is set, with its reference and its rubric, as data that can travel to another machine."""

from __future__ import annotations

from grader.model.base import Frozen
from grader.model.rubric import Rubric


class Exercise(Frozen):
    """One exercise, read whole."""

    id: str
    rubric: Rubric
    rubric_version: str
    """SHA-256 of the rubric's canonical JSON, first 12 hex digits."""
    reference: str
    """The solution notebook, nbformat 4 JSON."""
    reference_sha256: str
    handout: str
    """What students get, nbformat 4 JSON."""
