"""The checks on answers, without a kernel."""

import json

import numpy as np
import pytest

from grader.model.probe import Leaf, Nothing, Probe
from grader.sandbox import wire


def tree(**more):
    made = {"type": "leaf", "buffer": 0, "dtype": "float64", "shape": [1], "made_of": "Tensor"}
    return made | {"requires_grad": False, "device": "cpu"} | more


def read(answer, *buffers, header_bytes=100):
    return wire.value(answer, list(buffers), header_bytes=header_bytes)


def test_questions_are_json_and_the_raw_inputs_of_each_in_turn():
    inputs = {"x": np.ones((2, 1), dtype=np.float32), "n": np.array(3)}
    first, second = (
        Probe(id=f"a/{i}", code="return x", inputs=given) for i, given in enumerate([inputs, {}])
    )
    heads, x, n = wire.questions({"00": first, "01": second})
    first_head, second_head = json.loads(heads)
    assert first_head["inputs"] == [["x", "float32", [2, 1]], ["n", "int64", []]]
    assert (first_head["nonce"], second_head["nonce"], second_head["inputs"]) == ("00", "01", [])
    assert (len(x), len(n)) == (8, 8)


def test_leaf_is_read():
    leaf = read(tree(shape=[2]), np.array([1.0, np.nan]).tobytes())
    assert isinstance(leaf, Leaf)
    assert leaf.array[0] == 1
    assert np.isnan(leaf.array[1])


def test_any_byte_is_a_bool():
    assert read(tree(dtype="bool", shape=[3]), b"\x00\x01\x07").array.tolist() == [False, True, True]


def test_nothing_is_read():
    assert read({"type": "nothing"}) == Nothing()


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "leaf",
        {"type": ["leaf"]},
        tree(buffer=True),
        tree(buffer=-1),
        tree(dtype="float128"),
        tree(shape="1"),
        tree(shape=[1.0]),
        tree(shape=[10**9, 0, 1]),
        tree(requires_grad=1),
        tree(made_of=None),
        {"type": "items", "container": "set", "items": []},
        {"type": "items", "container": "list", "items": [tree(), tree()]},
        {"type": "entries", "entries": [1]},
        {"type": "words", "text": 3},
    ],
)
def test_broken_trees_are_refused(answer):
    with pytest.raises(wire.RefusedError):
        read(answer, bytes(8))


def test_long_header_is_refused():
    with pytest.raises(wire.RefusedError, match="header"):
        read({"type": "nothing"}, header_bytes=10**6)


def test_words_are_cut_and_made_printable():
    assert read({"type": "words", "text": "\ud800" * 1000}).text == "?" * 500
