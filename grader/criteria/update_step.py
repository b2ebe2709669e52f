"""`update_step`: the updates of a student's training loop are those of an optimizer.

The loop is asked for one, two and three epochs from weights that we choose; the weights that come back are compared
with those that right loops and mistaken ones reach, which the reference kernel simulates with torch's optimizers.
A loop that is not among them but goes down the loss waits for a person. The call may return `visited` beside
`theta`, the weights at which the model was evaluated: then optimizers with a closure are judged, too. Where plain
gradient descent is asked for, longer trainings, and trainings on data of other sizes and scales, must end where it
ends (`whole_trainings`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, PositiveFloat, PositiveInt, model_validator

from grader.criteria.answers import reference_fault, unanswered
from grader.criteria.descent import find_descent
from grader.criteria.drawn import drawn, drawn_probe
from grader.criteria.failure_words import NOT_FILLED_IN
from grader.criteria.inputs import CallCriterion, Case, draw_case
from grader.criteria.loop_matching import find
from grader.criteria.loop_mistakes import ORDER
from grader.criteria.loop_order import Fault, clears_gradients, fault_of, unread_arguments
from grader.criteria.loop_plans import Plan, plans
from grader.criteria.loop_words import (
    judgement_of,
    never_read,
    not_full_batch,
    not_this_optimizer,
    of_another_model,
)
from grader.criteria.network import Floats, mlp
from grader.criteria.outcomes import accepted, judge_error, wrong_answer
from grader.criteria.readings import entries_of, numbers
from grader.criteria.training_data import other_data, random_start, telling_start
from grader.criteria.trajectories import SIMULATION, chunks, decoded, encoded
from grader.criteria.walks import Elsewhere, Finding, Problem, Walk
from grader.criteria.whole_training_words import not_plain_descent, rate_changes, rows_left_out
from grader.criteria.whole_trainings import Training, deviation_of
from grader.model.evidence import Evidence
from grader.model.judgement import Judgement
from grader.model.probe import Leaf, Observation, Probe
from grader.model.text import say
from grader.model.verdict import Verdict

WHOLE = (1, 12)
"""Numbers of epochs of the trainings on other data."""


@dataclass(frozen=True, eq=False)
class Data:
    """What one case gives to a loop: arrays and arguments, the start among them, and the rate."""

    case: Case
    lr: float

    @property
    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """All that was drawn, by name."""
        return {**self.case.inputs, "lr": np.asarray(self.lr)}

    def with_rate(self, lr: float) -> Data:
        """The same with another rate."""
        return replace(self, lr=lr)

    def with_input(self, name: str, values: Floats) -> Data:
        """The same with other values of one array, in its shape and dtype."""
        array = self.case.inputs[name]
        changed = np.asarray(values, dtype=array.dtype).reshape(array.shape)
        return replace(
            self, case=self.case.model_copy(update={"inputs": {**self.case.inputs, name: changed}})
        )


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
    cases: int = Field(default=1, ge=1, le=20)
    """Data sets: the first is looked at update by update, the others by where plain gradient descent ends."""
    scales: tuple[PositiveFloat, ...] = (1.0,)
    """Factors on the `x` and `y` of each data set, in turn; the rate is divided by the square of those above 1."""
    followed: int = Field(default=0, ge=0, le=50)
    """Plain gradient descent is followed epoch by epoch so far, beyond `epochs`."""
    later: tuple[PositiveInt, ...] = ()
    """Longer trainings, at an eighth of the rate: what changes late shows before they have converged.

    Where any optimizer is right, the call returns `rows`, how often each row went through the model: it must do so at
    least once in each epoch.
    """

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
        if (self.cases > 1 or self.followed) and not self._is_plain:
            raise ValueError(
                say('followed: goes with optimizers = ["SGD"] and batches = "full"; so does cases')
            )
        return self

    @property
    def _is_plain(self) -> bool:
        """Whether nothing but plain gradient descent is right."""
        return self.optimizers == ("SGD",) and self.batches == "full" and self.check == "steps"

    def probes(self, rng: np.random.Generator) -> tuple[Probe, ...]:
        """What is asked of the student; and of the reference's kernel, what was drawn and the simulations."""
        first, *others = (self._data(index, rng) for index in range(self.cases))
        known = first.arrays
        if self.check == "descent":
            return (self._training("epochs1", 1, first), drawn_probe(self.id, known))
        slow = first.with_rate(float(np.round(first.lr / (8 if self.later else 2), 5)))
        elsewhere = other_data(self._problem(known), rng)
        known |= {
            "slow": np.asarray(slow.lr),
            **{f"other_{name}": array for name, array in elsewhere.items()},
        }
        for index, data in enumerate(others, 1):
            known |= {f"{name}{index}": array for name, array in data.arrays.items()}
        return (
            *(self._training(f"epochs{count}", count, first) for count in self._counts),
            self._training("other_lr", 1, slow),
            *(
                self._training(f"other_{name}", 1, first.with_input(name, array))
                for name, array in elsewhere.items()
            ),
            *(self._training(f"later{count}", count, slow) for count in self.later),
            *(
                self._training(f"case{index}_epochs{count}", count, data)
                for index, data in enumerate(others, 1)
                for count in WHOLE
            ),
            drawn_probe(self.id, known),
            *(
                self._simulation(f"simulated{index}", group, first)
                for index, group in enumerate(chunks(self._plans(len(known["x"])), len(known["theta"])))
            ),
        )

    @property
    def _counts(self) -> range:
        """The numbers of epochs, from 1 on, of the trainings that are looked at update by update."""
        return range(1, max(len(self.epochs), self.followed) + 1)

    def _data(self, index: int, rng: np.random.Generator) -> Data:
        """Data, rate and start of one case."""
        case = draw_case(self.inputs, self.sizes, self.arguments, index, rng)
        scale = self.scales[index % len(self.scales)]
        lr = float(np.round(self.lr * rng.uniform(0.8, 1.2), 4)) / max(1.0, scale) ** 2
        given = {
            name: (array * scale).astype(array.dtype) if name in ("x", "y") else array
            for name, array in case.inputs.items()
        }
        form = mlp(self.layers, self.activation)
        known = {**given, "theta": np.zeros(form.parameters, dtype=np.float32), "lr": np.asarray(lr)}
        if self.start == "random":
            at = self._problem(known)
            start = (
                random_start(at, rng)
                if index
                else telling_start(at, rng, for_one_epoch=self.check == "descent")
            )
            known["theta"] = start.astype(np.float32)
        inputs = {name: array for name, array in known.items() if name != "lr"}
        return Data(case.model_copy(update={"inputs": inputs}), lr)

    def _problem(self, known: Mapping[str, npt.NDArray[Any]], index: str = "", rate: str = "lr") -> Problem:
        x, y = (
            np.asarray(known[f"{name}{index}"], dtype=np.float64).reshape(len(known[f"x{index}"]), -1)
            for name in ("x", "y")
        )
        return Problem(
            form=mlp(self.layers, self.activation),
            x=x,
            y=y,
            start=np.asarray(known[f"theta{index}"], dtype=np.float64),
            lr=float(known[f"{rate}{index}"]),
        )

    def _training(self, suffix: str, epochs: int, data: Data) -> Probe:
        told = data.case.model_copy(
            update={"arguments": {"epochs": epochs, "lr": data.lr} | data.case.arguments}
        )
        return self.probe(suffix, self.call, told, ask="student")

    def judge(self, evidence: Evidence) -> Judgement:
        """Name the loop; accept it, name its mistake, or leave it to a person."""
        fault = reference_fault(self, evidence)
        if fault is not None:
            return fault
        known = drawn(evidence.reference, self.id)
        if not {"theta", "x", "y", "lr"} <= known.keys():
            return judge_error("The reference did not send back what was drawn.")
        problem = self._problem(known)
        cells = [cell.text for cell in evidence.source if cell.kind == "code"]
        order = fault_of(cells, self.requires)
        after: list[Floats] = []
        for count in self._counts if self.check == "steps" else (1,):
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
                return of_another_model(observation, failure, self.call, cells) or failure
            theta = _theta(observation)
            if theta is None or theta.size != problem.start.size:
                return self._other_count(theta, problem)
            after.append(theta)
        if self.check == "descent":
            return self._judged_descent(problem, after[0], order)
        walk = Walk(
            after=tuple(after[: len(self.epochs)]),
            other_lr=self._weights(evidence, "other_lr"),
            elsewhere=self._elsewhere(problem, known, evidence),
            visited=_visited(evidence.answers[f"{self.id}/epochs1"]),
        )
        followed = [Training(problem, count, theta) for count, theta in enumerate(after, 1)]
        judgement = self._judged_steps(problem, walk, evidence, order, followed)
        if judgement.verdict is not Verdict.ACCEPTED:
            return judgement
        if not self._is_plain:
            return self._left_out(evidence) or judgement
        return self._judged_whole(followed, known, evidence) or judgement

    def _judged_whole(
        self, followed: Sequence[Training], known: Mapping[str, Floats], evidence: Evidence
    ) -> Judgement | None:
        """None where every training ends where plain gradient descent ends."""
        slow = replace(followed[0].problem, lr=float(known["slow"]))
        asked = [("other_lr", slow, 1), *((f"later{count}", slow, count) for count in self.later)]
        for index in range(1, self.cases):
            problem = self._problem(known, str(index))
            asked += [(f"case{index}_epochs{count}", problem, count) for count in WHOLE]
        whole: list[Training] = []
        for suffix, problem, epochs in asked:
            observation = evidence.answers.get(f"{self.id}/{suffix}")
            if observation is None:
                return judge_error(f"{self.id}/{suffix} was not asked.")
            failure = unanswered(observation, evidence, self.hint)
            if failure is not None:
                return failure
            theta = _theta(observation)
            if theta is None or theta.size != problem.start.size:
                return self._other_count(theta, problem)
            whole.append(Training(problem, epochs, theta))
        found = deviation_of(followed, whole)
        return None if found is None else not_plain_descent(found, self.hint)

    def _left_out(self, evidence: Evidence) -> Judgement | None:
        """The judgement where a longer training leaves rows out; None where it does not, or nothing shows it."""
        for count in self.later:
            observation = evidence.answers.get(f"{self.id}/later{count}")
            if observation is None:
                return judge_error(f"{self.id}/later{count} was not asked.")
            failure = unanswered(observation, evidence, self.hint)
            if failure is not None:
                return failure
            used = numbers(entries_of(observation).get("rows"))
            if used is not None and used.size and used.max() > 0 and used.min() < count:
                return rows_left_out(int(used.min()), int(used.max()), count)
        return None

    def _elsewhere(
        self, problem: Problem, known: Mapping[str, npt.NDArray[Any]], evidence: Evidence
    ) -> dict[str, Elsewhere]:
        """By argument: one epoch with other values of it."""
        found: dict[str, Elsewhere] = {}
        for name in ("x", "y"):
            after = self._weights(evidence, f"other_{name}")
            if after is not None and after.size == problem.start.size:
                values = known[f"other_{name}"].astype(np.float64).reshape(getattr(problem, name).shape)
                other = replace(problem, x=values) if name == "x" else replace(problem, y=values)
                found[name] = Elsewhere(other, after)
        return found

    def _weights(self, evidence: Evidence, suffix: str) -> Floats | None:
        observation = evidence.answers.get(f"{self.id}/{suffix}")
        return None if observation is None else _theta(observation)

    def _other_count(self, theta: Floats | None, problem: Problem) -> Judgement:
        return wrong_answer(
            say("After training, the weights are not of the number or the kind asked for."),
            expected=say("{count} numbers", count=problem.start.size),
            got=say("{count} numbers", count=0 if theta is None else theta.size),
            hint=self.hint,
        )

    def _judged_descent(self, problem: Problem, after: Floats, order: Fault | None) -> Judgement:
        finding = find_descent(problem, after, batches=self.batches == "any")
        if finding.key == "right":
            return accepted(say("In the first epoch, each weight moves against its gradient."))
        return judgement_of(finding, self.layers, order, self.hint)

    def _judged_steps(
        self,
        problem: Problem,
        walk: Walk,
        evidence: Evidence,
        order: Fault | None,
        followed: Sequence[Training],
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
        code = [cell.text for cell in evidence.source if cell.kind == "code"]
        if finding.key == "right" and finding.family == "closure" and not clears_gradients(code):
            finding = Finding("unknown")  # sums of gradients never cleared lie along the gradients, too
        if finding.key == "right" and not self._is_allowed(finding):
            change = deviation_of(followed, ()) if finding.family == "SGD with weight decay" else None
            if change is not None and change.key == "rate":  # a rate that falls slowly looks like it at first
                return not_plain_descent(change, self.hint)
            return not_this_optimizer(finding, self.optimizers)
        if finding.key == "right" and finding.batch is not None and self.batches == "full":
            return not_full_batch(finding)
        if finding.factors and finding.key in ("right", "rate_changes") and self._is_plain:
            return rate_changes(finding.factors, self.hint)
        unread = unread_arguments(code, self.requires) if finding.key == "still" else ()
        if unread:
            return never_read(unread[0])
        return judgement_of(finding, self.layers, order, self.hint)

    def _is_allowed(self, finding: Finding) -> bool:
        return "any" in self.optimizers or finding.family in self.optimizers

    def _plans(self, n: int) -> tuple[Plan, ...]:
        return plans(n, len(self.epochs), batches=True)

    def _simulation(self, suffix: str, group: tuple[Plan, ...], data: Data) -> Probe:
        texts, weights = encoded(group)
        inputs = data.case.inputs
        return Probe(
            id=f"{self.id}/{suffix}",
            code=SIMULATION,
            inputs={name: inputs[name] for name in ("theta", "x", "y")} | {"weights": weights},
            arguments={
                "layers": list(self.layers),
                "activation": self.activation,
                "lr": data.lr,
                "plans": texts,
            },
            timeout_s=120.0,
            ask="reference",
        )


def _theta(observation: Observation) -> Floats | None:
    """The flat weights that came back, as `theta` of a dict or alone."""
    found = numbers(entries_of(observation).get("theta", observation.value))
    return None if found is None else found.ravel()


def _visited(observation: Observation) -> Floats | None:
    """`[k, p]` where the model was evaluated: `visited` of a dict."""
    found = numbers(entries_of(observation).get("visited"))
    return found if found is not None and found.ndim == 2 and len(found) else None


def _is_unfilled(observation: Observation) -> bool:
    return observation.error is not None and observation.error.name == NOT_FILLED_IN
