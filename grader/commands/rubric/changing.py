"""`grade rubric set|diff|export|import`: changes rubrics, and says what a change is."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import rich_click as click

from grader.authoring.rubric_diff import differences
from grader.authoring.rubric_edit import with_values
from grader.catalog import (
    canonical_json,
    read_exercise,
    read_reference,
    rubric_of,
    rubric_version,
)
from grader.commands.consent import agrees
from grader.commands.export.common import open_book, read_file, write_file
from grader.commands.options import settings_of, settings_options
from grader.commands.rubric.differing import print_differences
from grader.commands.rubric.finding import exercises_of, find_exercise, older_version
from grader.commands.telling import tell
from grader.commands.usage_errors import WrongUsageError
from grader.config import Settings
from grader.errors import ConfigError, RubricError
from grader.model.exercise import Exercise
from grader.model.rubric import Rubric
from grader.model.text import Text, say
from grader.rubric_names import check_names

_FILE = click.Path(path_type=Path, dir_okay=False)


class Broken(NamedTuple):
    """An exercise whose rubric cannot be read."""

    id: str
    reference: str
    """The notebook, nbformat 4 JSON."""
    fault: Text


@click.command(
    "set",
    epilog="Examples: `grade rubric set 02_autograd analytic.values.points=3`; "
    "`grade rubric set 02_autograd limits.cell_s=90 discuss.text.public=false`.",
)
@click.argument("exercise", metavar="EXERCISE")
@click.argument("values", metavar="KEY=VALUE…", nargs=-1)
@click.option("--unset", multiple=True, metavar="KEY", help="Take this key out; may be given again.")
@click.option("--dry-run", is_flag=True, help="Show what would change, and write nothing.")
@settings_options("exercises", "reference", "db", "lang")
def set_command(
    exercise: str, values: tuple[str, ...], unset: tuple[str, ...], dry_run: bool, **flags: Any
) -> None:
    """Change values in the rubric of EXERCISE: a new version, checked before it is written.

    KEY is `<criterion>.points`, `tasks.<id>.title.fr`, `limits.cell_s`, …; a task's points follow its criteria's.
    Comments and layout of `rubric.toml` stay. Grades change when the notebooks are graded again, after a table of
    who moves.
    """
    settings = settings_of(flags)
    found = find_exercise(exercises_of(settings), exercise)
    pairs: list[tuple[str, str | None]] = []
    for value in values:
        key, equals, raw = value.partition("=")
        if not equals:
            raise WrongUsageError(say("'{given}': write KEY=VALUE.", given=value))
        pairs.append((key.strip(), raw.strip()))
    pairs += [(key, None) for key in unset]
    if not pairs:
        raise WrongUsageError(say("Say what to change: KEY=VALUE, or --unset KEY."))
    path = _path(settings, found)
    text = with_values(path.read_text(encoding="utf-8"), pairs)
    _replace(settings, found, text, origin=str(path), dry_run=dry_run)


@click.command(
    "diff", epilog="Examples: `grade rubric diff 02_autograd`; `grade rubric diff 02_autograd 1f0c 77ab`."
)
@click.argument("exercise", metavar="EXERCISE")
@click.argument("old", metavar="[OLD]", required=False)
@click.argument("new", metavar="[NEW]", required=False)
@settings_options("exercises", "reference", "db", "lang")
def diff_command(exercise: str, old: str | None, new: str | None, **flags: Any) -> None:
    """Show what differs between two versions of the rubric of EXERCISE.

    OLD is by default the version by which most of the grades that stand were given, NEW the file of today.
    """
    settings = settings_of(flags)
    found = find_exercise(exercises_of(settings), exercise)
    before = older_version(settings, old or _version_in_use(settings, found))
    after = canonical_json(found.rubric) if new is None else older_version(settings, new).canonical
    changed = differences(before.canonical, after)
    tell(say("{old} → {new}", old=before.version, new=new or found.rubric_version), settings.lang)
    print_differences(changed, settings.lang)


@click.command("export", epilog="Example: `grade rubric export 02_autograd --out mine.toml`.")
@click.argument("exercise", metavar="EXERCISE")
@click.option("--version", metavar="HASH", help="A version that grades were given by, from the grade book.")
@click.option("--out", "target", type=_FILE, metavar="FILE", help="Write here; default: the terminal.")
@settings_options("exercises", "reference", "db", "lang")
def export_command(exercise: str, version: str | None, target: Path | None, **flags: Any) -> None:
    """Write out the rubric of EXERCISE as TOML."""
    settings = settings_of(flags)
    found = find_exercise(exercises_of(settings), exercise)
    text = _text(settings, found, version)
    if target is None:
        click.echo(text, nl=False)
    else:
        write_file(target, text.encode("utf-8"))


@click.command(
    "import",
    epilog="Examples: `grade rubric import 02_autograd mine.toml`; `grade rubric import 02_autograd --version 1f0c`.",
)
@click.argument("exercise", metavar="EXERCISE")
@click.argument("source", metavar="[FILE]", type=_FILE, required=False)
@click.option("--version", metavar="HASH", help="Go back to a version of the grade book.")
@click.option("--yes", is_flag=True, help="Replace `rubric.toml` without asking.")
@settings_options("exercises", "reference", "db", "lang")
def import_command(exercise: str, source: Path | None, version: str | None, yes: bool, **flags: Any) -> None:
    """Replace the rubric of EXERCISE by FILE, or by an older version, after a look at what changes."""
    settings = settings_of(flags)
    if (source is None) == (version is None):
        raise WrongUsageError(say("Name a FILE, or a --version."))
    found = _as_it_stands(settings, exercise)
    if source is not None:
        try:
            text = read_file(source).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise ConfigError(say("{path} is no UTF-8 text.", path=str(source))) from error
    else:
        text = _text(settings, found, version)
    _replace(settings, found, text, origin=str(source or version), asks=not yes)


def _replace(
    settings: Settings,
    found: Exercise | Broken,
    text: str,
    *,
    origin: str,
    dry_run: bool = False,
    asks: bool = False,
) -> None:
    rubric = _checked(text, found, origin)
    if isinstance(found, Broken):
        tell(
            say("What is replaced cannot be read, so nothing is compared. {fault}", fault=found.fault),
            settings.lang,
        )
    else:
        changed = differences(canonical_json(found.rubric), canonical_json(rubric))
        print_differences(changed, settings.lang)
        if not changed and text == _path(settings, found).read_text(encoding="utf-8"):
            return
    if dry_run:
        tell(say("Nothing was written."), settings.lang)
        return
    if asks:
        if not sys.stdin.isatty():
            raise ConfigError(
                say("Nothing was written: without a terminal, --yes must say that the rubric is replaced.")
            )
        if not agrees(say("Replace the rubric?"), settings.lang):
            raise click.Abort
    write_file(_path(settings, found), text.encode("utf-8"))
    words = say(
        "{exercise}: version {new}, before {old}. Grade again to see whose grade would move.",
        exercise=found.id,
        new=rubric_version(rubric),
        old=say("none that could be read") if isinstance(found, Broken) else found.rubric_version,
    )
    tell(words, settings.lang)


def _as_it_stands(settings: Settings, id_: str) -> Exercise | Broken:
    """The exercise, though its rubric, or another's, may be broken: importing is how one is mended."""
    from grader.criteria import KINDS

    try:
        return find_exercise(exercises_of(settings), id_)
    except RubricError:
        folder = settings.reference / id_
        if not (folder / "rubric.toml").is_file():
            raise
    try:
        return read_exercise(folder, settings.exercises, KINDS)
    except RubricError as error:
        return Broken(id_, read_reference(folder), error.text)


