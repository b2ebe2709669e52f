from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from grader.criteria.network import ACTIVATIONS, Form, canonical, least_squares, mlp, mse

TORCH = {
    "none": nn.Identity(),
    "sigmoid": nn.Sigmoid(),
    "tanh": nn.Tanh(),
    "relu": nn.ReLU(),
    "leaky_relu": nn.LeakyReLU(),
    "gelu": nn.GELU(),
    "silu": nn.SiLU(),
    "elu": nn.ELU(),
    "softplus": nn.Softplus(),
    "leaky_relu_0.1": nn.LeakyReLU(0.1),
    "leaky_relu_0.2": nn.LeakyReLU(0.2),
    "gelu_tanh": nn.GELU("tanh"),
    "selu": nn.SELU(),
    "hardsigmoid": nn.Hardsigmoid(),
    "hardtanh": nn.Hardtanh(),
    "softsign": nn.Softsign(),
    "logsigmoid": nn.LogSigmoid(),
}


@pytest.mark.parametrize("name", TORCH)
def test_activation_is_that_of_torch(name: str) -> None:
    z = torch.linspace(-30, 30, 601, dtype=torch.float64)
    np.testing.assert_allclose(ACTIVATIONS[name](z.numpy()), TORCH[name](z).numpy(), atol=1e-9, rtol=1e-9)


@pytest.mark.parametrize("layers", [(1, 1), (2, 2, 1), (3, 5, 4, 2)])
def test_forward_pass_is_that_of_torch(layers: tuple[int, ...]) -> None:
    modules: list[nn.Module] = []
    for inputs, outputs in itertools.pairwise(layers):
        modules += [nn.Linear(inputs, outputs), nn.Tanh()]
    model = nn.Sequential(*modules[:-1]).double()
    x = torch.randn(11, layers[0], dtype=torch.float64)
    theta = nn.utils.parameters_to_vector(model.parameters()).detach().numpy()
    network = canonical(mlp(layers, "tanh"))
    assert network.form.parameters == theta.size
    np.testing.assert_allclose(network.outputs(theta, x.numpy()), model(x).detach().numpy(), atol=1e-12)


def test_many_parameter_vectors_at_once_equal_one_by_one() -> None:
    form = mlp((2, 3, 1), "relu", "sigmoid")
    rng = np.random.default_rng(0)
    thetas, x = rng.normal(size=(6, form.parameters)), rng.normal(size=(4, 2))
    together = form.outputs(thetas, x)
    for theta, values in zip(thetas, together, strict=True):
        np.testing.assert_allclose(canonical(form).outputs(theta, x), values)


def test_layers_without_bias_have_fewer_parameters() -> None:
    assert mlp((2, 2, 1), "sigmoid").parameters == 9
    assert Form((2, 2, 1), ("sigmoid",), "none", (False, True)).parameters == 7


def test_mse_does_not_mind_the_shape_of_targets() -> None:
    assert mse([[0.0], [1.0]], [1.0, 1.0]) == 0.5


def test_mse_of_nan_is_nan() -> None:
    assert np.isnan(mse([np.nan], [0.0]))
    assert np.isinf(mse([1e300], [0.0]))


def test_least_squares_finds_line_and_residual() -> None:
    x = np.array([[0.0], [1.0], [2.0], [3.0]])
    fitted, loss = least_squares(x, np.array([[1.0], [2.0], [3.0], [8.0]]))
    np.testing.assert_allclose(fitted.ravel(), [0.2, 2.4, 4.6, 6.8])
    assert loss == pytest.approx(mse(fitted, [1, 2, 3, 8]))


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (mlp((1, 1), "none"), "linear 1→1 with bias"),
        (Form((3, 1), (), "sigmoid", (False,)), "3→1 (sigmoid) without bias"),
        (mlp((2, 2, 1), "leaky_relu_0.1"), "2→2 (leaky ReLU)→1 with biases"),
        (Form((2, 3, 1), ("none",), "none", (True, False)), "linear 2→3→1 with a bias in layer 1 only"),
    ],
)
def test_form_is_short_words_for_the_staff(form: Form, words: str) -> None:
    assert str(form) == f"{form}" == words
