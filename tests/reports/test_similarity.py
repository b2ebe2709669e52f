"""Likeness is found between two, not among many, and only the instructor's page shows it."""

from __future__ import annotations

import importlib.util
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model.report import GradeReport
from grader.reports import write_reports
from grader.reports.similarity import Pair, Similarities
from tests.reports.builders import class_of, code, executed, execution, exercise, report
from tests.reports.pages import read_page

GIVEN = "import torch\n" + "\n".join(
    f"def handed_out_{i}(x):\n    return x * {i} + torch.ones({i})" for i in range(20)
)
LOOP = """def train(net, x, y, lr, epochs):
    losses = []
    optimizer = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.25)
    for epoch in range(epochs):
        optimizer.zero_grad()
        loss = ((net(x).squeeze(1) - y.view(-1)) ** 2).sum() / x.shape[0]
        loss.backward()
        optimizer.step()
        if epoch % 7 == 3 and loss.item() < 1e-6:
            break
        losses.append(float(loss.detach().cpu().numpy()))
    print("after", epoch, "epochs:", min(losses), max(losses))
    return torch.tensor(losses[1:-1]).flip(0).tolist()"""
OTHER = """history = []
while True:
    with torch.no_grad():
        gradient = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
        assert all(torch.isfinite(g).all() for g in gradient.values()), "diverged"
        for name, p in model.named_parameters():
            p -= 0.05 * gradient[name] / (1 + len(history)) ** 0.5
            p.grad = None
    history += [evaluate(model, inputs, targets, reduction="mean")]
    if len(history) > 3 and abs(history[-1] - history[-2]) < tolerance or len(history) == 500:
        break
plt.figure(figsize=(6, 3)); plt.semilogy(history, "o-", label="perte"); plt.legend(); plt.grid(); plt.show()"""
HANDOUT = executed(code(GIVEN), code("def train(net, x, y, lr, epochs):\n    raise NotImplementedError"))


def handed_in(student: str, *cells: str) -> GradeReport:
    notebook = executed(code(GIVEN), *(code(cell) for cell in cells))
    return report(
        student=student,
        name=f"Name {student}",
        notebook_sha256=student.rjust(64, "0"),
        execution=execution(notebook),
    )


def pairs(*reports: GradeReport) -> tuple[Pair, ...]:
    found = Similarities()
    for one in reports:
        found.add(one, one, exercise(handout=HANDOUT))
    return found.pairs()


def _own(number: int) -> str:
    """Some code that nobody else writes."""
    draw = random.Random(number)
    pieces = ("+v", "-v", "*v", "/v", "[v]", "(v)", "%v")
    return "\n".join("v" + "".join(draw.choices(pieces, k=12)) for _ in range(40))


def renamed(text: str) -> str:
    for old, new in (
        ("losses", "perte_par_tour"),
        ("optimizer", "opt"),
        ("epoch", "tour"),
        ("net", "reseau"),
    ):
        text = text.replace(old, new)
    return text


def test_the_same_work_under_other_names_is_found_and_where() -> None:
    (pair,) = pairs(handed_in("1", "a = 1", LOOP), handed_in("2", OTHER), handed_in("3", renamed(LOOP)))
    assert (pair.first.student, pair.second.student) == ("1", "3")
    assert pair.share > 0.9
    assert not pair.is_same_file
    assert (pair.first_cells, pair.second_cells) == ((2,), (1,))


def test_what_was_handed_out_and_what_is_short_is_nobodys_copy() -> None:
    assert pairs(handed_in("1"), handed_in("2")) == ()
    assert pairs(handed_in("1", "x = 1"), handed_in("2", "x = 1")) == ()
    beginning = GIVEN.replace("* 7", "* 70")
    assert pairs(handed_in("1", beginning), handed_in("2", beginning)) == ()


def test_what_many_wrote_alike_tells_nothing() -> None:
    alike = [handed_in(str(n), LOOP) for n in range(5)]
    assert len(pairs(*alike)) == 10
    assert pairs(*alike, handed_in("5", LOOP)) == ()


def test_of_the_same_file_it_is_said() -> None:
    one, other = (handed_in(n, LOOP).model_copy(update={"notebook_sha256": "c" * 64}) for n in "12")
    assert pairs(one, other)[0].is_same_file


def test_members_of_groups_take_one_place_and_a_copy_between_groups_is_found() -> None:
    """Twelve groups of three, of which nobody told; two of them wrote the same, each in its own file."""

    def of_group(number: int, text: str) -> list[GradeReport]:
        file = {"notebook_sha256": str(number).rjust(64, "0")}
        return [handed_in(f"{number}-{n}", text).model_copy(update=file) for n in range(3)]

    groups = [of_group(n, LOOP if n == 0 else renamed(LOOP) if n == 1 else _own(n)) for n in range(12)]
    found = pairs(*(one for group in groups for one in group))
    files = [pair for pair in found if pair.is_same_file]
    assert len(files) == 12
    assert {len(pair.others) for pair in files} == {1}
    (copied,) = [pair for pair in found if not pair.is_same_file]
    assert {copied.first.student[0], copied.second.student[0]} == {"0", "1"}


@given(st.lists(st.lists(st.text(), max_size=3), max_size=4))
def test_any_code_can_be_compared(notebooks: list[list[str]]) -> None:
    pairs(*(handed_in(str(n), *cells) for n, cells in enumerate(notebooks)))


def test_only_the_instructors_page_shows_it_as_something_to_read(tmp_path: Path) -> None:
    write_reports(class_of(handed_in("1", LOOP), handed_in("2", LOOP)), tmp_path, "en")
    html = (tmp_path / "index.html").read_text(encoding="utf-8")
    page = read_page(html)
    assert "Similar notebooks, to be read" in page.headings
    assert "tells nothing by itself" in page.text
    assert any(at.startswith("students/2/03_XOR_pytorch.html#cell-") for at in page.links)
    assert "semblables, à lire" in " ".join(read_page(html, "fr").headings)
    for n, other in ("12", "21"):
        text = (tmp_path / "students" / n / "03_XOR_pytorch.html").read_text(encoding="utf-8")
        assert f"Name {other}" not in text
    assert "similar" not in (tmp_path / "results.json").read_text(encoding="utf-8").casefold()


def test_without_the_extra_the_report_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        "grader.reports.similarity.find_spec", lambda name: None if name == "copydetect" else find(name)
    )
    write_reports(class_of(handed_in("1", LOOP), handed_in("2", LOOP)), tmp_path, "en")
    page = read_page((tmp_path / "index.html").read_text(encoding="utf-8"))
    assert "Similar notebooks, to be read" not in page.headings
    assert "pip install grade[similarity]" in page.text
