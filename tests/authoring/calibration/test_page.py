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
from grader.authoring.calibration.words import interval, share
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
    page = render_page([calibration()])
    dots = sum(len(re.findall(r"M[\d.]+ [\d.]+h0", path)) for path in re.findall(r' d="([^"]*)"', page))
    assert dots == sum(len(losses) for losses in measured().values()) - 2
    assert '<td class="num">2</td>' in page


def test_the_page_needs_nothing_else_and_escapes_what_it_shows() -> None:
    page = render_page([calibration()])
    assert "<b>odd</b>" not in page
    assert "&lt;b&gt;odd&lt;/b&gt;" in page
    assert not re.search(r"https?://|<script|<link|@import", page)
    assert "prefers-color-scheme: dark" in page
    for line in (*promise_lines(calibration()), *warnings(calibration())):
        assert str(escape(line)) in page


def test_warnings_name_what_hangs_on_the_seed_and_how_often() -> None:
    told = " ".join(warnings(calibration()))
    assert re.search(
        r"luck: the verdict hangs on the seed: of 17 gradings \d+ wrong_answer, \d+ accepted", told
    )
    assert "luck: must not pass, and" in told
    assert "other: its mistake is another criterion's to find" in told
    assert "1 of 204 starts gave no weights" in told
    assert "late" in told


def test_the_promise_is_told_of_each_right_solution_and_not_of_mistakes() -> None:
    lines = list(promise_lines(calibration()))
    assert lines[0].startswith("promise kept: reference: 44 of 204 starts fail, 22 %")
    assert lines[1].startswith("promise not shown: <b>odd</b>")
    assert "cannot show 0.1 %" in lines[-1]
    assert not any("luck" in line for line in lines)


def test_the_proposal_says_what_it_would_mean() -> None:
    proposal = calibration().proposal
    assert proposal is not None
    told = " ".join(proposal_lines(proposal))
    assert "A right solution fails at most so often" in told
    assert "(luck, the worst)" in told


def test_chances_are_written_short_and_never_rounded_to_certainty() -> None:
    assert [share(p) for p in (0.0, 3e-7, 0.0015, 0.83, 0.9954, 0.99999, 1.0)] == [
        "0",
        "3·10⁻⁷",
        "0.15 %",
        "83 %",
        "99.5 %",
        "over 99.9 %",
        "100 %",
    ]
    assert interval(Chance(0.83, 0.77, 0.88)) == "83 % (77 to 88 %)"
    assert interval(Chance(0.0, 0.0, 0.0)) == "0"
