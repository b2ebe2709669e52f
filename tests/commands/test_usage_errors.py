from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader.cli import main


def complaint(*args: str, language: str = "fr") -> str:
    """What is said of wrong usage, without frame and line breaks."""
    result = CliRunner(env={"GRADE_LANG": language, "COLUMNS": "200"}).invoke(main, list(args))
    assert result.exit_code == 2
    return " ".join(re.sub(r"[│─╭╮╰╯]", " ", result.output).split())


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("run",), "Il manque l’argument 'RENDUS…'."),
        (("run", "x", "--sede", "1"), "Vouliez-vous dire l’une de celles-ci : '--db', '--seed' ?"),
        (("run", "x", "--zzz"), "Il n’y a pas d’option"),
        (("run", "x", "--seed"), "L’option '--seed' demande un argument."),
        (("run", "x", "--yes=1"), "L’option '--yes' ne prend pas de valeur."),
        (("run", "x", "--seed", "a"), "Valeur incorrecte pour '--seed' : 'a' n’est pas un nombre entier."),
        (("run", "x", "--sandbox", "b"), "'b' n’est pas l’une des valeurs 'auto', 'strong'"),
        (("exercise", "calibrate", "--starts", "0"), "0 n’est pas dans l’intervalle 1<=x<=100000."),
        (("exercise", "calibrate", "--starts", "a"), "'a' n’est pas un nombre entier."),
        (("exercise", "verifie"), "Il n’y a pas de commande 'verifie'."),
        (("show", "ada", "--notebook", "."), "Le fichier '.' est un dossier."),
        (("show", "a", "b", "c"), "Argument en trop (c)"),
        (("show", "a", "b", "c", "d"), "Arguments en trop (c d)"),
    ],
)
def test_wrong_usage_is_told_in_french(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: tuple[str, ...], expected: str
) -> None:
    monkeypatch.chdir(tmp_path)
    said = complaint(*args)
    assert expected in said
    assert "L’option -h affiche l’aide." in said
    assert "Erreur" in said
    assert "Usage:" not in said


def test_wrong_usage_is_told_in_english_as_click_has_it() -> None:
    said = complaint("run", language="en")
    assert "Missing argument 'SUBMISSIONS…'." in said
    assert "Try 'main run -h' for help" in said
    assert "Error" in said


def test_what_a_command_says_of_its_arguments_is_french_too() -> None:
    said = complaint("show", "ada", "--notebook", "x.ipynb")
    assert "--notebook demande un EXERCICE." in said


def test_a_group_without_a_command_shows_its_help() -> None:
    assert "Écrire des exercices" in CliRunner(env={"GRADE_LANG": "fr"}).invoke(main, ["exercise"]).output
