"""`grade doctor`: what this machine has, which walls hold on it, and what would help."""

from __future__ import annotations

import os
import platform
import re
import shutil
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

import rich_click as click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

import grader
from grader.commands.options import settings_of, settings_options
from grader.commands.sampling import examine_grading
from grader.commands.telling import tell
from grader.i18n import render
from grader.model.text import Language, Text, say
from grader.modules import COURSE, install_command

EXAMPLES = """
Examples: `grade doctor`; `grade doctor submissions/`; `grade doctor --no-sample --lang fr`.
"""
LIBRARIES = (
    *("torch", "lightning", "numpy", "matplotlib", "ipykernel", "jupyter_client", "nbclient", "pyzmq"),
    *("pydantic", "SQLAlchemy", "pyseccomp", "landlockpy"),
    *COURSE,
)
GIGABYTE = 1e9


@click.command(epilog=EXAMPLES)
@click.argument("submissions", nargs=-1, metavar="[SUBMISSIONS…]", type=click.Path(path_type=Path))
@click.option("--no-sample", is_flag=True, help="Grade no sample: forecast from the grade book only.")
@settings_options("exercises", "reference", "db", "jobs", "lang", "sandbox")
@click.pass_context
def doctor(ctx: click.RichContext, /, submissions: tuple[Path, ...], no_sample: bool, **flags: Any) -> None:
    """Check this machine: libraries, walls, disk, cores and memory, and say what to install or to set.

    Then grade a sample, the reference of an exercise, and say how long SUBMISSIONS will take. Nothing of it is kept.
    The exit code is 0 when student code can run behind walls and the sample got all its points, else 1.
    """
    from grader.sandbox.tiers import WALLED, weakness

    settings = settings_of(flags)
    language = settings.lang
    console = Console()
    _print_libraries(console, language)
    found = {tier: weakness(tier) for tier in WALLED}
    _print_walls(found, console, language)
    _print_machine(console, language)
    if all(reason is not None for reason in found.values()):
        ctx.exit(1)
    if submissions or not no_sample:
        console.print()
        if not examine_grading(settings, submissions, samples=not no_sample, console=console):
            ctx.exit(1)


def _print_libraries(console: Console, language: Language) -> None:
    environment = say(
        "grade {version}, Python {python}, {system}",
        version=_version("grade") or "?",
        python=platform.python_version(),
        system=f"{platform.system()} {platform.release()}",
    )
    tell(environment, language, console)
    tested = _tested()
    table = _table(language, say("Library"), say("Version"), say("Tested with"))
    for name in LIBRARIES:
        pinned = tested.get(_plain(name), "?")
        table.add_row(name, _version(name) or render(say("missing"), language), pinned)
    console.print(table)
    absent = [name for name in COURSE if _version(name) is None]
    if absent:
        words = say(
            "Missing here, though many notebooks import it: {names}. `{command}` installs it.",
            names=", ".join(absent),
            command=install_command(absent),
        )
        tell(words, language, console)
    console.print()


def _print_walls(found: dict[str, Text | None], console: Console, language: Language) -> None:
    from grader.sandbox import diagnosis, rules

    facts = say(
        "bubblewrap: {bubblewrap}; Landlock, version: {landlock}",
        bubblewrap=diagnosis.bubblewrap_version() or "–",
        landlock=rules.landlock_version() or "–",
    )
    tell(facts, language, console)
    table = _table(language, say("Tier"), say("Walls"))
    for tier, reason in found.items():
        words = say("hold") if reason is None else say("do not hold: {reason}", reason=reason)
        table.add_row(tier, escape(render(words, language)))
    console.print(table)
    taken = next((tier for tier, reason in found.items() if reason is None), None)
    if taken is None:
        tell(say("No walls hold: `grade` refuses to run student code."), language, console)
    else:
        tell(say("`--sandbox auto` takes {tier}.", tier=taken), language, console)
    missed = list(found)[: list(found).index(taken) if taken else None]
    for advice in dict.fromkeys(
        render(text, language) for tier in missed for text in diagnosis.remedies(tier)
    ):
        console.print(f"- {advice}", markup=False, highlight=False, soft_wrap=True)
    console.print()


def _print_machine(console: Console, language: Language) -> None:
    from grader.executors.capacity import capacity, job_bytes

    for place in dict.fromkeys((tempfile.gettempdir(), str(Path.cwd()))):
        free = shutil.disk_usage(place).free / GIGABYTE
        tell(say("Free disk in {place}: {size} GB", place=place, size=round(free, 1)), language, console)
    bears = capacity(job_bytes(1))
    tell(say("Cores: {count}", count=bears.cores), language, console)
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIGABYTE
    tell(say("Memory: {size} GB", size=round(total, 1)), language, console)
    tell(say("Notebooks at a time: {count}", count=bears.jobs), language, console)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _tested() -> dict[str, str]:
    """Library to version: what a checkout's `constraints.txt` pins; else what the installed package asks for."""
    file = Path(grader.__file__).parents[1] / "constraints.txt"
    if file.is_file():
        lines = file.read_text(encoding="utf-8").splitlines()
        return {
            _plain(name): version for name, _, version in (line.partition("==") for line in lines) if version
        }
    asked = (re.match(r"([\w.-]+)([^;]*)", line) for line in metadata.requires("grade") or [])
    return {_plain(found[1]): found[2] for found in asked if found}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _table(language: Language, *titles: Text) -> Table:
    table = Table(box=None, highlight=False)
    for title in titles:
        table.add_column(render(title, language), overflow="fold")
    return table
