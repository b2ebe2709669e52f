"""The tutorial builds an exercise that works, by its own blocks and in their order."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from grader.authoring.variants import load_variants
from grader.criteria import KINDS
from tests.authoring.tutorial import ID, PAGE, blocks, follow
from tests.authoring.verifying import faults_of


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
    assert [line for line in outside if "=" not in line] == ["```bash", "```json", "```bash"]
    assert sum("grade exercise verify" in block.text for block in blocks()) == 2


def test_every_kind_of_criterion_stands_in_the_table() -> None:
    assert set(re.findall(r"^\| `(\w+)` \| .* \| .* \|$", PAGE.read_text("utf-8"), re.MULTILINE)) >= set(
        KINDS
    )


def test_all_that_the_page_does_comes_out_as_it_says(tmp_path: Path, tier: str) -> None:
    said = {s.command: s.output for s in follow(tmp_path)}
    course = tmp_path / "my-course"

    assert "exercises/05_softmax/05_softmax.ipynb: written" in said["grade exercise release 05_softmax"]
    handout = nbformat.read(course / "exercises" / ID / f"{ID}.ipynb", as_version=4)
    text = "\n".join(cell.source for cell in handout.cells)
    assert text.count('raise NotImplementedError("à compléter")') == 6
    assert text.count("Votre réponse ici") == 1
    assert "logsumexp" not in text

    numbers = [word for word in said["grade rubric list"].split() if word.isdigit()]
    assert numbers[-3:] == ["7", "11", "16"]

    assert "15/16 +1?" in said["grade submissions/ --lang en"]
    assert "16/16" in said["grade show ada --lang en"]
    points = {student: float(report["points"]) for student, report in graded(course).items()}
    assert points == {"ada": 16, "bob": 0}
    assert (course / "report" / "students" / "ada" / f"{ID}.html").exists()

    right = {variant.name for variant in load_variants(course / "reference" / ID / "right")}
    assert right == {"torchs_own_functions", "autograd_and_in_place"}
    some = frozenset({"result_too_short", "gradients_by_autograd", "train_losses_after", *right})
    assert faults_of(course, ID, tier, variants=some, ends=False) == {}


@pytest.mark.nightly
def test_the_exercise_passes_verify(tmp_path: Path, tier: str) -> None:
    for _ in follow(tmp_path):
        pass
    course = tmp_path / "my-course"
    assert len(load_variants(course / "reference" / ID / "mistakes")) == 9
    assert faults_of(course, ID, tier) == {}
