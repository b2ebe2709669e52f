from __future__ import annotations

import pytest

from grader.criteria.loop_mistakes import GOT
from grader.criteria.loop_words import judgement_of, not_this_optimizer
from grader.criteria.walks import Finding
from grader.i18n import render


@pytest.mark.parametrize(
    ("family", "words"),
    [
        ("momentum", "Chaque mise à jour est celle que fait SGD avec momentum, sur toutes les données."),
        ("Adam", "Chaque mise à jour est celle que fait Adam, sur toutes les données."),
    ],
)
def test_every_optimizer_fits_into_the_french_sentence(family: str, words: str) -> None:
    judgement = judgement_of(Finding("right", family), (2, 2, 1), None, None)
    assert render(judgement.summary, "fr") == words


def test_another_optimizer_is_named_in_full() -> None:
    judgement = not_this_optimizer(Finding("right", "momentum"), ["SGD"])
    assert judgement.got is not None
    assert render(judgement.got, "en") == "updates of SGD with momentum"


@pytest.mark.parametrize("key", GOT)
def test_what_came_says_what_was_different(key: str) -> None:
    judgement = judgement_of(Finding(key, "SGD"), (2, 2, 1), None, None)
    assert judgement.got is not None
    for language in ("en", "fr"):
        assert render(GOT[key], language) in render(judgement.got, language)


@pytest.mark.parametrize(
    ("finding", "seen"),
    [
        (Finding("not_finite"), "weights that are NaN or infinite"),
        (Finding("zeroed", "AdamW"), "weights that stay as they were"),
        (Finding("unknown", descends=False), "other weights"),
    ],
)
def test_where_no_optimizer_gives_the_weights_only_what_was_seen_is_said(finding: Finding, seen: str) -> None:
    judgement = judgement_of(finding, (2, 2, 1), None, None)
    assert judgement.got is not None
    assert render(judgement.got, "en") == seen
