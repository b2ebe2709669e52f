"""The magic `%check`: finds the exercise, checks the live kernel, and shows the report."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NoReturn

from IPython import display
from IPython.utils import process

from grader.errors import ConfigError, GraderError
from grader.i18n import default_language, french, render
from grader.inkernel import figures
from grader.model.text import Text, say
from grader.selfcheck.html import html, notice
from grader.selfcheck.live.check import check_live
from grader.selfcheck.live.front_end import Place, find_place, in_colab, upload_from_colab
from grader.selfcheck.plain import text
from grader.selfcheck.public import PublicExercise, choose, find_bundles, parse_bundle, read_bundle


def register(shell: Any) -> None:
    """Give a shell the magic, and note from now on what it draws."""
    french()  # now, so that the first check need not wait for it
    figures.install(shell)
    shell.register_magic_function(Check(shell).check, magic_kind="line", magic_name="check")


class Check:
    """The magic of one shell; it keeps what it read of the kits."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._known: dict[tuple[Path, int], PublicExercise] = {}
        self._uploaded: PublicExercise | None = None

    def check(self, line: str) -> None:
        """Check this notebook by the public criteria of its exercise.

        `%check` looks at all tasks, `%check train` at one; `--lang en` answers in English, `--kit FILE` names the
        exercise's file `<id>.check.json` where it does not lie beside the notebook. Nothing of yours is changed.
        """
        language = default_language()
        try:
            asked = _parser().parse_args(process.arg_split(line))  # type: ignore[attr-defined]
            language = asked.lang or language
            public, saved = self._exercise(asked.kit)
            language = asked.lang or public.bundle.lang
            part = public if asked.task is None else public.of_task(asked.task)
            report = check_live(part, self._shell, language, saved)
        except GraderError as error:
            words = render(error.text, language)
            _show(notice(words), words)
        except KeyboardInterrupt:
            words = render(say("Interrupted: nothing was changed."), language)
            _show(notice(words), words)
        else:
            _show(html(report), text(report))

    def _exercise(self, kit: str | None) -> tuple[PublicExercise, dict[str, Any] | None]:
        """The exercise, and the notebook as it was saved, where its file is known."""
        if kit is not None:
            return self._read(Path(kit)), None
        place = find_place(self._shell.user_ns)
        known = [self._read(path) for path in find_bundles(place.folders)]
        known += [self._uploaded] if self._uploaded is not None else []
        chosen = choose(known, place.content, place.name)
        if chosen is None and not known and in_colab():
            chosen = self._uploaded = _uploaded()
        if chosen is None:
            raise ConfigError(_not_found(known, place))
        return chosen, place.content

    def _read(self, path: Path) -> PublicExercise:
        try:
            key = (path, path.stat().st_mtime_ns)
        except OSError:
            return read_bundle(path)  # which says what is wrong
        if key not in self._known:
            self._known[key] = read_bundle(path)
        return self._known[key]


class _Parser(argparse.ArgumentParser):
    """Tells what is wrong in one sentence, and ends nothing."""

    def error(self, message: str) -> NoReturn:
        """Raise ConfigError."""
        raise ConfigError(
            say(
                "%check: {message}. Use `%check`, `%check TASK`, `--kit FILE`, `--lang fr|en`.",
                message=message,
            )
        )


def _parser() -> _Parser:
    parser = _Parser(prog="%check", add_help=False, exit_on_error=False)
    parser.add_argument("task", nargs="?")
    parser.add_argument("--kit")
    parser.add_argument("--lang", choices=["fr", "en"])
    return parser


def _uploaded() -> PublicExercise | None:
    given = upload_from_colab()
    return None if given is None else parse_bundle(given[1], origin=given[0])


def _not_found(known: list[PublicExercise], place: Place) -> Text:
    if known:
        ids = ", ".join(public.exercise.id for public in known)
        one = known[0].exercise.id
        return say(
            "Which exercise is this? There are {known}: name one, as in `%check --kit {one}.check.json`.",
            known=ids,
            one=one,
        )
    return say(
        "There is no file *.check.json in {folders}. It is in the kit of your exercise: put it there, or name it, as"
        " in `%check --kit FILE`.",
        folders=", ".join(str(folder) for folder in place.folders),
    )


def _show(shown: str, plain: str) -> None:
    publish: Any = display.display
    publish({"text/html": shown, "text/plain": plain}, raw=True)
