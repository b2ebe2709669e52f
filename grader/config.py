"""Settings: flags > environment (`GRADE_SEED=7`) > `grader.toml`, found from the current folder upward > defaults.

Paths in `grader.toml`, and the defaults, are taken from the folder of that file; paths of flags and of the
environment from the current folder. What lies in the current folder is told from there, as people write it. Called by
the commands; everybody else is handed what he needs.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, time, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

from grader.errors import ConfigError
from grader.i18n import default_language
from grader.model.base import Frozen
from grader.model.faults import expectation
from grader.model.file_words import unreadable
from grader.model.nearest import meant_or_known
from grader.model.text import Language, say

FILE = "grader.toml"
TABLES = ("late",)
"""Settings that are a table of `grader.toml`, which neither a variable nor a flag can give."""
Sandbox = Literal["auto", "strong", "mid", "portable", "none"]

_SQLITE = "sqlite:///"
_SCHEDULER = re.compile(r"(tcp|tls|ws|wss)://([\w.-]+|\[[0-9a-fA-F:.]+\]):[0-9]{1,5}")


def _as_url(value: str) -> str:
    return value if "://" in value else _SQLITE + value


def _as_scheduler(value: str | None) -> str | None:
    if not value:
        return None
    if value.endswith(".json") and "://" not in value:
        return value
    address = value if "://" in value else f"tcp://{value}"
    if not _SCHEDULER.fullmatch(address):
        raise ValueError(say("tcp://HOST:PORT, tls://HOST:PORT or a scheduler's file *.json"))
    return address


def _as_deadline(value: object) -> object:
    """A date alone ends with its last second; other words than TOML's dates are no deadline."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, date):
        return datetime.combine(value, _LAST_SECOND)
    raise ValueError(say("a date and a time without quotes, as 2026-11-23 23:59:00"))


def _as_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(say("a time zone, as Europe/Paris")) from error
    return value


_LAST_SECOND = time(23, 59, 59)
Deadline = Annotated[datetime, BeforeValidator(_as_deadline)]
ExactNumber = Annotated[
    Decimal, BeforeValidator(lambda value: str(value) if isinstance(value, float) else value)
]


class LateSettings(Frozen):
    """The table `[late]`: when exercises are due, and what comes off when they come later."""

    deadline: Deadline | None = None
    """Of all exercises that have none of their own; a date alone ends with its last second."""
    deadlines: dict[str, Deadline] = Field(default_factory=dict)
    """By exercise."""
    timezone: Annotated[str, AfterValidator(_as_zone)] | None = None
    """Of deadlines and times that tell none; None for the machine's."""
    grace_minutes: ExactNumber = Field(default=Decimal(0), ge=0)
    """After the deadline, for which nothing comes off."""
    percent_per_day: ExactNumber = Field(default=Decimal(0), ge=0, le=100)
    """Of the exercise's points, for each day begun after the deadline."""
    at_most_percent: ExactNumber = Field(default=Decimal(100), ge=0, le=100)
    """What comes off at most, however late."""
    closes_after_days: ExactNumber | None = Field(default=None, ge=0)
    """Days after the deadline from which on nothing counts any more; None: never."""
    times: tuple[str, ...] = ()
    """Tables of when students handed in: a file, or `EXERCISE=FILE`."""
    extensions: Path | None = None
    """A table of students who have more time."""

    @property
    def zone(self) -> tzinfo | None:
        """The time zone; None for the machine's."""
        return None if self.timezone is None else ZoneInfo(self.timezone)

    def seen_from(self, folder: Path) -> LateSettings:
        """The same, with every relative path taken from `folder`."""
        return self.model_copy(
            update={
                "times": tuple(_table_from(folder, table) for table in self.times),
                "extensions": self.extensions and folder / self.extensions,
            }
        )


def _table_from(folder: Path, table: str) -> str:
    exercise, sign, path = table.partition("=")
    return f"{exercise}={folder / path}" if sign else str(folder / table)


