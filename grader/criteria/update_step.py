"""`update_step`: the first updates of a student's training loop are those of an optimizer.

The loop is asked for one, two and three epochs from weights that we choose; the weights that come back are compared
with those that right loops and mistaken ones reach, which the reference kernel simulates with torch's optimizers.
A loop that is not among them but goes down the loss waits for a person.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, PositiveInt, model_validator

from grader.criteria.answers import reference_fault, unanswered
from grader.criteria.descent import find_descent
from grader.criteria.drawn import drawn, drawn_probe
from grader.criteria.failure_words import NOT_FILLED_IN
from grader.criteria.inputs import CallCriterion, draw_case
from grader.criteria.loop_matching import find
from grader.criteria.loop_mistakes import ORDER
from grader.criteria.loop_order import Fault, fault_of
from grader.criteria.loop_plans import Plan, plans
from grader.criteria.loop_words import judgement_of, not_full_batch, not_this_optimizer
from grader.criteria.network import Floats, mlp
from grader.criteria.outcomes import accepted, judge_error, wrong_answer
from grader.criteria.readings import entries_of, numbers
from grader.criteria.trajectories import SIMULATION, chunks, decoded, encoded
from grader.criteria.walks import Finding, Problem, Walk
from grader.model.evidence import Evidence
from grader.model.judgement import Judgement
from grader.model.probe import Leaf, Observation, Probe
from grader.model.text import say

TRIES = 100
"""Starts drawn, of which the one is taken where no gradient is tiny."""
FAR_OFF = 3.0
"""Added to the output's bias where one epoch must show a descent: all samples agree which way it goes."""


