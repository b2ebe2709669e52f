from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from grader.criteria.loss_threshold import LossThreshold
from grader.criteria.loss_words import Outcome, judge_losses
from grader.criteria.network import least_squares
from grader.criteria.trained import Points
from grader.model.judgement import Judgement
from grader.model.probe import Observation
from grader.model.verdict import Verdict
from tests.criteria.asking import answer, judged, names_of
from tests.criteria.builders import answered, evidence, make, raised, words
from tests.criteria.networks import RIGHT

XOR = {"x": [[0, 0], [0, 1], [1, 0], [1, 1]], "y": [[0], [1], [1], [0]]}
CALL = """
model = XORNet()
train(model, x, y)
return {"theta": get_parameters(model), "out": model(query), "shapes": parameter_shapes(model)}
"""
TRAIN = """
def train(model, x, y, lr=0.05, epochs=400):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(epochs):
        loss = ((model(x) - y) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
"""
SOLVED = np.array([20.0, 20.0, 20.0, 20.0, -10.0, -30.0, 1.0, -1.0, 0.0], np.float32)
"""Or, and: their difference is XOR."""


def criterion(**parameters: Any) -> LossThreshold:
    given = {"call": CALL, "requires": ["XORNet", "train"], "layers": [2, 2, 1], "data": XOR}
    return make(LossThreshold, **(given | parameters))


def notebook(network: str = "sequential", train: str = TRAIN) -> str:
    import textwrap

    return textwrap.dedent(RIGHT[network]) + train


def set_to(theta: np.ndarray, scale: float = 1.0) -> str:
    """A training that writes these weights, and nothing else."""
    numbers = ", ".join(str(v * scale) for v in theta.tolist())
    return f"def train(model, x, y):\n    set_all(model, torch.tensor([{numbers}]))\n" + SET_ALL


SET_ALL = """
def set_all(model, flat):
    torch.nn.utils.vector_to_parameters(flat, model.parameters())
"""


@pytest.mark.parametrize(
    "idiom", [name for name in RIGHT if "function_that" not in name and "lazy" not in name]
)
def test_right_training_is_accepted(idiom: str) -> None:
    judgement = judged(criterion(), notebook(idiom))
    assert judgement.verdict is Verdict.ACCEPTED, words(judgement) + judgement.staff_note


def test_starts_stop_at_the_first_success() -> None:
    spec = criterion()
    probes = spec.probes(np.random.default_rng(3))
    reference = {p.id: answer(p, {}) for p in probes if p.ask == "reference"}
    observations: list[Observation] = []
    names = names_of(notebook())
    for probe in probes:
        if probe.ask == "student" and not spec.is_settled(observations, reference):
            observations.append(answer(probe, names))
    assert 1 <= len(observations) < spec.starts
    assert spec.judge(evidence(observations, reference.values())).verdict is Verdict.ACCEPTED


def test_starts_differ_by_their_seed() -> None:
    probes = [p for p in criterion().probes(np.random.default_rng(0)) if p.ask == "student"]
    assert len(probes) == 10
    assert len({p.seed for p in probes}) == 10


def theta_judged(theta: np.ndarray, **parameters: Any) -> Judgement:
    return judged(criterion(**parameters), notebook(train=set_to(theta)))


def test_loss_between_the_thresholds_earns_a_linear_share() -> None:
    off = SOLVED.copy()
    off[8] += np.sqrt(0.02)
    judgement = theta_judged(off)
    assert judgement.verdict is Verdict.PARTIALLY_ACCEPTED
    assert judgement.score is not None
    assert abs(judgement.score - Decimal("0.75")) < Decimal("0.01")
    assert judgement.score == judgement.score.quantize(Decimal("0.0001"))


def test_nothing_learned_is_named() -> None:
    theta = np.zeros(9, np.float32)
    theta[8] = 0.5
    judgement = theta_judged(theta)
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert "Nothing is learned" in words(judgement)
    assert "3 trainings" in words(judgement), "equal weights three times are enough"
    assert "same weights" in words(judgement)


