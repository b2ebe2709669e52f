from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from grader.criteria.architecture import Architecture
from grader.model.judgement import Judgement
from grader.model.verdict import Verdict
from tests.criteria.asking import judged
from tests.criteria.builders import make, words
from tests.criteria.networks import PLAIN, RIGHT, layers, two_layers


def criterion(**parameters: Any) -> Architecture:
    given = {"build": "XORNet()", "requires": ["XORNet"], "layers": [2, 2, 1]}
    return make(Architecture, **(given | parameters))


def function_of(code: str, **parameters: Any) -> Judgement:
    return judged(criterion(**parameters), code)


def count_of(code: str) -> Judgement:
    return judged(criterion(check="parameters", parameters=9), code)


@pytest.mark.parametrize("idiom", RIGHT)
def test_right_idiom_is_accepted(idiom: str) -> None:
    assert count_of(RIGHT[idiom]).verdict is Verdict.ACCEPTED
    judgement = function_of(RIGHT[idiom])
    assert judgement.verdict is Verdict.ACCEPTED, words(judgement) + judgement.staff_note


WRONG = {
    "no_activation": (two_layers("return self.out(self.hidden(x))"), "no activation"),
    "tanh": (two_layers("return self.out(torch.tanh(self.hidden(x)))"), "tanh"),
    "relu": (two_layers("return self.out(torch.relu(self.hidden(x)))"), "ReLU"),
    "gelu": (two_layers("return self.out(nn.functional.gelu(self.hidden(x)))"), "GELU"),
    "sigmoid_on_the_output": (
        two_layers("return torch.sigmoid(self.out(torch.sigmoid(self.hidden(x))))"),
        "behind the last layer",
    ),
    "sigmoid_on_the_output_only": (
        two_layers("return torch.sigmoid(self.out(self.hidden(x)))"),
        "no activation between",
    ),
    "three_neurons": (layers("nn.Linear(2, 3)", "nn.Linear(3, 1)", PLAIN), "3 hidden neurons"),
    "one_neuron": (layers("nn.Linear(2, 1)", "nn.Linear(1, 1)", PLAIN), "1 hidden neurons"),
    "ten_neurons": (layers("nn.Linear(2, 10)", "nn.Linear(10, 1)", PLAIN), "10 hidden neurons"),
    "no_hidden_bias": (
        layers("nn.Linear(2, 2, bias=False)", "nn.Linear(2, 1)", PLAIN),
        "hidden layer has no bias",
    ),
    "no_output_bias": (
        layers("nn.Linear(2, 2)", "nn.Linear(2, 1, bias=False)", PLAIN),
        "output layer has no bias",
    ),
    "no_bias": (
        layers("nn.Linear(2, 2, bias=False)", "nn.Linear(2, 1, bias=False)", PLAIN),
        "layers have no bias",
    ),
    "no_hidden_layer": (layers("nn.Identity()", "nn.Linear(2, 1)", "return self.out(x)"), "no hidden layer"),
    "two_hidden_layers": (
        layers(
            "nn.Linear(2, 2)",
            "nn.Linear(2, 1)",
            "return self.out(self.more(self.hidden(x).sigmoid()).sigmoid())",
            before="        self.more = nn.Linear(2, 2)",
        ),
        "2 hidden layers",
    ),
    "dropout": (
        two_layers("return self.out(nn.functional.dropout(torch.sigmoid(self.hidden(x)), 0.5))"),
        "another output each time",
    ),
    "layers_made_in_forward": (
        two_layers("return nn.Linear(2, 1)(torch.sigmoid(self.hidden(x)))"),
        "another output each time",
    ),
    "constant": (two_layers("return torch.zeros(len(x), 1)"), "does not depend on the module's parameters"),
    "unused_layer": (two_layers("return torch.sigmoid(self.hidden(x)).sum(1, keepdim=True)"), "no influence"),
    "product_with_the_input": (
        two_layers("return self.out(torch.sigmoid(self.hidden(x))) * x[:, :1]"),
        "another function",
    ),
    "four_points_only": (
        two_layers("return self.out(torch.sigmoid(self.hidden(x))).view(4, 1)"),
        "4 points at a time",
    ),
    "mean_over_points": (
        two_layers("return self.out(torch.sigmoid(self.hidden(x))).mean(0)"),
        "one row for each point",
    ),
    "not_finite": (two_layers("return self.out(torch.sigmoid(self.hidden(x))) / 0"), "not finite"),
    "detached": (
        two_layers("return self.out(torch.sigmoid(self.hidden(x))).detach()"),
        "cut off from the graph",
    ),
    "detached_and_made_a_leaf": (
        two_layers("return self.out(torch.sigmoid(self.hidden(x))).detach().requires_grad_()"),
        "cut off from the graph: no gradient can reach",
    ),
    "gradient_of_zero": (
        two_layers("out = self.out(torch.sigmoid(self.hidden(x))); return out.detach() + 0 * out"),
        "cut off from the graph: no gradient can reach",
    ),
    "hidden_layer_detached": (
        two_layers("return self.out(torch.sigmoid(self.hidden(x)).detach())"),
        "Some parameters are cut off",
    ),
    "gradient_twice": (
        two_layers("out = self.out(torch.sigmoid(self.hidden(x))); return 2 * out - out.detach()"),
        "gradient of the output is not that of the function",
    ),
    "large_inputs_are_cut": (
        two_layers("return self.out(torch.sigmoid(self.hidden(x.clamp(-5, 5))))"),
        "not for many points of larger values",
    ),
    "hundred_points_at_most": (
        two_layers("return self.out(torch.sigmoid(self.hidden(x[:100])))"),
        "one row for each point",
    ),
    "returns_none": (two_layers("self.out(torch.sigmoid(self.hidden(x)))"), "does not return a tensor"),
    "plain_tensors": (
        layers("torch.randn(2, 2)", "torch.randn(2, 1)", "return torch.sigmoid(x @ self.hidden) @ self.out"),
        "no parameters",
    ),
    "no_module": ("class XORNet:\n    pass", "not a PyTorch module"),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_wrong_network_is_named(mistake: str) -> None:
    code, says = WRONG[mistake]
    judgement = function_of(code)
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert says in words(judgement), words(judgement)


@pytest.mark.parametrize("shape", ["squeeze(1)", "T", "unsqueeze(2)"])
def test_right_values_in_wrong_shape_earn_a_share(shape: str) -> None:
    code = two_layers(f"return self.out(torch.sigmoid(self.hidden(x))).{shape}")
    judgement = function_of(code, shape_credit="0.25")
    assert judgement.verdict is Verdict.PARTIALLY_ACCEPTED
    assert judgement.score == Decimal("0.25")
    assert "dimension" in words(judgement)


def test_frozen_network_is_named() -> None:
    code = RIGHT["function_that_makes_a_sequential"].replace(
        "nn.Linear(2, 1))", "nn.Linear(2, 1)).requires_grad_(False)"
    )
    assert "frozen" in words(function_of(code))
    assert "frozen" in words(count_of(code))


def test_parameters_without_influence_leave_the_function_right() -> None:
    code = two_layers(PLAIN).replace(
        "nn.Linear(2, 1)\n", "nn.Linear(2, 1)\n        self.spare = nn.Linear(2, 2)\n"
    )
    assert function_of(code).verdict is Verdict.ACCEPTED
    assert count_of(code).verdict is Verdict.WRONG_ANSWER


COUNTS = {
    "3 hidden neurons": layers("nn.Linear(2, 3)", "nn.Linear(3, 1)", PLAIN),
    "1 hidden neurons": layers("nn.Linear(2, 1)", "nn.Linear(1, 1)", PLAIN),
    "bias left out": layers("nn.Linear(2, 2, bias=False)", "nn.Linear(2, 1)", PLAIN),
    "without a hidden layer": layers("nn.Identity()", "nn.Linear(2, 1)", "return self.out(x)"),
    "too many": layers("nn.Linear(2, 2)", "nn.Bilinear(2, 2, 1)", PLAIN),
    "no parameters": layers("torch.randn(2, 2)", "torch.randn(2, 1)", PLAIN),
}


@pytest.mark.parametrize("says", COUNTS)
def test_wrong_count_is_named(says: str) -> None:
    judgement = count_of(COUNTS[says])
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert says in words(judgement)


def test_missing_class_is_not_attempted() -> None:
    assert function_of("").verdict is Verdict.NOT_ATTEMPTED


def test_not_filled_in_is_not_attempted() -> None:
    assert function_of(two_layers("raise NotImplementedError")).verdict is Verdict.NOT_ATTEMPTED


def test_forward_that_raises_is_a_run_time_error() -> None:
    assert function_of(two_layers("return self.hiden(x)")).verdict is Verdict.RUN_TIME_ERROR


def test_class_without_forward_is_named() -> None:
    code = two_layers(PLAIN).replace("def forward", "def foward")
    judgement = function_of(code)
    assert judgement.verdict is Verdict.RUN_TIME_ERROR
    assert "no method `forward`" in words(judgement)
    assert count_of(code).verdict is Verdict.ACCEPTED


def test_regression_module_is_judged_as_well() -> None:
    code = layers("nn.Identity()", "nn.Linear(1, 1)", "return self.out(x)")
    assert function_of(code, layers=[1, 1]).verdict is Verdict.ACCEPTED


def test_unknown_activation_in_a_rubric_is_refused() -> None:
    with pytest.raises(ValueError, match="activation: 'sigmoide' is not one of"):
        criterion(activation="sigmoide")
