"""`loss_history`: are the recorded losses those of the training that they are said to be of?

What comes in, called: the student's training for some numbers of epochs from weights that we choose; it returns the
losses that it recorded, the weights afterwards and what the network gives with them. With `reads_state`: the losses
and the weights that the notebook left, and the trainings that the kernel recorded. What goes out: length, kind,
finiteness, and agreement with losses recomputed from the weights, and with the training that made them
(`history_origin`). Losses may be taken before the update, or over mini-batches during the epoch; whether after the
update is right too says `moment`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, PositiveInt, model_validator

from grader.criteria import history_words as words
from grader.criteria.answers import reference_fault, unanswered
from grader.criteria.called_history import Runs, Setting, judge_runs, read_runs
from grader.criteria.disguises import accuracy
from grader.criteria.drawn import drawn, drawn_probe
from grader.criteria.histories import History, ends_at, read_history, runs_backwards
from grader.criteria.history_end import End
from grader.criteria.history_origin import Left, judge_origin
from grader.criteria.inputs import Inputs, Sizes, draw_case, function_body
from grader.criteria.interrupted import told_as_interrupted
from grader.criteria.loop_words import of_another_model
from grader.criteria.network import canonical, mse
from grader.criteria.outcomes import accepted, judge_error, share
from grader.criteria.readings import entries_of
from grader.criteria.recorded_trainings import TRAININGS, trainings_in, trainings_probe
from grader.criteria.trained import Points, Trained, TrainedCriterion, read_trained
from grader.model.code_names import used_names
from grader.model.evidence import Evidence
from grader.model.judgement import Judgement
from grader.model.probe import Observation, Probe
from grader.model.text import say
from grader.model.verdict import Verdict

STARTS_DRAWN = 8
ALONE = "alone"
ASIDE = ("/still", f"/{ALONE}", f"/{TRAININGS}")
"""Questions that need no answer."""
STILL = 1e-6
"""A learning rate so much smaller hardly moves the weights: then a mean over mini-batches is the loss at the start."""


class LossHistory(TrainedCriterion):
    """Whether recorded losses are true. The call sees `theta`, `x`, `y`, `query`, `lr` and `epochs`.

    With `reads_state` it sees `query` only. It returns a dict with `losses`, `theta`, and `out` at `query`; and, where
    it did not load `theta`, the weights before the training as `start`. `full`, 1 or 0, says whether all rows were seen
    to go through the model at once, one time an epoch: then no loss can be a mean over mini-batches.
    """

    kind: Literal["loss_history"] = "loss_history"
    inputs: Inputs = Field(default_factory=dict)
    """How `x` and `y` are drawn, where neither `data` nor `data_call` is given."""
    sizes: Sizes = Field(default_factory=dict)
    """Named sizes for the shapes of `inputs`."""
    start: Literal["random", "zeros"] = "random"
    """Where training starts: `theta`, flat, as `nn.Sequential(nn.Linear, …).parameters()` orders it.

    With `reads_state`, `zeros` says that the notebook's own training starts there.
    """
    lr: float = Field(default=0.1, gt=0)
    """The learning rate asked for."""
    epochs: Annotated[tuple[PositiveInt, ...], Field(min_length=1)] = (1, 2, 3)
    """Numbers of epochs, each asked from the same start."""
    cases: int = Field(default=1, ge=1, le=10)
    """Data sets that are drawn by `inputs`, each with a start of its own."""
    moment: Literal["before", "any"] = "any"
    """`before`: each loss is the one before the update; `any`: after it is right too."""
    batches: Literal["full", "any"] = "any"
    """`any`: the mean over an epoch's mini-batches is right too."""
    tensor_credit: Annotated[Decimal, Field(ge=0, le=1)] = Decimal("0.5")
    """Share for true losses that are detached tensors and not numbers."""
    timeout_s: float = Field(default=30.0, gt=0)
    """Wall seconds for one training."""

    @model_validator(mode="after")
    def _data_is_given_once(self) -> Self:
        given = [bool(self.inputs), self.data is not None, self.data_call is not None]
        if sum(given) != 1:
            raise ValueError(say("data: give one of data, data_call and inputs"))
        if self.inputs and not {"x", "y"} <= self.inputs.keys():
            raise ValueError(say("inputs: x and y must be drawn, the data of the training"))
        if self.data_call is not None and not self.reads_state:
            raise ValueError(say("data_call: only with reads_state; a call is given its data"))
        if self.inputs and self.reads_state:
            raise ValueError(say("inputs: not with reads_state; give data or data_call"))
        if self.cases > 1 and not self.inputs:
            raise ValueError(say("cases: goes with inputs, which are drawn for each"))
        return self

    def probes(self, rng: np.random.Generator) -> tuple[Probe, ...]:
        """One a number of epochs, or a single one about what was left."""
        query = self.draw_query(rng)
        if self.reads_state:
            return (
                self._ask("0", {"query": query}, {}, 0),
                trainings_probe(self.id, self.requires),
                drawn_probe(self.id, {"query": query}),
                *self.data_probes(),
            )
        known: dict[str, np.ndarray] = {"query": query}
        asked: list[Probe] = []
        still: list[Probe] = []
        for index in range(self.cases):
            case = draw_case(self.inputs, self.sizes, {}, index, rng)
            inputs = {"query": query, **case.inputs, **self.data_inputs()}
            inputs["theta"] = self._start_far_away(Points(inputs["x"], inputs["y"]), rng)
            known |= {f"{name}{index}": inputs[name] for name in ("x", "y", "theta")}
            asked += [
                self._ask(f"case{index}_epochs{epochs}", inputs, {"lr": self.lr, "epochs": epochs}, case.seed)
                for epochs in self.epochs
            ]
            if self.batches == "any" and not still:
                told = {"lr": self.lr * STILL, "epochs": max(self.epochs)}
                still = [self._ask("still", inputs, told, case.seed), *self._ask_alone(inputs, case.seed)]
        return (*asked, *still, drawn_probe(self.id, known))

    def _ask_alone(self, inputs: Mapping[str, np.ndarray], seed: int) -> list[Probe]:
        """One epoch on one row, which is its own batch: tells whether losses of mini-batches are taken too late."""
        if self.moment != "before" or not {"x", "y"} <= used_names(self.call):
            return []
        row = self._row(inputs["x"], inputs["y"], inputs["theta"])
        one = {"x": inputs["x"][row], "y": inputs["y"][row]}
        return [self._ask(ALONE, {**inputs, **one}, {"lr": self.lr, "epochs": 1}, seed)]

    def _row(self, x: np.ndarray, y: np.ndarray, theta: np.ndarray) -> slice:
        """The row with the greatest error at these weights: there a step shows."""
        points = Points(x.reshape(len(x), -1).astype(np.float64), y.reshape(len(y), -1).astype(np.float64))
        errors = np.square(canonical(self.form).outputs(theta, points.x) - points.y).mean(axis=1)
        at = int(errors.argmax())
        return slice(at, at + 1)

    def _start_far_away(self, points: Points, rng: np.random.Generator) -> np.ndarray:
        """The worst of some random weights: from there the loss moves, and an untrue history shows."""
        form = self.form
        if self.start == "zeros":
            return np.zeros(form.parameters, np.float32)
        drawn_at_random = rng.normal(0.0, 1.0, (STARTS_DRAWN, form.parameters)).astype(np.float32)
        x, y = points.x.reshape(-1, self.layers[0]), points.y.reshape(-1, self.layers[-1])
        return max(drawn_at_random, key=lambda theta: canonical(form).loss(theta, x, y))

    def _ask(
        self, suffix: str, inputs: Mapping[str, np.ndarray], told: Mapping[str, float | int], seed: int
    ) -> Probe:
        return Probe(
            id=f"{self.id}/{suffix}",
            code=function_body(self.call),
            inputs=dict(inputs),
            arguments=dict(told),
            requires=self.requires,
            seed=seed,
            timeout_s=self.timeout_s,
            reads_state=self.reads_state,
            ask="student",
        )

    def is_settled(self, observations: Sequence[Observation], reference: Mapping[str, Observation]) -> bool:
        """One question without an answer decides."""
        return any(observation.outcome != "answered" for observation in observations)

    def judge(self, evidence: Evidence) -> Judgement:
        """Form first, then truth."""
        observations = [o for o in evidence.of(self.id) if not o.probe.endswith(ASIDE)]
        if not observations:
            return judge_error(f"Nothing was asked for {self.id}.")
        fault = reference_fault(self, evidence)
        if fault is not None:
            return fault
        for observation in observations:
            fault = unanswered(observation, evidence, self.hint)
            if fault is not None:
                cells = [cell.text for cell in evidence.source if cell.kind == "code"]
                return of_another_model(observation, fault, self.call, cells) or fault
        values = [entries_of(observation).get("losses") for observation in observations]
        histories = [read_history(value) for value in values]
        # What the longest training says of itself is the clearest.
        epochs = self.epochs * self.cases
        for at in sorted(range(len(values)), key=lambda at: -epochs[at]):
            fault = words.ill_made(histories[at], values[at], self.hint)
            if fault is not None:
                return fault
            if not self.reads_state and len(histories[at]) != epochs[at]:
                return words.wrong_length(len(histories[at]), epochs[at], self.hint)
        if self.reads_state:
            judgement = self._judge_left(histories[0], observations[0], evidence)
        else:
            judgement = self._judge_called(histories, observations, evidence)
        if self.reads_state and judgement.score == 0:
            return told_as_interrupted(judgement, self.requires, evidence)
        if judgement.score == 1 and any(history.made == "tensors" for history in histories):
            return (
                share(self.tensor_credit, words.tensors(self.hint)) if self.tensor_credit < 1 else judgement
            )
        return judgement

    def _judge_left(self, history: History, observation: Observation, evidence: Evidence) -> Judgement:
        if len(history) < 2:
            return words.too_short(self.hint)
        points = self.data_points(evidence.reference)
        trained = read_trained(entries_of(observation), self.query(evidence.reference), self.form)
        loss = trained.loss(points)
        if loss is None:
            return words.not_recomputed(trained)
        if not np.isfinite(history.values).all() or not np.isfinite(loss):
            return words.not_finite(history, self.hint)
        scale = mse(np.broadcast_to(points.y.mean(axis=0), points.y.shape), points.y)
        if history.constant:
            return words.constant(self.hint)
        full, trainings = self.batches == "full", trainings_in(evidence, self.id)
        # The same generator draws other data in float64: there, the record of the training alone can tell.
        other_data = self.data_call is not None and observation.default_dtype == "float64" and trainings
        ends = ends_at(history.values, loss, scale, full=full)
        if not other_data and (runs_backwards(history.values, loss, scale) or not ends):
            start, right = self._known_of(trained, points)
            recorded = None if trainings is None else [t.losses for t in trainings.of_each_set()]
            end = End(history, loss, scale, points.y.size, full, start, right, recorded)
            return words.ends_elsewhere(end, self.hint)
        left = Left(trained, loss, points)
        doubt = None if trainings is None else judge_origin(history.values, left, trainings, self.hint)
        if doubt is not None:
            return doubt
        return accepted(
            say("The losses are those of the training that the model went through."),
            staff_note=f"last recorded {history.values[-1]:.6g}, recomputed {loss:.6g}",
        )

    def _known_of(self, trained: Trained, points: Points) -> tuple[float | None, float | None]:
        """The loss where the training starts, and the share of right answers where it ended; None where unknown."""
        form = self.form
        start = None
        if self.start == "zeros":
            start = canonical(form).loss(np.zeros(form.parameters), points.x, points.y)
        if trained.network is None or trained.theta is None:
            return start, None
        return start, accuracy(trained.network.outputs(trained.theta, points.x), points.y)

    def _judge_called(
        self, histories: Sequence[History], observations: Sequence[Observation], evidence: Evidence
    ) -> Judgement:
        known = drawn(evidence.reference, self.id)
        still = evidence.answers.get(f"{self.id}/still")
        count = len(self.epochs)
        cases: list[Runs] = []
        for index in range(self.cases):
            x, y, theta = (known[f"{name}{index}"] for name in ("x", "y", "theta"))
            points = Points(x.reshape(-1, self.layers[0]), y.reshape(-1, self.layers[-1]))
            here = slice(index * count, (index + 1) * count)
            answers = [entries_of(observation) for observation in observations[here]]
            runs = read_runs(histories[here], answers, Setting(self.form, points, theta, known["query"]))
            if isinstance(runs, Trained):
                return words.not_recomputed(runs)
            cases.append(runs)
        judgement = judge_runs(
            cases,
            entries_of(still) if still is not None else {},
            after_is_right=self.moment == "any",
            batches=self.batches == "any",
            hint=self.hint,
        )
        if judgement.verdict is Verdict.ACCEPTED and self._is_late_alone(cases[0], known, evidence):
            return words.after_the_update(cases[0].longest, cases[0].losses, self.hint)
        return judgement

    def _is_late_alone(self, runs: Runs, known: Mapping[str, np.ndarray], evidence: Evidence) -> bool:
        """Whether the loss of one row is the one after the update; nothing where this was not answered."""
        asked = evidence.answers.get(f"{self.id}/{ALONE}")
        if asked is None or asked.outcome != "answered":
            return False
        row = self._row(known["x0"], known["y0"], known["theta0"])
        points = Points(runs.setting.points.x[row], runs.setting.points.y[row])
        answer = entries_of(asked)
        history = read_history(answer.get("losses"))
        setting = Setting(self.form, points, known["theta0"], known["query"])
        alone = read_runs([history], [answer], setting)
        return (
            isinstance(alone, Runs)
            and len(history) == 1
            and alone.agree("after")
            and not alone.agree("before")
        )
