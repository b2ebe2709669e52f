"""A live kernel is left as it was, whatever the probes did."""

from __future__ import annotations

import random

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import torch

from grader.criteria.figure import Figure
from grader.inkernel import figures
from grader.selfcheck.live.check import is_unseen
from grader.selfcheck.live.undisturbed import undisturbed


def namespace():
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    return {
        "model": model,
        "optimizer": optimizer,
        "w": torch.tensor([1.0, float("nan")], requires_grad=True),
        "losses": [1.0, 2.0],
        "options": {"lr": 0.1},
        "array": np.arange(3.0),
        "count": 0,
    }


def test_values_gradients_modes_and_names_come_back():
    names = namespace()
    kept = {key: value.clone() for key, value in names["model"].state_dict().items()}
    losses = names["losses"]
    with undisturbed(names):
        names["model"](torch.ones(4, 2)).sum().backward()
        names["optimizer"].step()
        names["model"].eval()
        names["w"].data.add_(1)
        names["w"].grad = torch.ones(2)
        losses.append(3.0)
        names["options"]["lr"] = 0.5
        names["array"][0] = 7
        names["count"] = 1
        names["new"] = 1
        torch.set_grad_enabled(False)
        torch.set_default_dtype(torch.float64)
    assert all(torch.equal(value, kept[key]) for key, value in names["model"].state_dict().items())
    assert all(p.grad is None for p in names["model"].parameters())
    assert names["model"].training
    assert names["optimizer"].state_dict()["state"] == {}
    assert (names["w"][0].item(), names["w"].grad) == (1.0, None)
    assert losses == [1.0, 2.0]
    assert names["options"] == {"lr": 0.1}
    assert names["array"][0] == 0
    assert (names["count"], "new" in names) == (0, False)
    assert torch.is_grad_enabled()
    assert torch.get_default_dtype() == torch.float32


def test_random_generators_go_on_as_if_nothing_had_been_asked():
    for generator, draw in (
        (random, random.random),
        (np.random, np.random.rand),
        (torch, lambda: torch.rand(1).item()),
    ):
        seed = getattr(generator, "manual_seed", None) or generator.seed
        seed(1)
        expected = draw()
        seed(1)
        with undisturbed({}):
            seed(99)
            draw()
        assert draw() == expected


def test_a_graph_that_was_built_before_can_still_be_walked_back():
    w = torch.ones(2, requires_grad=True)
    loss = (w * w).sum()
    with undisturbed({"w": w, "loss": loss}):
        (w * 3).sum().backward()
    loss.backward()
    assert torch.equal(w.grad, torch.tensor([2.0, 2.0]))


def test_figures_that_a_probe_drew_are_closed_and_forgotten():
    mpl.use("agg")
    import matplotlib.pyplot as plt

    figures.install(None)
    own = plt.figure()
    with undisturbed({}):
        plt.figure()
        plt.plot([1, 2])
    assert plt.get_fignums() == [own.number]
    assert plt.gcf() is own
    assert not any(axes for figure in figures.figures() for axes in figure["axes"])
    plt.close(own)


def test_a_figure_that_was_drawn_before_the_extension_came_is_not_called_missing():
    asked = Figure(
        id="figure.loss",
        task="figure",
        points="1",
        title={"fr": "La courbe", "en": "The curve"},
        series="losses",
    )
    figures.install(None)
    figures.remember_only({})
    own = plt.figure()
    try:
        assert is_unseen(asked)
        figures.remember_only({id(own): (own, {})})
        assert not is_unseen(asked)
    finally:
        figures.remember_only({})
        plt.close(own)
