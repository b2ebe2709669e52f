"""Figures as students draw them: matplotlib draws, the recorder of the kernel describes, the criterion looks."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from pydantic import ValidationError

from grader.criteria.figure import Figure
from grader.criteria.pictures import cell_key
from grader.inkernel import artists
from grader.model.evidence import Evidence
from grader.model.verdict import Verdict
from tests.criteria.builders import (
    answered,
    cell_raised,
    cells,
    evidence,
    execution,
    make,
    missing,
    value,
    words,
)

RNG = np.random.default_rng(0)
X = torch.tensor(RNG.uniform(-1, 2, (60, 1)), dtype=torch.float32)
Y = 2 * X - 1 + torch.tensor(RNG.normal(0, 0.3, (60, 1)), dtype=torch.float32)
W, B = torch.tensor([2.02]), torch.tensor([-0.97])
LOSSES = [4.0 * 0.9**k + 0.25 for k in range(200)]
CELL = "plt.plot(losses)"


def predict(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return w * x + b


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    before = plt.get_backend()
    plt.switch_backend("agg")
    yield
    plt.close("all")
    plt.switch_backend(before)


def _given(thing: Any) -> Any:
    if isinstance(thing, dict):
        return {key: _given(item) for key, item in thing.items()}
    if isinstance(thing, list):
        return value([_given(item) for item in thing]) if thing else np.zeros(0)
    return thing


def drawn(
    code: str, *, names: dict[str, Any] | None = None, handout: str | None = None, **rest: Any
) -> Evidence:
    """What the criterion sees once this code has drawn; None among names stands for one that is missing."""
    notebook: dict[str, Any] = {"x": X, "y": Y, "w": W, "b": B, "losses": LOSSES, "predict": predict}
    notebook |= names or {}
    exec(code, notebook | {"plt": plt, "np": np, "torch": torch})
    seen = [artists.described(plt.figure(number), cell_key(CELL)) for number in plt.get_fignums()]
    answers = [answered("task.word/figures", _given(artists.fitted(seen)))]
    for probe in everything().probes(np.random.default_rng(0))[1:]:
        lost = [n for n, v in notebook.items() if v is None and n in probe.code]
        if lost:
            answers.append(missing(probe.id, lost[0]))
            continue
        space = {k: v for k, v in notebook.items() if v is not None} | {"np": np}
        exec("def answer():\n    " + probe.code.replace("\n", "\n    "), space)
        answers.append(answered(probe.id, space["answer"]()))
    return evidence(answers, source=cells(CELL), handout={"figure": handout} if handout else None, **rest)


def everything() -> Figure:
    return make(Figure, points_of=["x", "y"], line={"x": "x", "call": "predict(x, w, b)"}, series="losses")


def fit() -> Figure:
    return make(
        Figure, points_of=["x", "y"], line={"x": "x", "call": "predict(x, w, b)"}, needs="points+line"
    )


def loss() -> Figure:
    return make(Figure, series="losses")


GRID = "g = torch.linspace(-1, 2, 50).reshape(-1, 1)\n"
FITS = {
    "scatter_and_grid": GRID + "plt.scatter(x, y); plt.plot(g, predict(g, w, b))",
    "dots_by_plot": GRID + "plt.plot(x, y, 'o'); plt.plot(g, predict(g, w, b), 'r-')",
    "line_at_the_points": "plt.scatter(x, y); plt.plot(x, predict(x, w, b))",
    "two_ends": "plt.scatter(x.flatten(), y.flatten()); "
    "plt.plot([-1, 2], [-w.item() + b.item(), 2 * w.item() + b.item()])",
    "axline": "plt.scatter(x, y); plt.axline((0, b.item()), slope=w.item())",
    "sorted_numpy": "s = np.argsort(x.numpy()[:, 0]); plt.plot(x.numpy()[s], y.numpy()[s], '.', label='d');"
    "plt.plot(x.numpy()[s], (w * x + b).numpy()[s]); plt.legend()",
    "axes_object": "f, ax = plt.subplots(1, 2); ax[0].scatter(x, y); ax[0].plot(x, w * x + b); ax[1].plot(losses)",
    "least_squares_line": "p = np.polyfit(x.flatten(), y.flatten(), 1); "
    "plt.scatter(x, y); plt.plot([-1, 2], np.polyval(p, [-1, 2]))",
    "most_of_the_points": "plt.scatter(x[:40], y[:40]); plt.plot(x, predict(x, w, b))",
    "with_errors": "plt.errorbar(x.flatten(), y.flatten(), yerr=0.3, fmt='o'); plt.plot(x, predict(x, w, b))",
    "among_other_figures": "plt.figure(); plt.plot([1, 2, 1]); plt.figure(); plt.scatter(x, y); plt.plot(x, w * x + b)",
}


@pytest.mark.parametrize("name", FITS)
def test_points_and_fitted_line_are_recognised(name: str) -> None:
    judgement = fit().judge(drawn(FITS[name]))
    assert judgement.verdict is Verdict.ACCEPTED, judgement.staff_note


CURVES = {
    "plot": "plt.plot(losses)",
    "semilogy": "plt.semilogy(losses)",
    "loglog_with_epochs": "plt.loglog(range(1, len(losses) + 1), losses)",
    "epochs_from_zero": "plt.plot(np.arange(len(losses)), np.array(losses))",
    "tensor": "plt.plot(torch.tensor(losses))",
    "every_tenth": "plt.plot(losses[::10])",
    "every_tenth_with_epochs": "plt.plot(range(9, 200, 10), losses[9::10], 'o-')",
    "first_left_out": "plt.plot(losses[1:])",
    "moving_average": "plt.plot(np.convolve(losses, np.ones(10) / 10, mode='valid'))",
    "smoothed": "s = [losses[0]]\nfor v in losses[1:]: s.append(0.9 * s[-1] + 0.1 * v)\nplt.plot(s)",
    "logarithm": "plt.plot(np.log10(losses))",
    "several_curves": "plt.plot([1, 2, 3]); plt.plot(losses, label='loss'); plt.plot(np.sqrt(losses))",
    "subplot": "plt.subplot(2, 1, 1); plt.plot([0, 1]); plt.subplot(2, 1, 2); plt.plot(losses)",
    "dots": "plt.scatter(range(len(losses)), losses, s=2)",
    "step": "plt.step(range(len(losses)), losses)",
    "bars": "plt.bar(range(len(losses)), losses)",
    "zoomed": "plt.plot(losses); plt.xlim(0, 20)",
}


@pytest.mark.parametrize("name", CURVES)
def test_loss_curve_is_recognised(name: str) -> None:
    judgement = loss().judge(drawn(CURVES[name]))
    assert judgement.verdict is Verdict.ACCEPTED, judgement.staff_note


def test_losses_as_list_of_tensors_are_compared() -> None:
    names = {"losses": [torch.tensor(v, requires_grad=True) for v in LOSSES]}
    judgement = loss().judge(drawn("plt.plot([v.item() for v in losses])", names=names))
    assert judgement.verdict is Verdict.ACCEPTED


def test_losses_that_became_nan_are_compared() -> None:
    names = {"losses": [1.0, 30.0, 1e20, float("inf"), float("nan"), float("nan")]}
    judgement = loss().judge(drawn("plt.plot(losses)", names=names))
    assert judgement.verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("code", "said", "score"),
    [
        ("plt.scatter(x, y)", "line is not drawn", "0.5"),
        ("plt.plot(x, predict(x, w, b))", "not shown as points", "0.5"),
        ("plt.scatter(x, y); plt.plot(x, x)", "not the fitted one", "0.5"),
        ("plt.scatter(x, y); plt.plot(x, y)", "not the fitted one", "0.5"),
        ("plt.scatter(x, y); plt.plot([0, 0.2], [-1, -0.6])", "not the fitted one", "0.5"),
        ("plt.scatter(x, x); plt.plot(x, predict(x, w, b))", "not the data", "0.5"),
        ("plt.figure(); plt.scatter(x, y); plt.figure(); plt.plot(x, w * x + b)", "same figure", "0.5"),
        ("plt.scatter([1, 2], [3, 4])", "not the data", "0"),
        ("plt.scatter(x, y); plt.figure(); plt.plot(losses)", "line is not drawn", "0.5"),
        ("plt.scatter(x, y); plt.plot([-1, 2], [-3, 3])", "not the fitted one", "0.5"),
        ("plt.figure()", "empty", "0"),
        ("plt.imshow([[1, 2], [3, 4]])", "neither points nor curves", "0"),
    ],
)
def test_wrong_figure_of_a_fit_is_named(code: str, said: str, score: str) -> None:
    judgement = fit().judge(drawn(code))
    assert said in words(judgement), judgement.staff_note
    assert judgement.score == Decimal(score)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("plt.plot([1.0 / (k + 1) for k in range(200)])", "does not show the losses"),
        ("plt.plot(losses[:3])", "does not show the losses"),
        ("plt.plot(losses[::-1])", "does not show the losses"),
        ("plt.plot(y.flatten())", "does not show the losses"),
        ("plt.plot([losses[-1]], 'o')", "not drawn"),
        ("plt.axhline(losses[-1])", "not drawn"),
        ("plt.scatter(x, y); plt.plot(x, w * x + b)", "not drawn"),
        ("plt.scatter(x, y)", "not drawn"),
        ("plt.subplots()", "empty"),
    ],
)
def test_wrong_loss_curve_is_named(code: str, said: str) -> None:
    judgement = loss().judge(drawn(code))
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert said in words(judgement), judgement.staff_note


def test_no_figure_is_not_attempted() -> None:
    assert loss().judge(drawn("pass")).verdict is Verdict.NOT_ATTEMPTED


def test_figure_cell_that_stopped_is_a_run_time_error() -> None:
    judgement = loss().judge(
        drawn("pass", ran=execution(cell_raised(0, "NameError", "name 'loses' is not defined")))
    )
    assert judgement.verdict is Verdict.RUN_TIME_ERROR
    assert "NameError" in words(judgement)


def test_figure_left_empty_by_an_error_is_a_run_time_error() -> None:
    stopped = execution(cell_raised(0, "NameError", "name 'loses' is not defined"))
    assert loss().judge(drawn("plt.figure()", ran=stopped)).verdict is Verdict.RUN_TIME_ERROR


def test_given_cell_that_stopped_is_not_the_students_figure() -> None:
    stopped = execution(cell_raised(0, "NameError", "name 'device' is not defined"))
    assert loss().judge(drawn("pass", ran=stopped, handout=CELL)).verdict is Verdict.NOT_ATTEMPTED


def test_line_of_a_training_that_diverged_is_still_its_line() -> None:
    nowhere = torch.tensor([float("nan")])
    judgement = fit().judge(
        drawn("plt.scatter(x, y); plt.plot(x, w * x + b)", names={"w": nowhere, "b": nowhere})
    )
    assert judgement.verdict is Verdict.ACCEPTED


def test_figure_of_a_given_cell_does_not_count() -> None:
    assert loss().judge(drawn("plt.plot(losses)", handout=CELL + "\n")).verdict is Verdict.NOT_ATTEMPTED


def test_figure_without_values_to_compare_waits_for_a_person() -> None:
    judgement = loss().judge(drawn("plt.plot([3, 2, 1.5])", names={"losses": None}))
    assert judgement.verdict is Verdict.NEEDS_REVIEW


def test_fitted_line_without_predict_is_compared_with_least_squares() -> None:
    code = "plt.scatter(x, y); plt.plot(x, w * x + b)"
    assert fit().judge(drawn(code, names={"predict": None})).verdict is Verdict.ACCEPTED


def test_all_three_give_thirds() -> None:
    judgement = everything().judge(drawn("plt.scatter(x, y); plt.plot(losses)"))
    assert judgement.score == Decimal(2) / Decimal(3)


@pytest.mark.parametrize("forged", [5, "x", [1, 2], [{"axes": 3}], [{"axes": [{"lines": [{"data": "no"}]}]}]])
def test_forged_record_is_never_paid(forged: Any) -> None:
    judgement = loss().judge(
        evidence([answered("task.word/figures", forged), answered("task.word/series", {"y": [1.0, 2.0]})])
    )
    assert judgement.score in (None, Decimal(0))


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [({}, "none of points_of"), ({"series": "losses", "needs": "line"}, "'line' is not given")],
)
def test_bad_parameters_are_refused(parameters: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError, match=expected):
        make(Figure, **parameters)