def _checked(text: str, found: Exercise | Broken, origin: str) -> Rubric:
    from grader.criteria import KINDS

    rubric = rubric_of(text, KINDS, origin=origin)
    if rubric.exercise != found.id:
        raise RubricError(
            say(
                "{path}: exercise: is '{exercise}', and not '{expected}'.",
                path=origin,
                exercise=rubric.exercise,
                expected=found.id,
            )
        )
    check_names(rubric, found.reference, origin=origin)
    return rubric


def _version_in_use(settings: Settings, found: Exercise) -> str:
    with open_book(settings) as book:
        used = Counter(k.rubric_version for k in book.standing_keys().values() if k.exercise == found.id)
    if not used:
        raise ConfigError(say("No grade of {exercise} stands: name two versions.", exercise=found.id))
    return used.most_common(1)[0][0]


def _text(settings: Settings, found: Exercise | Broken, version: str | None) -> str:
    if version is None:
        return _path(settings, found).read_text(encoding="utf-8")
    older = older_version(settings, version)
    if older.exercise != found.id:
        raise ConfigError(
            say(
                "{version} is a rubric of {exercise}, and not of {expected}.",
                version=older.version,
                exercise=older.exercise,
                expected=found.id,
            )
        )
    return older.text


def _path(settings: Settings, found: Exercise | Broken) -> Path:
    return settings.reference / found.id / "rubric.toml"