def test_local_minimum_is_named() -> None:
    theta = SOLVED.copy()
    theta[[7, 8]] = 0.0
    theta[6] = 2 / 3
    judgement = theta_judged(theta)
    assert "local minimum" in words(judgement), judgement.staff_note


def test_training_that_is_too_short_is_in_no_local_minimum() -> None:
    points = Points(np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]]), np.array([[0], [1], [1], [0.0]]))
    losses = [0.249, 0.277, 0.26, 0.171, 0.167, 0.264, 0.242, 0.226]
    judgement = judge_losses(Outcome(losses, Decimal(0), points, left_behind=False), None)
    assert "enough epochs" in words(judgement)


NAN = float("nan")


@pytest.mark.parametrize(
    ("losses", "left_behind", "said"),
    [
        ([NAN, NAN], False, "The training diverges: the parameters become NaN"),
        ([40.0, 3e8], False, "diverges: the loss grows until it is 160 times"),
        ([40.0, NAN], False, "diverges: the loss grows"),
        ([0.26, NAN], False, "In 1 of 2 trainings the parameters become NaN or infinite"),
        ([0.26, 3e8], False, "Nothing is learned"),
        ([0.25, 0.6], False, "Nothing is learned"),
        ([0.05, NAN], False, "Some trainings diverge"),
        ([5e7], True, "as after a training that diverges"),
        ([1.0], True, "The loss is 4 times as large as when one answer is always given."),
        ([0.26], True, "Nothing is learned"),
    ],
)
def test_what_went_wrong_is_named_where_every_training_shows_it(
    losses: list[float], left_behind: bool, said: str
) -> None:
    points = Points(np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]]), np.array([[0], [1], [1], [0.0]]))
    shown = words(judge_losses(Outcome(losses, Decimal(0), points, left_behind=left_behind), None))
    assert said in shown
    assert ("diverge" in shown) == ("diverge" in said)


@pytest.mark.parametrize("is_deep", [True, False])
def test_linear_model_that_learns_nothing_is_asked_about_no_activation(is_deep: bool) -> None:
    points = Points(np.array([[0], [1], [2], [3.0]]), np.array([[0], [1], [2], [3.0]]))
    outcome = Outcome([1.3], Decimal(0), points, left_behind=True, is_deep=is_deep)
    assert ("activation" in words(judge_losses(outcome, None))) == is_deep


def test_diverging_training_is_named() -> None:
    judgement = theta_judged(np.full(9, 2e38, np.float32) * 0 + np.float32(3.4e38), full_marks=0.01)
    assert judgement.verdict is Verdict.WRONG_ANSWER
    train = "def train(model, x, y):\n    set_all(model, torch.full((9,), torch.nan))\n" + SET_ALL
    assert "diverges" in words(judged(criterion(), notebook(train=train)))


def test_training_that_does_nothing_fails_all_starts() -> None:
    judgement = judged(criterion(), notebook(train="def train(model, x, y):\n    return []\n"))
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert "10 trainings" in words(judgement)


def test_other_hidden_sizes_and_activations_are_recomputed() -> None:
    network = "def XORNet():\n    return nn.Sequential(nn.Linear(2, 10), nn.Tanh(), nn.Linear(10, 1), nn.Sigmoid())\n"
    assert judged(criterion(), network + TRAIN).verdict is Verdict.ACCEPTED


def test_shapes_may_be_left_out() -> None:
    call = CALL.replace(', "shapes": parameter_shapes(model)', "")
    for idiom in ("output_layer_declared_first", "bare_parameters_transposed", "nine_scalars"):
        assert judged(criterion(call=call), notebook(idiom)).verdict is Verdict.ACCEPTED


def test_reported_loss_and_forged_outputs_pay_nothing() -> None:
    network = """
class XORNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(9))
    def forward(self, x):
        return ((x[:, :1] > 0.5) ^ (x[:, 1:] > 0.5)).float() + 0 * self.w.sum()
"""
    judgement = judged(criterion(), network + "def train(model, x, y):\n    return [0.0]\n")
    assert judgement.verdict is Verdict.NEEDS_REVIEW


