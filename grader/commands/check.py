"""`grade check`: a student's self-check of one notebook."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from rich.console import Console
from rich.padding import Padding
from rich.text import Text as RichText

from grader.commands.options import settings_of, settings_options
from grader.commands.telling import tell
from grader.commands.usage_errors import WrongUsageError
from grader.errors import ConfigError
from grader.i18n import render
from grader.model.check_report import CheckReport
from grader.model.execution import CellRun
from grader.model.report import CriterionResult
from grader.model.text import Language, Text, say

if TYPE_CHECKING:
    from grader.config import Settings
    from grader.selfcheck.fresh import Heard, NotebookFile
    from grader.selfcheck.public import PublicExercise

EXAMPLES = """
Examples: `grade check 01_regression_lineaire.ipynb`; `grade check TP1.ipynb --only train`;
`grade check TP1.ipynb --bundle` writes the file to hand in; `grade check TP1.ipynb --json > check.json`.

Exit codes: 0 when all public criteria that a machine judges are fulfilled; 1 when not; 2 for wrong usage, or a file
that is no notebook; 130 when interrupted.
"""


@click.command(epilog=EXAMPLES)
@click.argument("notebook", type=click.Path(path_type=Path))
@click.option("--only", metavar="TASK", help="Check this task only.")
@click.option(
    "--kit",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The exercise's file `<id>.check.json`; default: the one beside the notebook, or in the current folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object and nothing else.")
@click.option(
    "--bundle", is_flag=True, help="Write the file to hand in: a zip of the notebook and a receipt."
)
@settings_options("lang", "sandbox")
@click.pass_context
def check(
    ctx: click.RichContext,
    /,
    notebook: Path,
    only: str | None,
    kit: Path | None,
    as_json: bool,
    bundle: bool,
    **flags: Any,
) -> None:
    """Check NOTEBOOK by the public criteria of its exercise, as it is graded later.

    The notebook runs from the top in a fresh kernel, in an empty folder, and is asked the examples of the student's
    kit; hidden criteria are not checked. Nothing is kept, and nothing leaves this machine. In a notebook,
    `%load_ext grader` and `%check` do the same on the live kernel.

    Where walls hold on this machine, the notebook runs behind them; else it runs as it would in your Jupyter.
    """
    from grader.selfcheck.fresh import check_fresh, read_file, settle_walls
    from grader.selfcheck.hand_in import hand_in

    if bundle and only:
        raise WrongUsageError(say("--bundle goes with a check of the whole notebook, without --only."))
    settings = settings_of(flags)
    file = read_file(notebook)
    tier = settle_walls(settings.sandbox)
    public = _exercise_of(file, kit, settings, tier)
    chosen = public.bundle.lang if not _is_said(flags) else settings.lang
    part = public if only is None else public.of_task(only)
    with _Progress(chosen, len(file.content["cells"]), part) as progress:
        report = check_fresh(part, file, tier=tier, language=chosen, hear=progress.hear)
    if as_json:
        click.echo(report.model_dump_json(by_alias=True, indent=1))
    else:
        _print(report)
    if bundle:
        written = say("To hand in: {path}", path=str(hand_in(report, file)))
        Console(stderr=as_json).print(render(written, chosen), markup=False, highlight=False, soft_wrap=True)
    ctx.exit(0 if report.passed else 1)


def _is_said(flags: dict[str, Any]) -> bool:
    """Whether somebody chose a language: then the kit's gives way."""
    return bool(flags.get("lang") or os.environ.get("GRADE_LANG"))


def _exercise_of(file: NotebookFile, kit: Path | None, settings: Settings, tier: str) -> PublicExercise:
    """From the kit; or, for whoever has the course's folder, from the reference itself."""
    from grader.selfcheck.public import choose, find_bundles, read_bundle, told_exercise

    here = file.path.resolve().parent
    paths = [kit] if kit is not None else find_bundles([here, Path.cwd()])
    known = [read_bundle(path) for path in paths]
    chosen = choose(known, file.content, file.path)
    if chosen is not None:
        return chosen
    if kit is None and settings.reference.is_dir():
        return _from_reference(file, settings, tier)
    if known:
        ids = ", ".join(public.exercise.id for public in known)
        told = told_exercise(file.content)
        which = (
            say("the notebook does not tell which of them it is of")
            if told is None
            else say("the notebook is of the exercise {exercise}", exercise=told)
        )
        raise ConfigError(
            say(
                "{path}: the kit is for {known}, and {which}; name it with --kit.",
                path=str(file.path),
                known=ids,
                which=which,
            )
        )
    raise ConfigError(
        say(
            "{path}: no file *.check.json beside it. It is in the kit of your exercise: put it there, or name it"
            " with --kit.",
            path=str(file.path),
        )
    )


def _from_reference(file: NotebookFile, settings: Settings, tier: str) -> PublicExercise:
    from grader.authoring.check_bundle import make_bundle
    from grader.catalog import read_catalog
    from grader.criteria import KINDS
    from grader.intake.matching import Matcher
    from grader.selfcheck.public import public_exercise

    exercises = read_catalog(settings.exercises, settings.reference, KINDS)
    resolved = file.path.resolve()
    match = Matcher(exercises).match(file.content, (resolved.name, *(p.name for p in resolved.parents)))
    exercise = next((e for e in exercises if e.id == match.exercise), None)
    if exercise is None:
        known = ", ".join(e.id for e in exercises)
        raise ConfigError(
            say(
                "{path}: it is not clear which exercise it is of; there are {known}.",
                path=str(file.path),
                known=known,
            )
        )
    tell(say("No kit beside the notebook: the reference is asked."), settings.lang, Console(stderr=True))
    return public_exercise(make_bundle(exercise, tier=tier, lang=settings.lang), origin=exercise.id)


class _Progress:
    """What is being done, in one line of the terminal that goes when it is over; nothing where there is none."""

    def __init__(self, language: Language, cells: int, public: PublicExercise) -> None:
        self._language, self._cells = language, cells
        self._criteria = len(public.exercise.rubric.criteria)
        self._judged = 0
        self._status = Console(stderr=True).status(self._words(say("Starting a fresh kernel…")))

    def __enter__(self) -> _Progress:
        self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.stop()

    def hear(self, heard: Heard) -> None:
        """Show what begins."""
        if isinstance(heard, CriterionResult):
            self._judged += 1
            text = say("Criteria: {done} of {total}", done=self._judged, total=self._criteria)
        elif isinstance(heard, CellRun):
            return
        else:
            text = say("Cell {cell} of {total}", cell=heard + 1, total=self._cells)
        self._status.update(self._words(text))

    def _words(self, text: Text) -> RichText:
        return RichText(render(text, self._language))


def _print(report: CheckReport) -> None:
    from grader.selfcheck.plain import lines

    console = Console()
    for line in lines(report):
        console.print(Padding(RichText(line.text, line.style), (0, 0, 0, line.indent), expand=False))
