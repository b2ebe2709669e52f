"""Values taken apart, in this process."""

import numpy as np
import pytest
import torch

from grader.inkernel.values import Packed, TooLargeError


def leaf(value):
    packed = Packed(value)
    assert packed.tree["type"] == "leaf"
    raw = np.frombuffer(packed.buffers[0], dtype=packed.tree["dtype"])
    return packed.tree, raw.reshape(packed.tree["shape"])


def test_tensor_is_copied_raw():
    tree, array = leaf(torch.arange(6.0).reshape(2, 3).t())
    assert array.tolist() == [[0, 3], [1, 4], [2, 5]]
    assert (tree["made_of"], tree["requires_grad"], tree["device"]) == ("Tensor", False, "cpu")


def test_graph_of_one_element_marks_the_list():
    w = torch.ones((), requires_grad=True)
    assert leaf([w * 2, torch.ones(())])[0]["requires_grad"]
    assert leaf(torch.nn.Parameter(torch.ones(1)))[0]["requires_grad"]


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        (torch.ones(3, dtype=torch.complex64).conj(), [1, 1, 1]),
        (torch.eye(2).to_sparse(), [[1, 0], [0, 1]]),
        (np.arange(3)[::-1], [2, 1, 0]),
        (np.ma.ones((1, 2)), [[1, 1]]),
    ],
)
def test_unusual_layouts_become_plain(value, numbers):
    assert leaf(value)[1].tolist() == numbers


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (torch.ones(2, device="meta"), "Tensor"),
        (np.array([None]), "ndarray of object"),
        (np.array(["a"]), "ndarray of str32"),
        ({1, 2}, "set"),
        (len, "builtin_function_or_method"),
    ],
)
def test_what_is_no_number_is_opaque(value, name):
    assert Packed(value).tree == {"type": "opaque", "class_name": name}


def test_mixed_numbers_take_the_widest_name():
    assert leaf([True, 2, 3.5])[0]["made_of"] == "list of float"
    assert leaf([True, 2])[0]["made_of"] == "list of int"


def test_mixed_kinds_stay_apart():
    tree = Packed([1.0, torch.ones(())]).tree
    assert [item["made_of"] for item in tree["items"]] == ["float", "Tensor"]


def test_nested_lists_stay_nested():
    tree = Packed([[0, 1], [1, 0]]).tree
    assert [item["made_of"] for item in tree["items"]] == ["list of int"] * 2


def test_list_that_contains_itself_is_too_large():
    endless = []
    endless.append(endless)
    with pytest.raises(TooLargeError):
        Packed(endless)


def test_named_tuple_is_a_tuple():
    assert Packed(torch.ones(2, 2).max(dim=0)).tree["container"] == "tuple"