def test_slow_training_is_named() -> None:
    spec = criterion(start_s=20)
    probes = spec.probes(np.random.default_rng(0))
    reference = [answer(p, {}) for p in probes if p.ask == "reference"]
    slow = Observation(probe="task.word/0", outcome="timed_out", wall_s=20.1)
    judgement = spec.judge(evidence([slow], reference))
    assert judgement.verdict is Verdict.TIME_LIMIT_EXCEEDED
    assert "more than 20 s" in words(judgement)
    assert spec.is_settled([slow], {})


def test_training_that_raises_is_a_run_time_error() -> None:
    judgement = judged(criterion(), notebook(train="def train(model, x, y):\n    return y.numpi()\n"))
    assert judgement.verdict is Verdict.RUN_TIME_ERROR


def test_later_start_that_raises_leaves_what_was_earned() -> None:
    spec = criterion()
    probes = spec.probes(np.random.default_rng(0))
    reference = [answer(p, {}) for p in probes if p.ask == "reference"]
    off = SOLVED.copy()
    off[8] += np.sqrt(0.02)
    first = answer(probes[0], names_of(notebook(train=set_to(off))))
    judgement = spec.judge(evidence([first, raised("task.word/1", "ValueError")], reference))
    assert judgement.verdict is Verdict.PARTIALLY_ACCEPTED


def test_weights_that_are_no_numbers_are_named() -> None:
    call = 'return {"theta": "all of them", "out": query[:, :1]}'
    assert "not tensors of numbers" in words(judged(criterion(call=call), notebook()))


LINE = {
    "call": 'return {"theta": torch.cat([w.flatten(), b.flatten()]), "out": query * w + b}',
    "requires": ["w", "b"],
    "layers": [1, 1],
    "data": None,
    "data_call": "(x, y)",
    "baseline": "least_squares",
    "full_marks": 1.05,
    "no_marks": 2.0,
    "reads_state": True,
}
POINTS = """
torch.manual_seed(0)
x = torch.rand(50, 1) * 4 - 2
y = 3 * x - 1 + 0.3 * torch.randn(50, 1)
"""


def fitted(off: float) -> str:
    return POINTS + f"w, b = torch.tensor([3.0 + {off}]), torch.tensor([-1.0])\n"


def test_values_left_behind_are_compared_with_the_least_squares_optimum() -> None:
    assert judged(criterion(**LINE), fitted(0.0), reference=POINTS).verdict is Verdict.ACCEPTED
    partial = judged(criterion(**LINE), fitted(0.15), reference=POINTS)
    assert partial.verdict is Verdict.PARTIALLY_ACCEPTED
    wrong = judged(criterion(**LINE), fitted(1.0), reference=POINTS)
    assert wrong.verdict is Verdict.WRONG_ANSWER
    assert "recomputed from the values" in words(wrong)


def test_values_of_the_students_own_data_do_not_count() -> None:
    cheat = fitted(0.0) + "y = torch.zeros(50, 1)\nw = b = torch.zeros(1)\n"
    assert judged(criterion(**LINE), cheat, reference=POINTS).verdict is Verdict.WRONG_ANSWER


def test_data_without_noise_can_be_fitted() -> None:
    exact = POINTS.replace("+ 0.3 * torch.randn(50, 1)", "")
    judgement = judged(criterion(**LINE), exact + fitted(0.0).removeprefix(POINTS), reference=exact)
    assert judgement.verdict is Verdict.ACCEPTED


def test_missing_values_are_not_attempted() -> None:
    assert judged(criterion(**LINE), POINTS, reference=POINTS).verdict is Verdict.NOT_ATTEMPTED


