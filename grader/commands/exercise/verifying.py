"""`grade exercise verify`: tests exercises as code is tested."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from rich.console import Console
from rich.table import Table

from grader.commands.exercise.finding import read_wanted
from grader.commands.exercise.progress import Steps
from grader.commands.export.common import write_file
from grader.commands.options import settings_of, settings_options
from grader.commands.telling import tell
from grader.i18n import render
from grader.model.text import Language, Text, say

if TYPE_CHECKING:
    from grader.authoring.cases import Case
    from grader.authoring.verification import Checked
    from grader.config import Settings
    from grader.model.exercise import Exercise

EXAMPLES = """
Examples: `grade exercise verify`; `grade exercise verify 02_autograd --junit verify.xml`;
`grade exercise verify 02_autograd --only 'value_*' --only reference`; `grade exercise verify --only right --seed 7`.
"""


@click.command("verify", epilog=EXAMPLES)
@click.argument("ids", metavar="[ID…]", nargs=-1)
@click.option(
    "--only",
    multiple=True,
    metavar="NAME",
    help="Grade only these: a variant's name (`*` as in file names), `reference`, `blank`, `right` or `mistake`;"
    " may be given again. With it, files and numbers of variants are not looked at.",
)
@click.option(
    "--junit", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Also write JUnit's XML."
)
@settings_options("exercises", "reference", "jobs", "seed", "sandbox", "lang")
@click.pass_context
def verify_command(
    ctx: click.RichContext, /, ids: tuple[str, ...], only: tuple[str, ...], junit: Path | None, **flags: Any
) -> None:
    """Grade what each exercise's outcome is known of, and say where it is another.

    The reference must get every point that a machine can give, the untouched handout none, each of `right/*.toml` all,
    and each of `mistakes/*.toml` must fail by its own criterion, with the verdict, points and words that it names,
    and lose nothing elsewhere. Without grading it is seen whether the handout is in step with the reference, and
    whether each criterion has a mistake that it must find. Where more variants would show more, it says so.

    The exit code is 0 when all is as it should be, 1 when not, 2 for bad input, 130 when interrupted.
    """
    from grader.authoring.cases import cases_of, chosen, shortages, standing_faults

    settings = settings_of(flags)
    exercises = read_wanted(ids, settings)
    cases = {id_: cases_of(exercise, settings.reference / id_) for id_, exercise in exercises.items()}
    standing = {id_: list(standing_faults(exercise, cases[id_])) for id_, exercise in exercises.items()}
    todo = chosen([case for found in cases.values() for case in found], only)
    checked = _check(todo, exercises, settings)
    _print(checked, {} if only else standing, settings.lang)
    if junit is not None:
        from grader.authoring.verification_junit import render_verification

        write_file(junit, render_verification(checked, {} if only else standing))
    if not only:
        for id_, exercise in exercises.items():
            for line in shortages(exercise, cases[id_]):
                tell(line, settings.lang)
    if not all(result.is_good for result in checked) or (not only and any(standing.values())):
        ctx.exit(1)


def _check(cases: Sequence[Case], exercises: dict[str, Exercise], settings: Settings) -> list[Checked]:
    """All outcomes, in the order of the cases."""
    from grader.authoring.asking import ask_references
    from grader.authoring.verification import check_all
    from grader.pipeline.places import open_executor, settle_tier

    tier = settle_tier(settings)
    named = {case.exercise for case in cases}
    wanted = {id_: exercise for id_, exercise in exercises.items() if id_ in named}
    rubrics = [exercise.rubric for exercise in wanted.values()]
    place = {(case.exercise, case.what, case.name): number for number, case in enumerate(cases)}
    found: list[Checked] = []
    with (
        Steps(say("Verified"), len(cases), settings.lang) as steps,
        open_executor(settings, tier, rubrics, lambda _: None) as executor,
    ):
        references = ask_references(list(wanted.values()), executor, seed=settings.seed, tier=tier)
        for result in check_all(cases, wanted, references, executor, seed=settings.seed, tier=tier):
            steps.done(f"{result.case.exercise} · {result.case.name}")
            for line in _complaints([result], {}):
                steps.tell(line)
            found.append(result)
    return sorted(found, key=lambda result: place[result.case.exercise, result.case.what, result.case.name])


def _print(checked: Sequence[Checked], standing: dict[str, list[Text]], language: Language) -> None:
    console = Console()
    table = Table(box=None)
    for title in (say("Exercise"), say("What")):
        table.add_column(render(title, language), no_wrap=True)
    for title in (say("Graded"), say("Faults")):
        table.add_column(render(title, language), justify="right", no_wrap=True)
    groups: dict[tuple[str, str], list[Checked]] = {}
    for result in checked:
        groups.setdefault((result.case.exercise, result.case.what), []).append(result)
    for (exercise, what), results in groups.items():
        bad = sum(not result.is_good for result in results)
        table.add_row(exercise, what, str(len(results)), str(bad), style="red" if bad else None)
    for exercise, faults in standing.items():
        table.add_row(
            exercise, render(say("files"), language), "", str(len(faults)), style="red" if faults else None
        )
    console.print(table)
    # On a terminal, each case's own faults were told when it was graded.
    seen = console.is_terminal and sys.stderr.isatty()
    for line in _complaints([] if seen else checked, standing):
        console.print(render(line, language), markup=False, highlight=False, soft_wrap=True)


def _complaints(checked: Sequence[Checked], standing: dict[str, list[Text]]) -> list[Text]:
    lines = [fault for faults in standing.values() for fault in faults]
    for result in checked:
        path = result.case.place
        lines += [say("{path}: {fault}", path=path, fault=fault) for fault in result.faults]
        if result.problem is not None:
            lines.append(say("{path}: could not be graded: {problem}", path=path, problem=result.problem))
    return lines