class Settings(Frozen):
    """What can be set, once, for a course."""

    exercises: Path = Path("exercises")
    """Folder of what students get."""
    reference: Path = Path("reference")
    """Folder of solutions and rubrics."""
    db: Annotated[str, AfterValidator(_as_url)] = "sqlite:///grades.db"
    """The grade book: `sqlite:///…`, or the path of a file."""
    out: Path = Path("report")
    """Folder of the reports."""
    counts: Literal["newest", "in-time"] = "newest"
    """Which of several files of a student for an exercise counts: the newest, or the newest that came in time."""
    groups: Annotated[Path | None, BeforeValidator(lambda value: value or None)] = None
    """A table of students who hand in together: columns `group`, and `student` or `name`."""
    jobs: int | None = Field(default=None, ge=1, le=512)
    """Notebooks graded at a time; None for as many as the machine, or the cluster, bears."""
    dask: Annotated[str | None, AfterValidator(_as_scheduler)] = None
    """The scheduler of a Dask cluster that grades, instead of this machine: an address, or its JSON file. Nothing
    between the quotes means this machine, too: so a flag can say."""
    seed: int = Field(default=0, ge=0, lt=2**32)
    """Of all random inputs: the same seed gives the same grades, to the last byte."""
    lang: Language = Field(default_factory=default_language)
    """Language of reports and of the terminal."""
    sandbox: Sandbox = "auto"
    """How strong the walls around a student's code are."""
    real_gpu: bool = False
    """The second run of `device` is made on this machine's own GPU, not on the virtual one."""
    late: LateSettings | None = None
    """When exercises are due, and what comes off when they come later; None: nothing ever does."""

    def seen_from(self, folder: Path) -> Settings:
        """The same, with every relative path taken from `folder`."""
        path = self.db.removeprefix(_SQLITE)
        return self.model_copy(
            update={
                "exercises": folder / self.exercises,
                "reference": folder / self.reference,
                "out": folder / self.out,
                "db": self.db if path == self.db else f"{_SQLITE}{folder / path}",
                "groups": self.groups and folder / self.groups,
                "dask": str(folder / self.dask) if self.dask and "://" not in self.dask else self.dask,
                "late": self.late and self.late.seen_from(folder),
            }
        )

    def told_from(self, folder: Path) -> Settings:
        """The same, with the paths that lie in `folder`, the current one, relative to it."""
        path = self.db.removeprefix(_SQLITE)
        return self.model_copy(
            update={
                **{name: _below(getattr(self, name), folder) for name in ("exercises", "reference", "out")},
                "groups": self.groups and _below(self.groups, folder),
                "db": self.db if path == self.db else f"{_SQLITE}{_below(Path(path), folder)}",
            }
        )


def _below(path: Path, folder: Path) -> Path:
    return path.relative_to(folder) if path.is_relative_to(folder) else path


class _Source(NamedTuple):
    """Where some settings come from."""

    values: Mapping[str, Any]
    folder: Path
    """Its relative paths are taken from here."""
    spelling: str
    """How it writes a setting, for messages: `--{}`."""


def load_settings(
    flags: Mapping[str, Any],
    *,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Settings:
    """All settings. `flags` holds what the command line gave, None where it gave nothing.

    Raises:
        ConfigError: a value does not fit, or `grader.toml` is unreadable or has an unknown key.
    """
    here = (folder or Path.cwd()).absolute()
    given = os.environ if environment is None else environment
    variables = {name: f"GRADE_{name.upper()}" for name in Settings.model_fields if name not in TABLES}
    file = find_file(here)
    sources = [
        _Source({name: value for name, value in flags.items() if value is not None}, here, "--{}"),
        _Source({name: given[v] for name, v in variables.items() if given.get(v)}, here, "GRADE_{}"),
    ]
    if file is not None:
        sources.append(_Source(_read(file), file.parent, f"{file}: {{}}"))
    merged = Settings().seen_from(here if file is None else file.parent)
    for source in reversed(sources):
        checked = _check(source)
        merged = merged.model_copy(update={name: getattr(checked, name) for name in source.values})
    return merged.told_from(here) if folder is None else merged


def language_of(
    said: str | None = None, *, folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> Language:
    """The language of the settings, also where others of them are wrong; `said` is what `--lang` gave."""
    given = os.environ if environment is None else environment
    try:
        file = find_file((folder or Path.cwd()).absolute())
        written = _parsed(file).get("lang") if file is not None and not said else None
    except (ConfigError, OSError):
        written = None
    wished = (said, given.get("GRADE_LANG"), written)
    return next((lang for one in wished for lang in get_args(Language) if lang == one), default_language())


def find_file(folder: Path) -> Path | None:
    """The nearest `grader.toml`, in `folder` or above."""
    return next((f for place in (folder, *folder.parents) if (f := place / FILE).is_file()), None)


def _parsed(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(unreadable(file, error)) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            say("{path}: is not valid TOML: {reason}.", path=str(file), reason=str(error))
        ) from error


def _read(file: Path) -> dict[str, Any]:
    values = _parsed(file)
    known = list(Settings.model_fields)
    for key in values:
        if key not in known:
            hint = meant_or_known(
                key, known, otherwise=say("expected one of {known}.", known=", ".join(known))
            )
            raise ConfigError(say("{path}: {key}: unknown key; {hint}", path=str(file), key=key, hint=hint))
    return values


def _check(source: _Source) -> Settings:
    try:
        return Settings.model_validate(source.values).seen_from(source.folder)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        if first["type"] == "extra_forbidden":
            known = list(LateSettings.model_fields)
            hint = meant_or_known(
                str(first["loc"][-1]),
                known,
                otherwise=say("expected one of {known}.", known=", ".join(known)),
            )
            written = source.spelling.format(name)
            raise ConfigError(say("{setting}: unknown key; {hint}", setting=written, hint=hint)) from error
        written = {"GRADE_{}": name.upper(), "--{}": name.replace("_", "-")}.get(source.spelling, name)
        shown = source.spelling.format(written)
        raise ConfigError(
            say(
                "{setting}: expected {expected}, got {value}.",
                setting=shown,
                expected=expectation(first),
                value=repr(first["input"]),
            )
        ) from error
