"""The French catalogue says all that the source says, and nothing else.

After a message was added or changed:

    pybabel extract -F babel.cfg -k say --no-location --sort-output -o grade.pot .
    pybabel update -i grade.pot -o grader/locale/fr/LC_MESSAGES/grade.po -l fr -N --ignore-obsolete -w 100

then fill in the empty `msgstr`, and delete grade.pot.
"""

from __future__ import annotations

import configparser
import re
import string
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from grader.i18n import french, render
from grader.model.text import say

ROOT = Path(__file__).parents[1]
CATALOGUE = ROOT / "grader" / "locale" / "fr" / "LC_MESSAGES" / "grade.po"
CODE = re.compile(r"`[^`]*`")


@cache
def in_source() -> dict[str, str]:
    """All message ids of the source, each with a file that says it."""
    config = configparser.ConfigParser(strict=True)
    config.read(ROOT / "babel.cfg")
    methods, options = [], {}
    for section in config.sections():
        method, _, pattern = section.partition(":")
        methods.append((pattern.strip(), method.strip()))
        options[pattern.strip()] = dict(config[section])
    found: dict[str, str] = {}
    keywords = {"say": None, "_": None}
    for file, _, message, *_ in extract_from_dir(str(ROOT), methods, options, keywords):
        found[message if isinstance(message, str) else message[0]] = file
    return found


@cache
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as stream:
        return read_po(stream, locale="fr")


def fields(message: str) -> set[str]:
    """Names of the fields; braces that no `str.format` can read raise ValueError."""
    return {name for _, name, _, _ in string.Formatter().parse(message) if name is not None}


def test_the_source_is_found() -> None:
    files = set(in_source().values())
    assert any(file.startswith("grader/criteria/") for file in files)
    assert any(file.endswith(".html") for file in files)


def test_every_message_is_translated() -> None:
    translated = {m.id for m in catalogue() if m.id and m.string}
    missing = {message: file for message, file in in_source().items() if message not in translated}
    assert missing == {}


def test_no_translation_is_fuzzy_or_obsolete() -> None:
    assert [m.id for m in catalogue() if m.id and m.fuzzy] == []
    assert list(catalogue().obsolete) == []
    assert [m.id for m in catalogue() if m.id and m.id not in in_source()] == []


def test_translations_have_the_fields_of_their_messages() -> None:
    different = {
        str(m.id): str(m.string) for m in catalogue() if m.id and fields(str(m.id)) != fields(str(m.string))
    }
    assert different == {}


def test_code_in_messages_is_the_same_in_french() -> None:
    different = {
        str(m.id): str(m.string)
        for m in catalogue()
        if m.id and set(CODE.findall(str(m.id))) != set(CODE.findall(str(m.string)))
    }
    assert different == {}


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("an ordinary space before : ; ! ? » %", r" [:;!?»%]"),
        ("an ordinary space after «", r"« "),
        ("no space before ; ! ?", r"[^\s\u202f(][;!?](\s|$)"),
        ("a straight apostrophe", r"\w'\w"),
        ("straight quotes around words", r'(^|\s)"\w+ \w'),
    ],
)
def test_french_typography(what: str, pattern: str) -> None:
    wrong = [s for s in french().values() if re.search(pattern, CODE.sub("code", s))]
    assert wrong == [], what


def test_a_message_ends_alike_in_both_languages() -> None:
    different = {
        message: words for message, words in french().items() if message.endswith(".") != words.endswith(".")
    }
    assert different == {}


def test_rendered_in_french() -> None:
    text = say("{elapsed} so far", elapsed="4 s")
    assert render(text, "fr") == "4 s écoulées"
