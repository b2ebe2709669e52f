"""Variant files: read with clear errors, put into the reference."""

from __future__ import annotations

from decimal import Decimal

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.authoring.variants import apply, load_variant, load_variants
from grader.errors import CatalogError
from grader.model.verdict import Verdict

RIGHT = """
about = "Uses a helper."
[cells]
train = '''
def train():
    return 1
'''
"""

WRONG = """
about = "Never clears the gradients."
criterion = "train.steps"
verdict = "wrong_answer"
says = "zero_grad"
points = ["0", "1"]
also = ["result.loss"]
[cells]
train = "x = 1"
"""


def written(tmp_path, text, name="v.toml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def reference():
    cells = [
        new_code_cell("import torch", id="imports"),
        new_code_cell("def train(): ...", id="a", metadata={"nbgrader": {"grade_id": "train"}}),
        new_code_cell("result = 1", id="b", metadata={"nbgrader": {"grade_id": "result"}}),
    ]
    return nbformat.writes(new_notebook(cells=cells))


def test_right_variant_is_read(tmp_path):
    variant = load_variant(written(tmp_path, RIGHT, "helper.toml"))
    assert variant.name == "helper"
    assert variant.is_right
    assert variant.most_points is None


def test_wrong_variant_is_read(tmp_path):
    variant = load_variant(written(tmp_path, WRONG))
    assert not variant.is_right
    assert variant.verdict is Verdict.WRONG_ANSWER
    assert variant.points == (Decimal(0), Decimal(1))
    assert variant.most_points == 1
    assert variant.also == ("result.loss",)


def test_variants_come_in_the_order_of_their_names(tmp_path):
    for name in ("b.toml", "a.toml", "notes.txt"):
        written(tmp_path, RIGHT, name)
    assert [v.name for v in load_variants(tmp_path)] == ["a", "b"]


def test_no_folder_means_no_variants(tmp_path):
    assert load_variants(tmp_path / "nowhere") == ()


def test_cells_are_replaced_and_the_others_stay(tmp_path):
    made = nbformat.reads(apply(reference(), load_variant(written(tmp_path, RIGHT))), as_version=4)
    assert [cell.source for cell in made.cells] == [
        "import torch",
        "def train():\n    return 1",
        "result = 1",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("about = ", "not a readable TOML file"),
        (RIGHT.replace("about", "abuot"), "abuot: unknown key (did you mean 'about'?)"),
        (WRONG.replace("[cells]", "cell = 1\n[cells]"), "cell: unknown key (did you mean 'cells'?)"),
        (WRONG.replace('"wrong_answer"', '"wrong"'), "verdict: Input should be"),
        (
            WRONG.replace('"wrong_answer"', '"wrong_anser"'),
            "(got 'wrong_anser') (did you mean 'wrong_answer'?).",
        ),
        (WRONG.replace('says = "zero_grad"\n', ""), "says: a wrong variant needs it"),
        (WRONG.replace('["0", "1"]', '["2", "1"]'), "points: the least stands first"),
        (RIGHT.replace("[cells]", 'also = ["a.b"]\n[cells]'), "also: only a wrong variant"),
        (WRONG.replace('["result.loss"]', '["a.b", "c.d", "a.b"]'), "also: 'a.b' stands there twice"),
        (RIGHT.replace("[cells]", "carried = true\n[cells]"), "carried: only a wrong variant"),
        (
            WRONG.replace("[cells]", 'carried = ["result.loss"]\n[cells]'),
            "carried: 'result.loss' stands in `also`",
        ),
        (
            WRONG.replace('["result.loss"]', '["train.steps"]'),
            "also: 'train.steps' is this mistake's own criterion",
        ),
        (RIGHT.replace("[cells]", 'name = "x"\n[cells]'), "name: unknown key"),
        ('about = "x"\n[cells]\n', "cells: Dictionary should have at least 1 item"),
    ],
)
def test_broken_file_is_refused_by_file_and_key(tmp_path, text, words):
    with pytest.raises(CatalogError) as caught:
        load_variant(written(tmp_path, text, "broken.toml"))
    assert "broken.toml" in str(caught.value)
    assert words in str(caught.value)


def test_unknown_cell_is_refused_with_the_nearest_name(tmp_path):
    variant = load_variant(written(tmp_path, RIGHT.replace("train = ", "trian = ")))
    with pytest.raises(CatalogError, match=r"cells\.trian: .*did you mean 'train'"):
        apply(reference(), variant)
