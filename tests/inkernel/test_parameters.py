"""Parameters as one vector, and back."""

import pytest
import torch
from torch import nn

from grader.inkernel.parameters import get_parameters, parameter_shapes, set_parameters


def test_round_trip_keeps_order_and_gradients():
    module = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1))
    flat = torch.arange(9.0)
    set_parameters(module, flat)
    assert torch.equal(get_parameters(module), flat)
    assert torch.equal(module[0].weight, torch.tensor([[0.0, 1.0], [2.0, 3.0]]))
    assert all(p.requires_grad for p in module.parameters())
    assert not get_parameters(module).requires_grad


def test_vector_is_a_copy():
    module = nn.Linear(1, 1)
    before = module.weight.item()
    get_parameters(module).add_(1)
    assert module.weight.item() == before


def test_wrong_number_of_values_is_an_error():
    with pytest.raises(ValueError, match="3 values for 2 parameters"):
        set_parameters(nn.Linear(1, 1), torch.ones(3))


def test_shapes_are_arrays():
    shapes = parameter_shapes(nn.Linear(2, 3))
    assert {name: shape.tolist() for name, shape in shapes.items()} == {"weight": [3, 2], "bias": [3]}


def test_module_without_parameters_is_an_empty_vector():
    assert get_parameters(nn.Sigmoid()).shape == (0,)
