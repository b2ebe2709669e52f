"""The pages in a real browser: accessible, in both languages, by day and by night, on a wide and a narrow screen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.class_page import made_up
from grader.model.curve import Curve
from grader.model.exercise import Exercise
from grader.model.text import Language, say
from grader.model.verdict import Verdict
from grader.reports.html import render_student_page
from grader.reports.similarity import Pair
from tests.reports.builders import (
    REGRESSION,
    XOR,
    class_of,
    code,
    criterion,
    display,
    executed,
    execution,
    exercise,
    index_text,
    png,
    report,
    stream,
)
from tests.reports.chromium import ask, needs_axe, needs_chromium

AXE = """{axe};
document.querySelectorAll("details").forEach(d => {{ d.open = true; }});
const found = await axe.run(document, {{resultTypes: ["violations"]}});
return found.violations.map(v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 160))]);"""
SEEN = "const seen = text => [...document.querySelectorAll('h2')].some(h => h.innerText.trim() === text);"
VERDICTS = (Verdict.ACCEPTED, Verdict.PARTIALLY_ACCEPTED, Verdict.WRONG_ANSWER, Verdict.NOT_ATTEMPTED)


def index(language: str = "en") -> str:
    """A class of 36, with something in every part of the page."""
    ran = execution(executed(code("x")))
    curve = Curve(criterion="a.h", values=(1.0, 0.3, 0.1), length=3, reference=(1.0, 0.2, 0.01))
    reports = []
    for n in range(36):
        name = ("Zoé Lefèvre", "Nguyễn Thị Ánh", "Jean-Baptiste d’Hérouville", "علي حسن")[n % 4]
        own = {"student": f"{n:05}", "name": name, "execution": ran, "curves": (curve,)}
        criteria = [
            criterion(
                VERDICTS[n * k % 4], id_=f"a.c{k}", summary=say("The sign is wrong."), title=f"title {k}"
            )
            for k in range(1, 6)
        ]
        waits = criterion(Verdict.NEEDS_REVIEW, id_="a.text", kind="manual")
        reports.append(report(*criteria, *([waits] if n % 3 else []), **own, wall_s=90.0 if n == 5 else 2.0))
        reports.append(report(*criteria[:2], exercise_id=REGRESSION, **own))
    broken = criterion(Verdict.JUDGE_ERROR, staff_note="Traceback: long " * 30)
    reports.append(report(broken, student="x", name="Cyd", verdict=Verdict.JUDGE_ERROR))
    unread = {"problem": say("The file is empty."), "path": f"{'long' * 30}.ipynb"}
    reports.append(report(criterion(Verdict.NEEDS_REVIEW), student="y", name="Dan", **unread))
    class_report = class_of(*reports).model_copy(update={"unsteady": (("00001", XOR),)})
    similar = (
        Pair(reports[0], reports[2], 0.82, is_same_file=False, first_cells=(0, 3), second_cells=(0,)),
        Pair(reports[1], reports[3], 1.0, is_same_file=True, first_cells=(), second_cells=()),
    )
    shown_first: Language = "fr" if language == "fr" else "en"
    return index_text(class_report, shown_first, lambda r: f"students/{r.student}.html", similar)


def feedback(language: Language = "fr") -> str:
    notebook = executed(
        code("def f(x):\n    # a comment\n    return x ** 2  " + "#" * 200),
        code("plot()", stream("epoch 1\n"), stream("a warning", "stderr"), display(image__png=png())),
        {"cell_type": "markdown", "source": "# Words\nof my own", "metadata": {}},
    )
    failed = criterion(
        Verdict.WRONG_ANSWER, id_="a.b", got=say("right"), expected=say("wrong"), look_at=say("right"), cell=0
    )
    others = [
        criterion(v, id_=f"b.{v}") for v in (Verdict.SKIPPED, Verdict.NOT_ATTEMPTED, Verdict.NEEDS_REVIEW)
    ]
    graded = report(criterion(), failed, *others, execution=execution(notebook, failed=1))
    return render_student_page(graded, exercise(), language)


@pytest.mark.parametrize(("language", "dark"), [("fr", False), ("en", True)], ids=["fr-light", "en-dark"])
@pytest.mark.parametrize("page", [index, feedback], ids=["instructor", "student"])
def test_axe_finds_nothing(page: Callable[[str], str], language: str, dark: bool, tmp_path: Path) -> None:
    needs_chromium()
    text = page(language)
    assert ask(text, AXE.format(axe=needs_axe()), tmp_path, dark=dark) == []


def test_axe_would_find_something(tmp_path: Path) -> None:
    broken = index().replace("<main>", '<main><img src="data:,"><p style="color: #ccc">pale</p>')
    needs_chromium()
    found = dict(ask(broken, AXE.format(axe=needs_axe()), tmp_path))
    assert {"image-alt", "color-contrast"} <= set(found)


def test_switch_shows_one_language_at_a_time(tmp_path: Path) -> None:
    script = (
        SEEN
        + """
    const drawn = [...document.querySelectorAll(".plot text[lang]")];
    const shown = t => getComputedStyle(t).display !== "none";
    const labels = language => drawn.some(t => t.getAttribute("lang") === language && shown(t));
    const headings = ["What needs a person", "Ce qui demande votre attention"];
    const both = () => [...headings.map(seen), labels("en"), labels("fr")];
    const before = both();
    document.querySelector("label[for=language-en]").click();
    const after = both();
    document.querySelector("#language-fr").focus();
    return {before, after, focused: document.activeElement.id};
    """
    )
    told = ask(index("fr"), script, tmp_path)
    assert told == {"before": [False, True] * 2, "after": [True, False] * 2, "focused": "language-fr"}


@pytest.mark.parametrize("page", [index, feedback], ids=["instructor", "student"])
def test_narrow_screen_needs_no_scrolling_sideways(page: Callable[[], str], tmp_path: Path) -> None:
    text = page()
    # Chromium makes no window under 500 px: the frame is as wide as a telephone.
    script = """
    const frame = document.createElement("iframe");
    frame.style.cssText = "width: 360px; height: 800px; border: 0";
    const copy = document.documentElement.cloneNode(true);
    copy.querySelectorAll("script").forEach(s => s.remove());
    frame.srcdoc = "<!doctype html>" + copy.outerHTML;
    await new Promise(done => { frame.onload = done; document.body.replaceChildren(frame); });
    const root = frame.contentDocument.documentElement;
    return [root.clientWidth, root.scrollWidth];
    """
    width, scroll = ask(text, script, tmp_path)
    assert 340 <= width <= 360  # a scroll bar may take some of it
    assert scroll <= width


@pytest.mark.parametrize("page", [index, feedback], ids=["instructor", "student"])
def test_everything_that_can_be_used_is_reached_by_the_keyboard_and_shows_it(
    page: Callable[[], str], tmp_path: Path
) -> None:
    text = page()
    script = """
    const active = document.hasFocus();
    document.querySelectorAll("details").forEach(d => { d.open = true; });
    const all = [...document.querySelectorAll("a[href], summary, input, button, select, [tabindex]")];
    const used = all.filter(e => e.checkVisibility({visibilityProperty: true}));
    const lost = used.filter(e => { e.focus(); return document.activeElement !== e; });
    const unmarked = used.filter(e => {
      e.focus();
      const marked = e.matches(":focus-visible") ? e : null;
      const near = e.labels ? [e, ...e.labels] : [e];
      return !marked || !near.some(n => getComputedStyle(n).outlineStyle !== "none");
    });
    const jumps = all.filter(e => e.tabIndex > 0);
    const told = list => list.slice(0, 3).map(e => e.outerHTML.slice(0, 120));
    return [active, used.length > 0, told(lost), told(unmarked), told(jumps)];
    """
    # On a busy machine the script may run before the window is active; nothing in it is marked until then.
    tries = (ask(text, script, tmp_path) for _ in range(5))
    assert next(found for active, *found in tries if active) == [True, [], [], []]


@pytest.mark.parametrize("page", [index, feedback], ids=["instructor", "student"])
def test_what_is_printed_is_whole_and_on_white(page: Callable[[], str], tmp_path: Path) -> None:
    text = page()
    assert "@media print" in text
    # As wide as A4 between its margins; a page has no other way to show what it prints.
    printed = text.replace("@media print", "@media all").replace("@media screen", "@media speech")
    script = """
    const shut = [...document.querySelectorAll("details:not([open])")].filter(d => d.getClientRects().length);
    const hidden = shut.filter(d => d.getBoundingClientRect().height
      <= d.querySelector("summary").getBoundingClientRect().height + 1);
    const root = document.documentElement;
    const colour = [root, document.body].map(e => getComputedStyle(e).backgroundColor);
    const over = [...document.querySelectorAll("main *")]
      .filter(e => e.getClientRects().length && e.getBoundingClientRect().right > root.clientWidth + 1
        && !e.closest(".hid"));
    const ink = getComputedStyle(document.body).color.match(/\\d+/g).map(Number);
    const told = list => list.slice(0, 3).map(e => e.outerHTML.slice(0, 160));
    return [told(hidden), colour.includes("rgb(255, 255, 255)"), Math.max(...ink) < 100, told(over)];
    """
    assert ask(printed, script, tmp_path, dark=True, width=720) == [[], True, True, []]


def test_bars_and_columns_are_printed_and_a_map_that_was_opened(tmp_path: Path) -> None:
    script = """
    const map = document.querySelector("details.heat");
    const shown = () => map.getClientRects().length > 0;
    const before = shown();
    map.open = true;
    const drawn = [...document.querySelectorAll(".bar i, .hist i, .spread i, .heat td")];
    return [before, shown(), drawn.length > 100, drawn.every(e => getComputedStyle(e).printColorAdjust === "exact")];
    """
    printed = index().replace("@media print", "@media all")
    assert ask(printed, script, tmp_path) == [False, True, True, True]


@pytest.mark.parametrize("students", [12, 200, pytest.param(1000, marks=pytest.mark.nightly)])
def test_classes_of_every_size_open_whole_and_each_part_is_a_click_away(
    students: int, tmp_path: Path, exercises: dict[str, Exercise]
) -> None:
    text = index_text(made_up(students, tuple(exercises.values())), "en", lambda r: f"{r.student}.html", ())
    script = """
    const root = document.documentElement;
    const away = [];
    for (const link of document.querySelectorAll("nav a")) {
      link.click();
      const top = document.querySelector(link.hash).getBoundingClientRect().top;
      const isAtTheEnd = root.scrollTop + innerHeight > root.scrollHeight - 2;
      if (top < 0 || top > innerHeight || (top > 100 && !isAtTheEnd)) away.push([link.hash, top]);
    }
    const rows = selector => document.querySelectorAll(selector).length;
    const over = root.scrollWidth > root.clientWidth;
    return {rows: rows(".grid tbody tr"), maps: rows(".heat tbody tr"), over, away};
    """
    told = ask(text, script, tmp_path)
    assert told == {"rows": students, "maps": students * len(exercises), "over": False, "away": []}


def test_what_a_student_wrote_does_nothing_in_a_browser(tmp_path: Path) -> None:
    acts = "parent.acted = window.acted = true"
    html = (
        f'</pre><script>{acts}</script><img src="x" onerror="{acts}"><svg onload="{acts}"></svg>'
        f'<iframe srcdoc="<script>{acts}</script>"></iframe><style>main {{ display: none }}</style>'
    )
    data = {
        "text__html": html,
        "image__svg+xml": html,
        "application__javascript": acts,
        "text__markdown": html,
    }
    notebook = executed(
        code(html, stream(html), *(display(**{kind: text}) for kind, text in data.items())),
        {"cell_type": "markdown", "source": html, "metadata": {}},
    )
    wrong = criterion(Verdict.WRONG_ANSWER, got=say("{x}", x=html), cell=0)
    page = render_student_page(report(wrong, name=html, execution=execution(notebook)), exercise(), "fr")
    script = """
    await new Promise(done => setTimeout(done, 500));
    const count = kind => document.querySelectorAll(kind).length;
    const asked = performance.getEntriesByType("resource").map(e => e.name);
    return [window.acted, asked, count("script"), count("img, iframe"), count("style"),
      document.querySelector("main").checkVisibility()];
    """
    assert ask(page, script, tmp_path) == [None, [], 1, 0, 1, True]


def test_page_asks_nobody_for_anything_and_runs_nothing(tmp_path: Path) -> None:
    script = "return [performance.getEntriesByType('resource').map(e => e.name), document.scripts.length];"
    assert ask(index(), script, tmp_path) == [[], 1]
