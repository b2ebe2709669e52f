"""Flags that several commands share, and what they become: settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

from grader.config import Settings, load_settings

Function = TypeVar("Function", bound=Callable[..., Any])

_FOLDER = click.Path(path_type=Path)
_OPTIONS: dict[str, tuple[Any, str, str]] = {
    "exercises": (_FOLDER, "DIR", "What students got; default `exercises/`, here or beside `grader.toml`."),
    "reference": (
        _FOLDER,
        "DIR",
        "Solutions and rubrics; default `reference/`, here or beside `grader.toml`.",
    ),
    "db": (str, "URL", "The grade book, a URL or a file; default `sqlite:///grades.db`."),
    "out": (_FOLDER, "DIR", "Where the reports go; default `report/`."),
    "jobs": (int, "N", "Notebooks graded at a time; default: a core each, fewer when memory is short."),
    "dask": (
        str,
        "ADDRESS",
        "Grade on a Dask cluster: its scheduler's address, as tcp://host:8786, or its file *.json.",
    ),
    "seed": (
        int,
        "N",
        "Of all random inputs; default 0. The same gives the same grades, another grades all anew.",
    ),
    "lang": (click.Choice(["fr", "en"]), "fr|en", "Language of reports and terminal; default: the system's."),
    "sandbox": (
        click.Choice(["auto", "strong", "mid", "portable", "none"]),
        "auto|strong|mid|portable|none",
        "Walls around student code; default `auto`, the strongest that hold. `none` only for notebooks that you trust.",
    ),
    "groups": (
        click.Path(path_type=Path, dir_okay=False),
        "FILE",
        "Students who hand in together: a table with `group`, and `student` or `name`.",
    ),
    "counts": (
        click.Choice(["newest", "in-time"]),
        "newest|in-time",
        "Of several files of a student for an exercise: the newest, or the newest that came in time, where one did.",
    ),
    "real_gpu": (
        bool,
        "",
        "Judge devices on the NVIDIA GPU of this machine, not on the virtual one, which needs none.",
    ),
}


def settings_options(*names: str) -> Callable[[Function], Function]:
    """Give a command some of the flags that override settings."""

    def decorate(function: Function) -> Function:
        for name in reversed(names):
            kind, metavar, words = _OPTIONS[name]
            flag = f"--{name.replace('_', '-')}"
            if kind is bool:
                flags = click.option(f"{flag}/--no-{flag[2:]}", default=None, help=words)
            else:
                flags = click.option(flag, type=kind, metavar=metavar, help=words)
            function = flags(function)
        return function

    return decorate


def settings_of(flags: dict[str, Any]) -> Settings:
    """The settings, with what the command line gave; raises ConfigError."""
    return load_settings(flags)
