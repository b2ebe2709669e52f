"""The page and the lines of a calibration."""

from __future__ import annotations

import re

from markupsafe import escape

from grader.authoring.binomial import Chance
from grader.authoring.calibration.chances import finding
from grader.authoring.calibration.page import render_page
from grader.authoring.calibration.proposal import propose
from grader.authoring.calibration.report import Calibration, promise_lines, proposal_lines, warnings
from grader.authoring.calibration.starts import Start
from grader.authoring.calibration.words import interval, share, told
from grader.i18n import render
from tests.authoring.calibration.samples import NOW, case, mixed, starts

CASES = (
    case("reference", "reference"),
    case("<b>odd</b>", "right"),
    case("luck", "must_fail"),
    case("other", "unrelated"),
)


def measured() -> dict[str, list[Start]]:
    return {
        "reference": mixed(160, 44),
        "<b>odd</b>": starts([*[1e-9] * 200, float("nan"), None, 0.02, 0.2]),
        "luck": mixed(4, 200),
        "other": mixed(2, 202),
    }


def calibration() -> Calibration:
    known = measured()
    found = tuple(finding(c, known[c.name], NOW) for c in CASES)
    return Calibration("ex", "learns.loss", NOW, found, ("late",), propose(CASES, known, NOW))


def test_every_start_with_a_loss_is_a_dot_and_the_others_are_counted() -> None:
    page = render_page([calibration()], "en")
    dots = sum(len(re.findall(r"M[\d.]+ [\d.]+h0", path)) for path in re.findall(r' d="([^"]*)"', page))
    assert dots == sum(len(losses) for losses in measured().values()) - 2
    assert '<td class="num">2</td>' in page


def test_the_page_needs_nothing_else_and_escapes_what_it_shows() -> None:
    page = render_page([calibration()], "en")
    assert "<b>odd</b>" not in page
    assert "&lt;b&gt;odd&lt;/b&gt;" in page
    assert not re.search(r"https?://|<script|<link|@import", page)
    assert "prefers-color-scheme: dark" in page
    for line in (*promise_lines(calibration()), *warnings(calibration())):
        assert str(escape(render(line, "en"))) in page


def test_warnings_name_what_hangs_on_the_seed_and_how_often() -> None:
    said = " ".join(render(line, "en") for line in warnings(calibration()))
    assert re.search(
        r"luck: the verdict hangs on the seed: of 17 gradings \d+ wrong_answer, \d+ accepted", said
    )
    assert "luck: must not pass, and" in said
    assert "other: its mistake is another criterion's to find" in said
    assert "1 of 204 starts gave no weights" in said
    assert "late" in said


def test_the_promise_is_told_of_each_right_solution_and_not_of_mistakes() -> None:
    lines = [render(line, "en") for line in promise_lines(calibration())]
    assert lines[0].startswith("promise kept: reference: 44 of 204 starts fail, 22 %")
    assert lines[1].startswith("promise not shown: <b>odd</b>")
    assert "cannot show 0.1 %" in lines[-1]
    assert not any("luck" in line for line in lines)


def test_the_proposal_says_what_it_would_mean() -> None:
    proposal = calibration().proposal
    assert proposal is not None
    said = " ".join(render(line, "en") for line in proposal_lines(proposal))
    assert "A right solution fails at most so often" in said
    assert "(luck, the worst)" in said


def test_chances_are_written_short_and_never_rounded_to_certainty() -> None:
    assert [told(share(p), "en") for p in (0.0, 3e-7, 0.0015, 0.83, 0.9954, 0.99999, 1.0)] == [
        "0",
        "3·10⁻⁷",
        "0.15 %",
        "83 %",
        "99.5 %",
        "over 99.9 %",
        "100 %",
    ]
    assert told(interval(Chance(0.83, 0.77, 0.88)), "en") == "83 % (77 to 88 %)"
    assert told(interval(Chance(0.9, 0.8, 0.9995)), "en") == "90 % (80 to over 99.9 %)"
    assert told(interval(Chance(0.0015, 0.0, 0.01)), "fr") == "0,15\u202f% (0 à 1\u202f%)"
    assert interval(Chance(0.0, 0.0, 0.0)) == "0"


def test_the_page_is_in_french_throughout_and_has_the_same_dots() -> None:
    english, french = (render_page([calibration()], language) for language in ("en", "fr"))
    assert '<html lang="fr"' in french
    assert re.findall(r' d="([^"]*)"', french) == re.findall(r' d="([^"]*)"', english)
    texts = re.compile(r'(?:title|aria-label)="([^"]*)"|>([^<>]*[^<>\s][^<>]*)(?=<)')
    bodies = (page.split("</style>")[1] for page in (english, french))
    pairs = zip(*([first or second for first, second in texts.findall(body)] for body in bodies), strict=True)
    alike = {before.strip() for before, after in pairs if before == after and re.search("[a-z]{2}", before)}
    of_both = {
        "Calibration",
        "notebook",
        "ex",
        "learns.loss",
        "About it.",
        *(str(escape(c.name)) for c in CASES),
    }
    of_both.add("full_marks = 0.01, no_marks = 0.05, starts = 6")  # as the rubric writes it
    assert {words for words in alike - of_both if not re.fullmatch(r"(\d+ [a-z_]+(, )?)+", words)} == set()
