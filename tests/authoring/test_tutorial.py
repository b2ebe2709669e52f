"""The tutorial builds an exercise that works, by its own blocks and in their order."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from grader.authoring.variants import load_variants
from tests.authoring.tutorial import ID, PAGE, Said, blocks, follow
from tests.authoring.verifying import faults_of


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Said]]:
    """The course at the end of the page, and all that was said on the way."""
    folder = tmp_path_factory.mktemp("tutorial")
    return folder / "my-course", list(follow(folder))


def graded(course: Path) -> dict[str, Any]:
    content = json.loads((course / "report" / "results.json").read_text("utf-8"))
    return {report["student"]: report for report in content["reports"]}


def test_every_block_stands_under_the_name_of_its_file_and_is_carried_out() -> None:
    lines = PAGE.read_text("utf-8").splitlines()
    for place, line in enumerate(lines):
        found = re.match(r"```\w+ (file|add)=(\S+)$", line)
        if found:
            assert lines[place - 2].startswith(f"`{found[2]}`"), line
    outside = [line for line in lines if line.startswith("```") and line not in ("```", "```bash run")]
    assert [line for line in outside if "=" not in line] == ["```bash", "```json"]
    assert sum("grade exercise verify" in block.text for block in blocks()) == 2


def test_new_and_release_write_what_the_page_says(followed: tuple[Path, list[Said]]) -> None:
    course, said = followed
    assert "exercises/05_softmax/05_softmax.ipynb: written" in next(
        s.output for s in said if "exercise release" in s.command
    )
    handout = nbformat.read(course / "exercises" / ID / f"{ID}.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in handout.cells)
    assert text.count('raise NotImplementedError("à compléter")') == 6
    assert text.count("Votre réponse ici") == 1
    assert "logsumexp" not in text


def test_the_rubric_is_worth_what_the_page_says(followed: tuple[Path, list[Said]]) -> None:
    _, said = followed
    listed = next(s.output for s in said if s.command == "grade rubric list")
    assert [word for word in listed.split() if word.isdigit()][-3:] == ["7", "11", "16"]


def test_the_first_class_gets_the_points_that_the_page_says(followed: tuple[Path, list[Said]]) -> None:
    course, said = followed
    by_student = graded(course)
    first = next(s.output for s in said if s.command.startswith("grade submissions/"))
    assert "15/16 +1?" in first
    assert "0/16" in first
    assert {student: float(report["points"]) for student, report in by_student.items()} == {
        "ada": 16,
        "bob": 0,
    }
    assert (course / "report" / "students" / "ada" / f"{ID}.html").exists()
    assert "16/16" in next(s.output for s in said if s.command.startswith("grade show"))


def test_a_mistake_of_the_page_is_found_by_its_own_criterion(
    followed: tuple[Path, list[Said]], tier: str
) -> None:
    found = faults_of(followed[0], ID, tier, variants=frozenset({"result_too_short"}), ends=False)
    assert found == {}


@pytest.mark.nightly
def test_the_exercise_passes_verify(followed: tuple[Path, list[Said]], tier: str) -> None:
    course, _ = followed
    assert len(load_variants(course / "reference" / ID / "mistakes")) == 7
    assert faults_of(course, ID, tier) == {}