def test_least_squares_is_the_optimum() -> None:
    x = np.linspace(-1, 1, 9)[:, None]
    _, optimum = least_squares(x, 2 * x + 1)
    assert optimum < 1e-20


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"no_marks": 0.001}, "no_marks: must be above"),
        ({"data": None}, "give either data or data_call"),
        ({"data": {"x": [[0.0]], "y": [[0.0]]}}, "data.x: every row must have 2 numbers"),
        ({"reads_state": True, "starts": 3}, "starts: what the notebook left"),
        ({"trained": True}, "trained: only with reads_state"),
    ],
)
def test_rubric_that_makes_no_sense_is_refused(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        criterion(**changed)


def test_nothing_asked_is_a_judge_error() -> None:
    assert criterion().judge(evidence([])).verdict is Verdict.JUDGE_ERROR
    assert criterion().judge(evidence([answered("other/0", 1.0)])).verdict is Verdict.JUDGE_ERROR


EARLY_CALL = CALL.replace("train(model, x, y)", "train(model, x, y, epochs=1)")


def test_weights_written_down_are_named() -> None:
    written = set_to(SOLVED).replace("def train(model, x, y)", "def train(model, x, y, epochs=400)")
    names = notebook(train=written)
    assert judged(criterion(), names).verdict is Verdict.ACCEPTED
    judgement = judged(criterion(early_call=EARLY_CALL), names)
    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert "not learnt" in words(judgement)


def test_training_that_ignores_its_epochs_is_no_cheat() -> None:
    train = TRAIN.replace("range(epochs)", "range(400)")
    assert judged(criterion(early_call=EARLY_CALL), notebook(train=train)).verdict is Verdict.ACCEPTED


def test_right_training_is_not_taken_for_written_down() -> None:
    assert judged(criterion(early_call=EARLY_CALL), notebook()).verdict is Verdict.ACCEPTED


BLOBS = {"x": [[0, 1], [1, 0], [-1, -1], [0, 2]], "y": [[0], [1], [2], [0]]}
CLASSES = """
def train(model, x, y):
    return set_to(model, WEIGHTS)

def set_to(model, flat):
    torch.nn.utils.vector_to_parameters(torch.tensor(flat), model.parameters())

def XORNet():
    return nn.Linear(2, 3)
"""


def classified(weights: list[float], **parameters: Any) -> Judgement:
    given: dict[str, Any] = {
        "layers": [2, 3],
        "activation": "none",
        "data": BLOBS,
        "loss": "cross_entropy",
        "full_marks": 0.3,
        "no_marks": 1.0,
    }
    return judged(criterion(**(given | parameters)), CLASSES.replace("WEIGHTS", repr(weights)))


def test_cross_entropy_is_recomputed_from_logits_and_classes() -> None:
    right = [0.0, 4.0, 4.0, 0.0, -4.0, -4.0, 0.0, 0.0, 0.0]
    assert classified(right).verdict is Verdict.ACCEPTED
    halfway = classified([v / 8 for v in right])
    logits = np.array(BLOBS["x"]) @ np.array(right[:6]).reshape(3, 2).T / 8
    losses = np.log(np.exp(logits).sum(1)) - logits[range(4), [0, 1, 2, 0]]
    assert halfway.verdict is Verdict.PARTIALLY_ACCEPTED
    assert float(halfway.score or 0) == pytest.approx((1.0 - losses.mean()) / 0.7, abs=1e-3)


def test_without_a_hidden_layer_equal_weights_are_no_sign_of_a_seed() -> None:
    said = words(classified([0.0] * 9, hint={"fr": "Relisez.", "en": "Read again."}))
    assert "same weights" not in said
    assert "Read again." in said


def test_classes_that_always_get_their_share_mean_that_nothing_is_learned() -> None:
    shares = np.log([0.5, 0.25, 0.25]).tolist()
    assert "each class always gets its share" in words(classified([0.0] * 6 + shares))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"output": "sigmoid"}, "output: not with cross_entropy"),
        ({"baseline": "least_squares"}, "baseline: not with cross_entropy"),
        ({"data": {"x": [[0, 1]], "y": [[0, 1, 0]]}}, "data.y: every row must have 1 numbers"),
    ],
)
def test_cross_entropy_wants_logits_and_classes(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        classified([0.0] * 9, **wrong)


def test_a_class_that_there_is_not_is_the_rubrics_fault() -> None:
    with pytest.raises(ValueError, match="classes, 0 to 2"):
        classified([0.0] * 9, data={"x": [[0, 1]], "y": [[3]]})
