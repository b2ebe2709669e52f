from __future__ import annotations

import inspect
import pickle

import pytest

from grader import errors
from grader.errors import ConfigError, GraderError
from grader.i18n import render
from grader.model.text import say

NESTED = say(
    "{path}: {key}: unknown key; {hint}",
    path="a.toml",
    key="jbos",
    hint=say("did you mean '{word}'?", word="jobs"),
)
KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, GraderError)]


def test_error_says_in_english_what_it_renders_in_both_languages() -> None:
    error = ConfigError(NESTED)
    assert str(error) == "a.toml: jbos: unknown key; did you mean 'jobs'?"
    assert render(error.text, "en") == str(error)
    assert render(error.text, "fr").replace("\u202f", " ") == (
        "a.toml : jbos : clé inconnue ; vouliez-vous dire « jobs » ?"
    )


@pytest.mark.parametrize("kind", KINDS)
def test_error_travels_with_its_text(kind: type[GraderError]) -> None:
    error = pickle.loads(pickle.dumps(kind(NESTED)))
    assert type(error) is kind
    assert error.text == error.args[0] == NESTED


def test_words_quoted_from_elsewhere_stay_as_they_are() -> None:
    error = pickle.loads(pickle.dumps(GraderError("Traceback: {x} broke")))
    assert str(error) == "Traceback: {x} broke"
    assert render(error.text, "fr") == render(error.text, "en") == str(error)