class UpdateStep(CallCriterion):
    """The student's loop takes the steps of an optimizer, from weights that we choose."""

    kind: Literal["update_step"] = "update_step"
    layers: tuple[PositiveInt, ...] = Field(min_length=2)
    """Sizes of the network: inputs, hidden layers, outputs."""
    activation: Literal["none", "sigmoid", "tanh", "relu"] = "sigmoid"
    """Behind each hidden layer."""
    start: Literal["random", "zeros"] = "random"
    """Where training starts: `theta`, flat, as `nn.Sequential(nn.Linear, …).parameters()` orders it."""
    lr: float = Field(default=0.1, gt=0)
    """About this learning rate is asked for: a fifth more or less."""
    epochs: tuple[PositiveInt, ...] = (1, 2, 3)
    optimizers: tuple[str, ...] = ("any",)
    """Families that are allowed: `any`, `SGD` (plain), `momentum`, `Adam`, …"""
    batches: Literal["full", "any"] = "full"
    check: Literal["steps", "descent"] = "steps"
    """`descent`: one epoch of an optimizer and a rate unknown; each weight must go against its gradient."""
    cases: int = Field(default=1, ge=1, le=1)
    """One start."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not {"x", "y"} <= self.inputs.keys():
            raise ValueError(say("inputs: x and y must be drawn, the data of the training"))
        if self.epochs != tuple(range(1, len(self.epochs) + 1)):
            raise ValueError(
                say(
                    "epochs: must be 1, 2, 3, … in this order, and is {epochs}", epochs=str(list(self.epochs))
                )
            )
        return self

    def probes(self, rng: np.random.Generator) -> tuple[Probe, ...]:
        """One probe an epoch count, one with another rate, and the simulations in the reference's kernel."""
        case = draw_case(self.inputs, self.sizes, self.arguments, 0, rng)
        lr = float(np.round(self.lr * rng.uniform(0.8, 1.2), 4))
        theta = self._start(np.asarray(case.inputs["x"]), np.asarray(case.inputs["y"]), rng)
        asked = case.model_copy(update={"inputs": case.inputs | {"theta": theta}})

        def ask(suffix: str, epochs: int, rate: float) -> Probe:
            told = {"epochs": epochs, "lr": rate} | case.arguments
            return self.probe(suffix, self.call, asked.model_copy(update={"arguments": told}), ask="student")

        known = drawn_probe(self.id, asked.inputs | {"lr": np.asarray(lr)})
        if self.check == "descent":
            return (ask("epochs1", 1, lr), known)
        n, parameters = len(asked.inputs["x"]), len(theta)
        return (
            *(ask(f"epochs{count}", count, lr) for count in self.epochs),
            ask("other_lr", 1, float(np.round(lr / 2, 5))),
            known,
            *(
                self._simulation(f"simulated{index}", group, asked.inputs, lr)
                for index, group in enumerate(chunks(self._plans(n), parameters))
            ),
        )

    def judge(self, evidence: Evidence) -> Judgement:
        """Name the loop; accept it, name its mistake, or leave it to a person."""
        fault = reference_fault(self, evidence)
        if fault is not None:
            return fault
        known = drawn(evidence.reference, self.id)
        if not {"theta", "x", "y", "lr"} <= known.keys():
            return judge_error("The reference did not send back what was drawn.")
        x = known["x"].reshape(len(known["x"]), -1)
        problem = Problem(
            form=mlp(self.layers, self.activation),
            x=x,
            y=known["y"].reshape(len(x), -1),
            start=known["theta"],
            lr=float(known["lr"]),
        )
        order = fault_of((cell.text for cell in evidence.source if cell.kind == "code"), self.requires)
        after: list[Floats] = []
        for count in self.epochs if self.check == "steps" else (1,):
            observation = evidence.answers.get(f"{self.id}/epochs{count}")
            if observation is None:
                return judge_error(f"{self.id}/epochs{count} was not asked.")
            failure = unanswered(observation, evidence, self.hint)
            if failure is not None:
                if (
                    order == "step_first"
                    and observation.outcome == "raised"
                    and not _is_unfilled(observation)
                ):
                    return wrong_answer(
                        ORDER[order],
                        expected=say("in each epoch `backward()`, then the update"),
                        got=failure.got,
                        where=failure.where,
                        hint=self.hint,
                        staff_note=failure.staff_note,
                    )
                return failure
            theta = _theta(observation)
            if theta is None or theta.size != problem.start.size:
                return wrong_answer(
                    say("After training, the weights are not of the number or the kind asked for."),
                    expected=say("{count} numbers", count=problem.start.size),
                    got=say("{count} numbers", count=0 if theta is None else theta.size),
                    hint=self.hint,
                )
            after.append(theta)
        if self.check == "descent":
            return self._judged_descent(problem, after[0], order)
        other = evidence.answers.get(f"{self.id}/other_lr")
        walk = Walk(tuple(after), None if other is None else _theta(other))
        return self._judged_steps(problem, walk, evidence, order)

    def _judged_descent(self, problem: Problem, after: Floats, order: Fault | None) -> Judgement:
        finding = find_descent(problem, after, batches=self.batches == "any")
        if finding.key == "right":
            return accepted(say("In the first epoch, each weight moves against its gradient."))
        return judgement_of(finding, self.layers, order, self.hint)

    def _judged_steps(
        self, problem: Problem, walk: Walk, evidence: Evidence, order: Fault | None
    ) -> Judgement:
        all_plans = self._plans(len(problem.x))
        states: list[Floats] = []
        for index, group in enumerate(chunks(all_plans, problem.start.size)):
            observation = evidence.reference.get(f"{self.id}/simulated{index}")
            value = None if observation is None else observation.value
            found = decoded(group, value.array, problem.start.size) if isinstance(value, Leaf) else None
            if found is None:
                return judge_error(f"{self.id}/simulated{index}: the simulation did not come back whole.")
            states += found
        finding = find(problem, walk, all_plans, states)
        if finding.key == "right" and not self._is_allowed(finding):
            return not_this_optimizer(finding, self.optimizers)
        if finding.key == "right" and finding.batch is not None and self.batches == "full":
            return not_full_batch(finding)
        return judgement_of(finding, self.layers, order, self.hint)

    def _is_allowed(self, finding: Finding) -> bool:
        return "any" in self.optimizers or finding.family in self.optimizers

    def _plans(self, n: int) -> tuple[Plan, ...]:
        return plans(n, len(self.epochs), batches=True)

    def _simulation(
        self, suffix: str, group: tuple[Plan, ...], inputs: dict[str, npt.NDArray[np.float32]], lr: float
    ) -> Probe:
        texts, weights = encoded(group)
        return Probe(
            id=f"{self.id}/{suffix}",
            code=SIMULATION,
            inputs={name: inputs[name] for name in ("theta", "x", "y")} | {"weights": weights},
            arguments={"layers": list(self.layers), "activation": self.activation, "lr": lr, "plans": texts},
            timeout_s=120.0,
            ask="reference",
        )

    def _start(
        self, x: npt.NDArray[np.float32], y: npt.NDArray[np.float32], rng: np.random.Generator
    ) -> npt.NDArray[np.float32]:
        """`[p]`: zeros, or random weights whose gradients are all large enough to be seen."""
        form = mlp(self.layers, self.activation)
        if self.start == "zeros":
            return np.zeros(form.parameters, dtype=np.float32)
        points = x.reshape(len(x), -1).astype(np.float64)
        targets = y.reshape(len(x), -1).astype(np.float64)
        best, most = np.zeros(form.parameters, dtype=np.float32), -1.0
        for _ in range(TRIES):
            theta = rng.uniform(-1.5, 1.5, form.parameters).astype(np.float32)
            if self.check == "descent":
                theta[-self.layers[-1] :] += FAR_OFF
            start = theta.astype(np.float64)
            problem = Problem(form, points, targets, start, self.lr)
            each = problem.sample_gradients(start)
            sizes = np.abs(each.mean(axis=0))
            agreement = sizes / np.maximum(np.abs(each).mean(axis=0), 1e-12)
            least = float(sizes.min() / max(sizes.max(), 1e-12))
            score = least
            if self.check == "descent":
                score *= float(agreement.min()) / max(1.0, problem.curvature(start)) ** 4
            elif _same_signs(problem, start):
                score /= 10
            if score > most:
                best, most = theta, score
        return best


def _same_signs(problem: Problem, theta: Floats) -> bool:
    """Whether a loss of shapes broadcast to [n, n] has a gradient of the same signs: Adam's first step hides that."""
    mean = np.broadcast_to(problem.y.mean(axis=0), problem.y.shape)
    other = replace(problem, y=mean).gradient(theta)
    return bool((np.sign(other) == np.sign(problem.gradient(theta))).all())


def _theta(observation: Observation) -> Floats | None:
    """The flat weights that came back, as `theta` of a dict or alone."""
    found = numbers(entries_of(observation).get("theta", observation.value))
    return None if found is None else found.ravel()


def _is_unfilled(observation: Observation) -> bool:
    return observation.error is not None and observation.error.name == NOT_FILLED_IN
