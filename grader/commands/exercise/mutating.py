"""`grade exercise mutate`: are small mistakes found, whichever they are?"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from rich.console import Console
from rich.table import Table

from grader.commands.exercise.finding import read_wanted
from grader.commands.exercise.progress import Steps
from grader.commands.options import settings_of, settings_options
from grader.commands.telling import tell
from grader.i18n import render
from grader.model.text import Language, Text, exact, say

if TYPE_CHECKING:
    from grader.authoring.mutation.score import Tried
    from grader.authoring.mutation.testing import Candidate
    from grader.config import Settings
    from grader.model.exercise import Exercise

EXAMPLES = """
Examples: `grade exercise mutate 02_autograd --out mutants.jsonl`; `grade exercise mutate --list`;
`grade exercise mutate 03_XOR_pytorch --only train --only 'optimizers.*'`.
Run again with the same --out after an interruption, or after a change of the rubric: what still holds is passed over.
"""


@click.command("mutate", epilog=EXAMPLES)
@click.argument("ids", metavar="[ID…]", nargs=-1)
@click.option("--list", "lists", is_flag=True, help="Show the mutants, and grade none.")
@click.option(
    "--only",
    multiple=True,
    metavar="NAME",
    help="Only these: a cell's grade id, a rule, or a mutant's name, with `*` as in file names; may be given again.",
)
@click.option(
    "--out",
    "record",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep the trials here, one JSON object a line, and pass over those that it holds.",
)
@settings_options("exercises", "reference", "jobs", "seed", "sandbox", "lang")
@click.pass_context
def mutate_command(
    ctx: click.RichContext,
    /,
    ids: tuple[str, ...],
    lists: bool,
    only: tuple[str, ...],
    record: Path | None,
    **flags: Any,
) -> None:
    """Make many small mistakes in each reference's solution, by rule, and see which of them no criterion finds.

    A mutant is the reference with one edit: a sign, a number, `zero_grad` left out, another activation, a step before
    its gradient, … It is graded as a student's notebook is, and killed when a criterion gives less than full points.
    One that lives is a mistake that would cost a student nothing: sharpen a criterion, or, where the mutant does what
    the reference does, name it in `reference/<id>/equivalent.toml` with the reason.

    The exit code is 0 when in each exercise at least 95 % of the mutants that are not equivalent are killed, 1 when
    not, 2 for bad input, 130 when interrupted. A mutant costs some seconds of one core; they are graded side by side.
    """
    from grader.authoring.mutation.score import LEAST_SCORE, score
    from grader.authoring.mutation.testing import candidates

    settings = settings_of(flags)
    exercises = read_wanted(ids, settings)
    wanted = candidates(exercises, settings.reference, only)
    if lists:
        _print_list(wanted, settings.lang)
        return
    tried = _try(wanted, exercises, settings, record)
    by_exercise = {id_: [one for one in tried if one.exercise == id_] for id_ in exercises}
    scores = {id_: score(found) for id_, found in by_exercise.items() if found}
    _print_living(tried, settings.lang)
    _print_scores(by_exercise, scores, settings.lang)
    if min(scores.values(), default=1.0) < LEAST_SCORE:
        ctx.exit(1)


def _try(
    wanted: Sequence[Candidate], exercises: dict[str, Exercise], settings: Settings, path: Path | None
) -> list[Tried]:
    """All trials, known or new, in the order of the mutants."""
    from grader.authoring.mutation.record import Record
    from grader.authoring.mutation.score import Tried
    from grader.authoring.mutation.testing import try_all
    from grader.pipeline.places import open_executor, settle_tier

    tier = settle_tier(settings)
    found: list[Tried] = []
    todo: list[Candidate] = []
    with Record(path) as record:
        for one in wanted:
            known = record.find(one.mutant, exercises[one.exercise], settings.seed)
            if known is None:
                todo.append(one)
            else:
                found.append(
                    Tried(exercise=one.exercise, mutant=one.mutant, trial=known, equivalent=one.equivalent)
                )
        if found:
            passed = say(
                "{known} of {total} were tried already and are passed over.",
                known=len(found),
                total=len(wanted),
            )
            Console(stderr=True).print(render(passed, settings.lang))
        rubrics = [exercises[id_].rubric for id_ in sorted({one.exercise for one in todo})]
        with (
            Steps(say("Tried"), len(todo), settings.lang) as steps,
            open_executor(settings, tier, rubrics, lambda _: None) as executor,
        ):
            try:
                for trial in try_all(todo, exercises, executor, record, seed=settings.seed, tier=tier):
                    steps.done(f"{trial.exercise} · {trial.mutant.name}")
                    if trial.lives:
                        steps.tell(say("lives: {mutant}", mutant=_name(trial)))
                    found.append(trial)
            except KeyboardInterrupt:
                kept = say("Interrupted: {done} of {total} tried, and kept; the same command goes on.",
                           done=steps.count, total=len(todo))  # fmt: skip
                lost = say("Interrupted: {done} of {total} tried, and lost; with --out FILE they would be kept.",
                           done=steps.count, total=len(todo))  # fmt: skip
                steps.tell(kept if path else lost)
                raise
    place = {(one.exercise, one.mutant.key): number for number, one in enumerate(wanted)}
    return sorted(found, key=lambda each: place[each.exercise, each.mutant.key])


def _print_list(wanted: Sequence[Candidate], language: Language) -> None:
    for one in wanted:
        click.echo(_name(one))
        click.echo(_indented(one.mutant.diff))
        if one.equivalent is not None:
            tell(say("    equivalent: {why}", why=one.equivalent), language)
    equivalent = sum(one.equivalent is not None for one in wanted)
    tell(
        say("{count} mutants, {equivalent} of them equivalent", count=len(wanted), equivalent=equivalent),
        language,
    )


def _print_living(tried: Sequence[Tried], language: Language) -> None:
    for one in tried:
        if one.equivalent is not None and one.is_killed and one.trial is not None:
            words = say(
                "{mutant} is said to be equivalent, but {criterion} finds it.",
                mutant=_name(one),
                criterion=one.trial.criterion or "",
            )
            tell(words, language)
        if not one.lives:
            continue
        why: Text | str | None = one.problem
        if one.trial is not None and one.trial.criterion is not None:
            why = f"{one.trial.criterion}: {one.trial.verdict}. {one.trial.note}".strip()
        if why is None:
            tell(say("{mutant} lives", mutant=_name(one)), language)
        else:
            tell(say("{mutant} could not be judged: {why}", mutant=_name(one), why=why), language)
        click.echo(_indented(one.mutant.diff))


def _print_scores(tried: dict[str, list[Tried]], scores: dict[str, float], language: Language) -> None:
    table = Table(box=None)
    table.add_column(render(say("Exercise"), language), no_wrap=True)
    counted = (
        say("Mutants"),
        say("Equivalent"),
        say("Killed"),
        say("Living"),
        say("Not judged"),
        say("Score"),
    )
    for title in counted:
        table.add_column(render(title, language), justify="right", no_wrap=True)
    for id_, value in scores.items():
        found = tried[id_]
        living = [one for one in found if one.lives]
        unjudged = [one for one in living if one.trial is None or one.trial.criterion is not None]
        counts = (
            len(found),
            sum(one.equivalent is not None for one in found),
            sum(one.is_killed and one.equivalent is None for one in found),
            len(living) - len(unjudged),
            len(unjudged),
        )
        percent = say("{number} %", number=exact(Decimal(f"{100 * value:.1f}")))
        table.add_row(id_, *map(str, counts), render(percent, language))
    Console().print(table)


def _name(one: Candidate | Tried) -> str:
    return f"{one.exercise} · {one.mutant.name}"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
