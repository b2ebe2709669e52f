"""The last part of `grade doctor`: one sample graded, and how long the class at hand will take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from grader.commands.telling import tell
from grader.config import Settings
from grader.errors import GraderError
from grader.model.exercise import Exercise
from grader.model.report import GradeReport
from grader.model.text import say
from grader.reports.numbers import points_text
from grader.reports.terminal import duration


def examine_grading(
    settings: Settings, submissions: Sequence[Path], *, samples: bool, console: Console
) -> bool:
    """Grade a sample, and forecast; whether nothing was found to be wrong.

    Raises: ConfigError, StoreError, when the exercises or submissions cannot be read.
    """
    from grader import pipeline
    from grader.catalog import read_catalog
    from grader.criteria import KINDS
    from grader.pipeline.forecast import forecast, seconds_by_exercise
    from grader.pipeline.places import settle_tier

    if not settings.reference.is_dir() and not submissions:
        tell(say("No exercises here: no sample was graded."), settings.lang, console)
        return True
    plan = pipeline.plan(settings, submissions) if submissions else None
    exercises = plan.exercises if plan else read_catalog(settings.exercises, settings.reference, KINDS)
    tier = plan.tier if plan else settle_tier(settings)
    seconds = seconds_by_exercise(settings)
    counts = Counter(s.exercise for s in plan.todo.values()) if plan else Counter[str]()
    remembered = set(seconds)
    is_well = True
    if samples:
        for exercise in _to_sample(exercises, counts, seconds):
            report = _sampled(settings, exercise, tier, console)
            is_well = is_well and report is not None and _is_full(report)
            if report is not None:
                seconds.setdefault(exercise.id, report.wall_s)
    if plan is not None and (seconds or not plan.todo):
        found = forecast(plan, seconds)
        time = duration(found.seconds)
        words = say(
            "To grade: {notebooks} notebooks, about {time} on {cores} cores, {jobs} at a time;"
            " graded already: {known}.",
            notebooks=found.notebooks,
            time=time if set(counts) <= remembered else say("{time} or more", time=time),
            cores=found.cores,
            jobs=found.jobs,
            known=found.known,
        )
        tell(words, settings.lang, console)
    return is_well


def _to_sample(
    exercises: Sequence[Exercise], counts: Counter[str], seconds: dict[str, float]
) -> list[Exercise]:
    """Of those at hand, each that was never timed; one at least."""
    ordered = sorted(exercises, key=lambda exercise: -counts[exercise.id])
    unknown = [exercise for exercise in ordered if counts[exercise.id] and exercise.id not in seconds]
    return unknown or ordered[:1]


def _sampled(settings: Settings, exercise: Exercise, tier: str, console: Console) -> GradeReport | None:
    from grader.pipeline.forecast import grade_sample

    try:
        report = grade_sample(settings, exercise, tier)
    except GraderError as error:
        tell(say("The sample could not be graded: {reason}", reason=error.text), settings.lang, console)
        return None
    words = say(
        "Sample graded, the reference of {exercise}: {points}/{out_of} in {seconds} s.",
        exercise=exercise.id,
        points=points_text(report.points, settings.lang),
        out_of=points_text(report.decided, settings.lang),
        seconds=round(report.wall_s, 1),
    )
    tell(words, settings.lang, console)
    if not _is_full(report):
        tell(
            say("A reference without full points is judged wrongly here: see what its rubric asks."),
            settings.lang,
            console,
        )
    return report


def _is_full(report: GradeReport) -> bool:
    return not report.has_judge_error and report.points == report.decided
