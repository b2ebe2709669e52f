"""`grade exercise calibrate`: measures how often trainings succeed, and proposes thresholds and starts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from rich.console import Console

from grader.commands.exercise.calibration_shown import Counting, show
from grader.commands.options import settings_of, settings_options
from grader.commands.telling import tell
from grader.commands.usage_errors import WrongUsageError
from grader.disk import whole_file
from grader.errors import CatalogError, ReportError
from grader.i18n import render
from grader.model.file_words import reason_of, unwritable
from grader.model.text import Language, say

if TYPE_CHECKING:
    from grader.authoring.calibration.measuring import Measuring
    from grader.authoring.calibration.report import Calibration
    from grader.config import Settings
    from grader.model.exercise import Exercise

_FOLDER = click.Path(file_okay=False, path_type=Path)

EXAMPLES = """
Examples: `grade exercise calibrate 03_XOR_pytorch`; first, to see how long it takes, `grade exercise calibrate --starts
12 --only reference`; at the end `grade exercise calibrate 03_XOR_pytorch --write`.

Exit codes: 0 when every right solution is kept the promise, or it could not be shown otherwise; 1 when one fails more
often; 2 for wrong usage; 130 when interrupted, and what was measured is kept.
"""


@click.command("calibrate", epilog=EXAMPLES)
@click.argument("ids", metavar="[ID…]", nargs=-1)
@click.option(
    "--starts",
    type=click.IntRange(1, 100_000),
    default=200,
    show_default=True,
    metavar="N",
    help="Random starts of each notebook, at least; below 200 nothing is proposed.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="NAME",
    help="Only this variant, `reference`, or `right`; may be given again.",
)
@click.option(
    "--out",
    type=_FOLDER,
    default=Path("calibration"),
    show_default=True,
    metavar="DIR",
    help="Where the record and the pages go.",
)
@click.option("--write", is_flag=True, help="Write what is proposed into `rubric.toml`; comments stay.")
@settings_options("exercises", "reference", "jobs", "seed", "sandbox", "lang")
@click.pass_context
def calibrate_command(
    ctx: click.RichContext,
    /,
    ids: tuple[str, ...],
    starts: int,
    only: tuple[str, ...],
    out: Path,
    write: bool,
    **flags: Any,
) -> None:
    """Measure how often trainings succeed, from many random starts, and propose thresholds and a number of starts.

    Looked at is every criterion whose verdict hangs on where a training starts, of the kind `loss_threshold`, of the
    exercises named, or of all. The reference, every right variant, and each mistake that touches the training run in
    kernels and are asked that criterion's own questions, as gradings with the seeds N, N + 1, … ask them; losses are
    recomputed outside, as in a grading.

    A mistake touches the training when its file names the criterion (`criterion` or `also`), or when it changes a cell
    that defines a name which the criterion `requires`. One whose first ten starts all end in the same weights, or all
    run into the time limit, is asked no more: chance plays no part in it.

    Every start is written to `starts.jsonl` at once, and what is there already is not measured again: after Ctrl-C the
    same command goes on. Thresholds are no part of what was measured, so new ones are judged at once.
    """
    from grader.authoring.calibration.judging import calibration_of  # here: torch need not be waited for

    settings = settings_of(flags)
    if write and (only or starts < 200):
        raise WrongUsageError(
            say("--write needs at least 200 starts of all notebooks: leave out --only and --starts.")
        )
    plans = _plans(settings, ids, starts, only, out)
    try:
        _measure(settings, plans)
    except KeyboardInterrupt:
        _tell_how_to_go_on(out, settings.lang)
        ctx.exit(130)
    found = [calibration_of(measuring, is_whole=not only) for measuring in plans]
    for exercise in dict.fromkeys(c.exercise for c in found):
        own = [c for c in found if c.exercise == exercise]
        for calibration in own:
            show(calibration, settings.lang)
        _write_page(own, out, settings.lang)
        _propose(own, settings.reference / exercise / "rubric.toml", settings.lang, write=write)
    if any(calibration.broken for calibration in found):
        ctx.exit(1)


def _plans(
    settings: Settings, ids: Sequence[str], starts: int, only: Sequence[str], out: Path
) -> list[Measuring]:
    from grader.authoring.calibration.cases import calibrated, cases_of, chosen
    from grader.authoring.calibration.measuring import Measuring, Plan
    from grader.authoring.calibration.record import FILE
    from grader.sandbox import choose_tier

    tier = choose_tier(settings.sandbox)
    pairs = [(exercise, c) for exercise in _exercises(settings, ids) for c in calibrated(exercise)]
    if not pairs:
        raise CatalogError(
            say("No criterion of the kind `loss_threshold` here: there is nothing to calibrate.")
        )
    cases = {(exercise.id, c.id): cases_of(exercise, c, settings.reference) for exercise, c in pairs}
    chosen([case for own in cases.values() for case in own], only)  # refuses a name that is nowhere
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ReportError(
            say("{path}: cannot be made: {reason}.", path=str(out), reason=reason_of(error))
        ) from error
    plans = []
    for exercise, criterion in pairs:
        own = tuple(c for c in cases[exercise.id, criterion.id] if not only or {c.name, c.role} & set(only))
        if own:
            plans.append(Measuring(Plan(exercise, criterion, own, starts, settings.seed, tier, out / FILE)))
    return plans


def _exercises(settings: Settings, ids: Sequence[str]) -> list[Exercise]:
    from grader.commands.rubric.finding import exercises_of, find_exercise

    exercises = exercises_of(settings)
    return [find_exercise(exercises, id_) for id_ in dict.fromkeys(ids)] or list(exercises)


def _measure(settings: Settings, plans: Sequence[Measuring]) -> None:
    from grader.pipeline.places import open_executor

    todo = [measuring for measuring in plans if measuring.left()]
    if not todo:
        return
    here = settings.model_copy(update={"dask": None})
    rubrics = [measuring.plan.exercise.rubric for measuring in todo]
    counting = Counting(lambda: sum(measuring.left() for measuring in todo), settings.lang)
    with open_executor(here, todo[0].plan.tier, rubrics, lambda _: None) as executor, counting:
        for measuring in todo:
            measuring.run(executor, lambda case, _: counting.tell(f"{case.exercise} · {case.name}"))


def _tell_how_to_go_on(out: Path, language: Language) -> None:
    words = say(
        "Interrupted: every start that was measured is kept in {path}; the same command goes on where it stopped.",
        path=str(out),
    )
    Console(stderr=True).print(render(words, language), markup=False, highlight=False, soft_wrap=True)


def _write_page(calibrations: Sequence[Calibration], out: Path, language: Language) -> None:
    from grader.authoring.calibration.page import render_page

    path = out / f"{calibrations[0].exercise}.html"
    if not any(calibration.findings for calibration in calibrations):
        return
    try:
        with whole_file(path) as stream:
            stream.write(render_page(calibrations, language).encode("utf-8"))
    except OSError as error:
        raise ReportError(unwritable(path, error)) from error
    tell(say("Plot: {path}", path=str(path)), language)


def _propose(calibrations: Sequence[Calibration], path: Path, language: Language, *, write: bool) -> None:
    """Show what the rubric would become, and write it when told to."""
    from grader.authoring.calibration.judging import diff, with_proposal

    before = after = path.read_text(encoding="utf-8")
    for calibration in calibrations:
        if calibration.proposal is not None and calibration.proposal.is_change:
            after = with_proposal(after, calibration.criterion, calibration.proposal)
    if before == after:
        return
    proposed = render(say("{path} (proposed)", path=str(path)), language)
    click.echo(diff(before, after, str(path), proposed), nl=False)
    if not write:
        tell(say("{path}: nothing was written; --write does.", path=str(path)), language)
        return
    try:
        with whole_file(path) as stream:
            stream.write(after.encode("utf-8"))
    except OSError as error:
        raise ReportError(unwritable(path, error)) from error
    tell(say("{path}: written. Grade again to see whose grade would move.", path=str(path)), language)
