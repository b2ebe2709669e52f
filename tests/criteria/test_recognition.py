from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.criteria.layouts import layouts
from grader.criteria.network import ACTIVATIONS, Form, Network, canonical, mlp
from grader.criteria.recognition import Sample, agrees, recognise, sample

XOR = mlp((2, 2, 1), "sigmoid")
X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = np.array([[0.0], [1.0], [1.0], [0.0]])


def samples_of(form: Form, order: np.ndarray | None = None, seed: int = 0, count: int = 2) -> list[Sample]:
    """What a module of this form gives whose parameters stand in this order."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        theta, x = rng.normal(0.0, 1.2, form.parameters), rng.uniform(-2, 2, (12, form.layers[0]))
        out = canonical(form).outputs(theta, x).astype(np.float32)
        given = theta if order is None else theta[order]
        found.append(sample(given.astype(np.float32), x.astype(np.float32), out))
    return found


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(9)), st.integers(0, 1000))
def test_any_order_of_nine_parameters_is_the_same_network(order: list[int], seed: int) -> None:
    samples = samples_of(XOR, np.array(order), seed)
    network = recognise(samples, None, XOR)
    assert network is not None
    assert network.form == XOR
    again = samples_of(XOR, np.array(order), seed + 1)
    assert agrees(network, again)


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(9)), st.integers(0, 1000))
def test_loss_does_not_depend_on_the_order(order: list[int], seed: int) -> None:
    theta = np.random.default_rng(seed).normal(0.0, 1.2, 9)
    network = recognise(samples_of(XOR, np.array(order), seed), None, XOR)
    assert network is not None
    truth = canonical(XOR).loss(theta, X, Y)
    assert network.loss(theta[np.array(order)], X, Y) == pytest.approx(truth, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("activation", [a for a in ACTIVATIONS if a not in ("sigmoid", "step", "sign")])
@pytest.mark.parametrize("shapes", [None, ((2, 2), (2,), (1, 2), (1,))])
def test_other_activations_are_told_apart(
    activation: str, shapes: tuple[tuple[int, ...], ...] | None
) -> None:
    network = recognise(samples_of(mlp((2, 2, 1), activation)), shapes, XOR)
    assert network is not None
    assert network.form.activations == (activation,)


@pytest.mark.parametrize("hidden", [1, 3, 4, 10, 32])
@pytest.mark.parametrize("output", ["none", "sigmoid"])
def test_other_hidden_sizes_are_told_apart(hidden: int, output: str) -> None:
    form = mlp((2, hidden, 1), "tanh", output)
    network = recognise(samples_of(form), None, XOR)
    assert network is not None
    assert network.form == form


@pytest.mark.parametrize("biases", [(True, False), (False, True), (False, False)])
def test_missing_biases_are_told(biases: tuple[bool, bool]) -> None:
    form = Form((2, 2, 1), ("sigmoid",), "none", biases)
    network = recognise(samples_of(form), None, XOR)
    assert network is not None
    assert network.form == form


def test_two_hidden_layers_are_recognised_by_their_shapes() -> None:
    form = Form((2, 4, 3, 1), ("relu", "tanh"), "none", (True, True, True))
    network = recognise(samples_of(form), ((4, 2), (4,), (3, 4), (3,), (1, 3), (1,)), XOR)
    assert network is not None
    assert network.form == form


def test_two_hidden_layers_are_recognised_without_shapes() -> None:
    form = mlp((2, 2, 2, 1), "sigmoid")
    network = recognise(samples_of(form), None, XOR)
    assert network is not None
    assert network.form == form


def test_thresholds_that_are_subtracted_are_recognised() -> None:
    signs = np.array([1, 1, 1, 1, -1, -1, 1, 1, -1.0])
    turned = [Sample(s.theta * signs, s.x, s.out) for s in samples_of(XOR)]
    network = recognise(turned, None, XOR)
    assert network is not None
    assert network.form == XOR


def test_another_function_is_not_recognised() -> None:
    odd = [Sample(s.theta, s.x, s.out * s.x[:, :1]) for s in samples_of(XOR)]
    assert recognise(odd, None, XOR) is None


def test_outputs_without_the_parameters_are_not_recognised() -> None:
    forged = [Sample(s.theta, s.x, (s.x[:, :1] > 0.5) * 1.0) for s in samples_of(XOR)]
    assert recognise(forged, None, XOR) is None


def test_not_finite_or_not_as_many_is_not_recognised() -> None:
    one = samples_of(XOR, count=1)[0]
    assert recognise([Sample(one.theta * np.nan, one.x, one.out)], None, XOR) is None
    assert recognise([Sample(one.theta, one.x, one.out[:3])], None, XOR) is None
    assert recognise([], None, XOR) is None


def test_large_trained_weights_are_recognised() -> None:
    samples = [
        sample(np.float32(30) * s.theta, s.x, canonical(XOR).outputs(30 * s.theta, s.x))
        for s in samples_of(XOR)
    ]
    network = recognise(samples, None, XOR)
    assert network is not None
    assert network.form == XOR


def places_of(form: Form, shapes: tuple[tuple[int, ...], ...]) -> list[list[int]]:
    return [places.tolist() for places in layouts(form, shapes)]


@pytest.mark.parametrize(
    ("shapes", "places"),
    [
        (((3, 2), (3,), (1, 3), (1,)), list(range(13))),
        (((2, 3), (3,), (3, 1), (1,)), [0, 3, 1, 4, 2, 5, *range(6, 13)]),
        (((1, 3), (1,), (3, 2), (3,)), [*range(4, 13), 0, 1, 2, 3]),
        (((3, 3), (1, 4)), [0, 1, 3, 4, 6, 7, 2, 5, 8, 9, 10, 11, 12]),
        (
            ((1, 2), (1,), (1, 2), (1,), (1, 2), (1,), (1, 3), (1,)),
            [0, 1, 3, 4, 6, 7, 2, 5, 8, 9, 10, 11, 12],
        ),
    ],
    ids=["natural", "transposed", "output_first", "bias_in_weight", "one_module_a_neuron"],
)
def test_natural_layouts_are_found(shapes: tuple[tuple[int, ...], ...], places: list[int]) -> None:
    assert places in places_of(mlp((2, 3, 1), "sigmoid"), shapes)


def test_each_layout_uses_every_parameter_once() -> None:
    for places in places_of(XOR, ((2, 2), (2,), (1, 2), (1,))):
        assert sorted(places) == list(range(9))


def test_a_network_applies_places_and_signs() -> None:
    network = Network(mlp((1, 1), "none"), np.array([1, 0]), np.array([1.0, -1.0]))
    np.testing.assert_allclose(network.outputs([5.0, 2.0], [[10.0]]), [[15.0]])
