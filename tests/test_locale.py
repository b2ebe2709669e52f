"""The French catalogues say all that the source and the help of the commands say, and nothing else.

After a message was added or changed:

    pybabel extract -F babel.cfg -k say --no-location --sort-output -o grade.pot .
    pybabel update -i grade.pot -o grader/locale/fr/LC_MESSAGES/grade.po -l fr -N --ignore-obsolete -w 100

then fill in the empty `msgstr`, and delete grade.pot. After a docstring, `help`, `epilog` or metavar of a command was
added or changed:

    python -m tests.help_catalogue

then fill in the empty `msgstr` of help.po.
"""

from __future__ import annotations

import configparser
import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from grader.i18n import french, render
from grader.model.text import Bilingual, say
from tests.help_catalogue import in_help

ROOT = Path(__file__).parents[1]
CATALOGUES = ("grade", "help")
CODE = re.compile(r"`[^`]*`")
ARGUMENT = re.compile(r"\b[A-Z]{2,}\b")

each_catalogue = pytest.mark.parametrize("name", CATALOGUES)


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


def wanted(name: str) -> dict[str, str]:
    """All message ids that a catalogue is for, each with where it is said."""
    return in_source() if name == "grade" else dict.fromkeys(in_help(), "help")


@cache
def catalogue(name: str) -> Catalog:
    with (ROOT / "grader" / "locale" / "fr" / "LC_MESSAGES" / f"{name}.po").open("rb") as stream:
        return read_po(stream, locale="fr")


def messages(name: str) -> Iterator[Message]:
    return (message for message in catalogue(name) if message.id)


def fields(message: str) -> set[str]:
    """Names of the fields; braces that no `str.format` can read raise ValueError."""
    return {name for _, name, _, _ in string.Formatter().parse(message) if name is not None}


def test_the_source_is_found() -> None:
    files = set(in_source().values())
    assert any(file.startswith("grader/criteria/") for file in files)
    assert any(file.endswith(".html") for file in files)


@each_catalogue
def test_every_message_is_translated(name: str) -> None:
    translated = {m.id for m in messages(name) if m.string}
    missing = {message: where for message, where in wanted(name).items() if message not in translated}
    assert missing == {}


@each_catalogue
def test_no_translation_is_fuzzy_or_obsolete(name: str) -> None:
    assert [m.id for m in messages(name) if m.fuzzy] == []
    assert list(catalogue(name).obsolete) == []
    assert [m.id for m in messages(name) if m.id not in wanted(name)] == []


@each_catalogue
def test_translations_have_the_fields_of_their_messages(name: str) -> None:
    different = {
        str(m.id): str(m.string) for m in messages(name) if fields(str(m.id)) != fields(str(m.string))
    }
    assert different == {}


@each_catalogue
def test_code_in_messages_is_the_same_in_french_but_for_names_of_arguments(name: str) -> None:
    names = french("help") if name == "help" else {}

    def translated(code: str) -> str:
        return ARGUMENT.sub(lambda argument: names.get(argument[0], argument[0]), code)

    different = {
        str(m.id): str(m.string)
        for m in messages(name)
        if {translated(code) for code in CODE.findall(str(m.id))} != set(CODE.findall(str(m.string)))
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
@each_catalogue
def test_french_typography(what: str, pattern: str, name: str) -> None:
    wrong = [s for s in french(name).values() if re.search(pattern, CODE.sub("code", s))]
    assert wrong == [], what


@each_catalogue
def test_a_message_ends_alike_in_both_languages(name: str) -> None:
    different = {
        message: words
        for message, words in french(name).items()
        if message.endswith(".") != words.endswith(".")
    }
    assert different == {}


def test_rendered_in_french() -> None:
    text = say("{elapsed} so far", elapsed="4 s")
    assert render(text, "fr") == "4 s écoulées"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Le signe est faux : relisez.", "Le signe est faux\u202f: relisez."),
        ("Vraiment ? Oui !", "Vraiment\u202f? Oui\u202f!"),
        ("Le « modèle » (à 80 %).", "Le «\u202fmodèle\u202f» (à 80\u202f%)."),
        ("Écrivez `x[1 : 2]`, puis `a ? b`.", "Écrivez `x[1 : 2]`, puis `a ? b`."),
        ("2 + v, 2 - v :déjà", "2 + v, 2 - v :déjà"),
    ],
)
def test_what_an_author_typed_in_french_is_set_as_french(typed: str, shown: str) -> None:
    assert render(Bilingual(fr=typed, en=""), "fr") == shown
    assert render(Bilingual(fr="", en=typed), "en") == typed
