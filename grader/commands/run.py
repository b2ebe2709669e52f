"""`grade run`: grade a class."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from rapidfuzz import process
from rich.console import Console
from rich.table import Table

from grader.commands.moves import Consent
from grader.commands.options import settings_of, settings_options
from grader.commands.renaming import are_the_same, tell_other_names
from grader.commands.telling import tell
from grader.config import LateSettings
from grader.errors import IntakeError
from grader.i18n import render
from grader.late import policy_doubts
from grader.model.report import GradeReport
from grader.model.text import Text, say
from grader.reports import Progress, print_intake, print_missing, print_summary
from grader.reports.plain_text import fit

if TYPE_CHECKING:
    from grader.pipeline import Move, Plan

EXAMPLES = """
Examples: `grade run submissions/`; `grade run late/ --jobs 4 --lang fr`; `grade run submissions/ --only ada --again`;
`grade run submissions/ --dask tcp://head:8786`.
Run again after an interruption: what was graded is passed over.
"""


@click.command(epilog=EXAMPLES)
@click.argument(
    "submissions", nargs=-1, required=True, metavar="SUBMISSIONS…", type=click.Path(path_type=Path)
)
@settings_options(
    "exercises",
    "reference",
    "db",
    "out",
    "jobs",
    "dask",
    "seed",
    "lang",
    "sandbox",
    "real_gpu",
    "groups",
    "counts",
)
@click.option(
    "--only", multiple=True, metavar="NAME", help="Grade this student or exercise only; may be given again."
)
@click.option(
    "--pattern",
    metavar="PATTERN",
    help="How files are named, where that is not recognised: `{name}_{student}/**/{exercise}.ipynb`.",
)
@click.option(
    "--times",
    multiple=True,
    metavar="FILE",
    help="When students handed in: a table with `student` and `handed_in_at`, or Moodle's worksheet as"
    " `EXERCISE=FILE`; may be given again.",
)
@click.option("--again", is_flag=True, help="Grade anew what is graded already, and replace its grades.")
@click.option(
    "--rename",
    is_flag=True,
    help="Take another name under a known number for the same person's, without asking.",
)
@click.option("--yes", is_flag=True, help="Replace grades that move, without asking.")
@click.option("--dry-run", is_flag=True, help="Say what would be graded, and grade nothing.")
@click.pass_context
def run(
    ctx: click.RichContext,
    /,
    submissions: tuple[Path, ...],
    only: tuple[str, ...],
    pattern: str | None,
    times: tuple[str, ...],
    again: bool,
    rename: bool,
    yes: bool,
    dry_run: bool,
    **flags: Any,
) -> None:
    """Grade SUBMISSIONS: folders (an LMS's download, or one folder a student), zip archives of one, or notebooks.

    Downloads of Moodle, Canvas, Gradescope and Blackboard, nbgrader's `submitted/` and folders of git repositories are
    recognised; what was found is shown before anything is graded, and `--dry-run` shows nothing else.

    Each notebook runs in a fresh kernel behind walls, is asked questions, and is judged outside. Grades are kept in
    the grade book, one by one; what it has already, for the same content, is passed over.

    After a change of a rubric or a reference, the same notebooks are graded again; where grades would move, a table
    shows which, from what to what and why, and nothing is replaced before you say yes, or `--yes`.

    Where a number is known under another name, it may be somebody else: nothing of it is graded before you say yes, or
    `--rename`.
    """
    from grader import pipeline  # here, so that `grade --help` need not wait for it

    _check_words(ctx, submissions)
    settings = settings_of(flags)
    if times:
        late = (settings.late or LateSettings()).model_copy(update={"times": times})
        settings = settings.model_copy(update={"late": late})
    plan = pipeline.plan(settings, submissions, only=only, again=again, pattern=pattern)
    print_intake(plan.chosen, settings.lang)
    print_missing(pipeline.missing_imports(plan.todo.values()), settings.lang)
    if not plan.intake.submissions:
        raise IntakeError(say("There is no notebook to grade in what was given."))
    tell_other_names(plan.other_names, settings.lang)
    if dry_run:
        _print_plan(plan)
        return
    left_out = bool(plan.other_names) and not (rename or are_the_same(plan.other_names, settings.lang))
    if left_out:
        plan = pipeline.without(plan, {one.unit for one in plan.other_names})
    _warn(plan)
    _tell_late_doubts(plan)
    done: list[str] = []
    consent = Consent(yes, settings.lang)
    try:
        with Progress(len(plan.todo), settings.lang) as progress:

            def note(report: GradeReport) -> None:
                done.append(report.student)
                progress.done(report)

            def notify(text: Text) -> None:
                tell(text, settings.lang, Console(stderr=True))

            def agree(moves: Sequence[Move]) -> bool:
                progress.stop()
                return consent.ask(moves)

            class_report = pipeline.carry_out(plan, note, notify, agree)
    except KeyboardInterrupt:
        _tell_how_to_go_on(len(done), plan)
        ctx.exit(130)
    print_summary(class_report, settings.lang)
    where = settings.out / "index.html"
    tell(say("Report: {path}", path=str(where)), settings.lang)
    if left_out or consent.is_missing or any(report.has_judge_error for report in class_report.reports):
        ctx.exit(1)


def _check_words(ctx: click.Context, submissions: tuple[Path, ...]) -> None:
    """Tell a mistyped command from a folder that does not exist."""
    first = submissions[0]
    commands = [] if ctx.parent is None else list(getattr(ctx.parent.command, "commands", {}))
    nearest = process.extractOne(str(first), commands, score_cutoff=75)
    if nearest is not None and not first.exists():
        raise IntakeError(
            say(
                "{word} is neither a file nor a command; did you mean `grade {command}`?",
                word=str(first),
                command=nearest[0],
            )
        )


def _tell_late_doubts(plan: Plan) -> None:
    """What of the late policy fits nobody, and of how many notebooks nobody told when they came."""
    if plan.late is None:
        return
    console = Console(stderr=True)
    found = plan.intake.submissions
    people = {member.student: member.name for submission in found for member in submission.members}
    people |= {submission.student: submission.name for submission in found}
    for doubt in policy_doubts(plan.late, people, [exercise.id for exercise in plan.exercises]):
        tell(doubt, plan.settings.lang, console)
    unknown = sum(s.handed_in_at is None and plan.late.due(s) is not None for s in found)
    if unknown:
        words = say(
            "Nobody told when these notebooks were handed in, so nothing is taken off for lateness: {count}."
            " Give --times FILE, or `times` in [late].",
            count=unknown,
        )
        tell(words, plan.settings.lang, console)


def _warn(plan: Plan) -> None:
    from grader.sandbox.tiers import stronger

    console = Console(stderr=True)
    if plan.tier == "none" and plan.todo:
        words = say(
            "No walls (--sandbox none): the notebooks can read and change all that you can, your files included."
        )
        console.print(f"[bold red]{render(words, plan.settings.lang)}[/]", highlight=False)
    if plan.settings.sandbox == "auto" and plan.settings.dask is None and plan.todo:
        for better, reason in list(stronger(plan.tier).items())[-1:]:
            words = say(
                "Sandbox tier {tier}; {better} does not hold here: {reason}. `grade doctor` says what would help.",
                tier=plan.tier,
                better=better,
                reason=render(reason, plan.settings.lang).rstrip("."),
            )
            tell(words, plan.settings.lang, console)
    if plan.gpu is not None and plan.todo:
        words = say(
            "Second runs on {gpu}: what is judged there can reach the driver of the GPU.", gpu=plan.gpu
        )
        tell(words, plan.settings.lang, console)
    if plan.passed_over:
        names = ", ".join(fit(f"{person.name} ({person.student})") for person in plan.passed_over)
        words = say("Taken out of the class, and passed over: {names}.", names=names)
        tell(words, plan.settings.lang, console)
    for alone, group in plan.beside_groups:
        words = say(
            "{name} handed in {exercise} alone, and is in {group}, whose grade counts. Give --groups; or"
            " `grade people remove {unit}` where the group is no more.",
            name=fit(alone.name),
            exercise=alone.exercise,
            group=fit(group.name),
            unit=fit(group.student),
        )
        tell(words, plan.settings.lang, console)
    if plan.known:
        one = say("1 is graded already and is passed over.")
        more = say("{count} are graded already and are passed over.", count=len(plan.known))
        tell(one if len(plan.known) == 1 else more, plan.settings.lang, console)


def _tell_how_to_go_on(done: int, plan: Plan) -> None:
    text = say(
        "Interrupted: {done} of {total} graded, and kept. The same command goes on where it stopped.",
        done=done,
        total=len(plan.todo),
    )
    tell(text, plan.settings.lang, Console(stderr=True))


def _print_plan(plan: Plan) -> None:
    language = plan.settings.lang
    table = Table(box=None)
    for title in (say("Student"), say("Exercise"), say("What would be done")):
        table.add_column(render(title, language))
    states = [(s, say("grade")) for s in plan.todo.values()]
    states += [(s, say("nothing: graded already")) for s in plan.known.values()]
    for submission, state in sorted(states, key=lambda pair: plan.intake.submissions.index(pair[0])):
        what = state if submission.notebook is not None else say("report that it cannot be read")
        told = say("{what} (told by its content)", what=what) if submission.by_content else what
        shown = say("{what} (late)", what=told) if submission.late else told
        table.add_row(submission.name, submission.exercise, render(shown, language))
    console = Console()
    console.print(table, markup=False)
    total = say("{todo} to grade, {known} graded already.", todo=len(plan.todo), known=len(plan.known))
    tell(total, language, console)
