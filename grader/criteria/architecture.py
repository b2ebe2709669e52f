"""`architecture`: is the student's module the network that was asked for?

What comes in: how to build the module. With `check = "parameters"` its parameters are counted. With `check =
"function"` numbers that we choose are loaded into it, it is evaluated at random points in batches of several sizes,
and its outputs are recomputed from those numbers by our own forward pass. What goes out: one judgement that names the
difference (`architecture_words`). Any way to write the same function is right.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, PositiveInt, model_validator

from grader.criteria import architecture_words as words
from grader.criteria.answers import reference_fault, unanswered
from grader.criteria.batches import Batch, read_batch
from grader.criteria.drawn import drawn, drawn_probe
from grader.criteria.inputs import Code, function_body
from grader.criteria.network import Form, check_activations, mlp
from grader.criteria.outcomes import accepted, judge_error, share
from grader.criteria.parameter_count import judge_count
from grader.criteria.readings import entries_of, numbers
from grader.criteria.recognition import agrees, recognise
from grader.model.evidence import Evidence
from grader.model.judgement import Judgement
from grader.model.probe import Observation, Probe
from grader.model.rubric import Criterion
from grader.model.text import say

POINTS_PER_BATCH = (4, 1, 7, 32)
"""The first is the number of points that XOR has: what fails only for the others is named."""
MANY_POINTS = 301
"""One more batch, of larger values, for a network that is known by then."""
MANY_REACH = 20.0
"""Its points lie between minus and plus this."""
LOADED_NUMBERS = 200
"""Repeated where a module has more parameters."""
MOST_PARAMETERS = 100_000

_BUILD = """\
def build():
{build}
model = build()
if not isinstance(model, torch.nn.Module):
    return {{"class": model.__class__.__name__}}
{needs_forward}if [p for p in model.parameters() if torch.nn.parameter.is_lazy(p)]:
    model(x)
sizes = [p.numel() for p in model.parameters()]
learning = [p.numel() * p.requires_grad for p in model.parameters()]
shapes = parameter_shapes(model)
"""
_NEEDS_FORWARD = """\
if model.__class__.forward is torch.nn.Module.forward:
    return {"no_forward": model.__class__.__name__}
"""
_COUNT = 'return {"sizes": sizes, "learning": learning, "shapes": shapes}\n'
_EVALUATE = """\
count = 0
for size in sizes:
    count += size
if count:
    set_parameters(model, numbers.repeat(count // numbers.numel() + 1)[:count])
out = model(x)
again = model(x)
moves, slopes = [], []
if isinstance(out, torch.Tensor) and out.requires_grad and count:
    learning_ones = [p for p in model.parameters() if p.requires_grad]
    reached = torch.autograd.grad(out.sum(), learning_ones, retain_graph=True, allow_unused=True)
    found = {id(p): g for p, g in zip(learning_ones, reached) if g is not None}
    for p in model.parameters():
        slopes.append((found[id(p)] if id(p) in found else torch.zeros_like(p)).reshape(-1))
    slopes = torch.cat(slopes)
if isinstance(out, torch.Tensor) and count:
    for p in model.parameters():
        with torch.no_grad():
            p.add_(1.0)
            moves.append((model(x) - out).abs().max().item())
            p.sub_(1.0)
return {
    "sizes": sizes,
    "learning": learning,
    "shapes": shapes,
    "out": out,
    "again": again,
    "moves": moves,
    "slopes": slopes,
}
"""


class Architecture(Criterion):
    """Whether a module has the parameters, or computes the function, of the network asked for."""

    kind: Literal["architecture"] = "architecture"
    build: Code
    """Makes the module: `XORNet()`."""
    requires: tuple[str, ...] = ()
    """Names that the notebook must define."""
    layers: Annotated[tuple[PositiveInt, ...], Field(min_length=2)]
    """Sizes: inputs, hidden layers, outputs."""
    activation: str = "sigmoid"
    """Behind every hidden layer."""
    output: str = "none"
    """Behind the last layer."""
    check: Literal["parameters", "function"] = "function"
    parameters: PositiveInt | None = None
    """How many there must be; by default as many as `layers` with biases have."""
    shape_credit: Annotated[Decimal, Field(ge=0, lt=1)] = Decimal("0.5")
    """Share for the right values in a wrong shape (`[n]` instead of `[n, 1]`)."""
    timeout_s: float = Field(default=30.0, gt=0)
    """Wall seconds for one batch."""

    @model_validator(mode="after")
    def _activations_are_known(self) -> Self:
        check_activations(activation=self.activation, output=self.output)
        return self

    @property
    def form(self) -> Form:
        """The function asked for."""
        return mlp(self.layers, self.activation, self.output)

    @property
    def own_code(self) -> Mapping[str, str]:
        """What builds the network."""
        return {"build": self.build}

    def probes(self, rng: np.random.Generator) -> tuple[Probe, ...]:
        """One a batch size; a single one for counting."""
        whole = self.check == "function"
        build = _BUILD.format(
            build=textwrap.indent(function_body(self.build), "    "),
            needs_forward=_NEEDS_FORWARD if whole else "",
        )
        probes: list[Probe] = []
        arrays: dict[str, np.ndarray] = {}
        for index, points in enumerate((*POINTS_PER_BATCH, MANY_POINTS) if whole else POINTS_PER_BATCH[:1]):
            reach = MANY_REACH if points == MANY_POINTS else 2.0
            inputs = {
                "x": rng.uniform(-reach, reach, (points, self.layers[0])).astype(np.float32),
                "numbers": rng.normal(0.0, 1.2, LOADED_NUMBERS).astype(np.float32),
            }
            arrays |= {f"{name}{index}": array for name, array in inputs.items()}
            probes.append(
                Probe(
                    id=f"{self.id}/{index}",
                    code=build + (_EVALUATE if whole else _COUNT),
                    inputs=inputs,
                    requires=self.requires,
                    seed=int(rng.integers(2**31)),
                    timeout_s=self.timeout_s,
                    ask="student",
                )
            )
        return (*probes, *([drawn_probe(self.id, arrays)] if whole else []))

    def is_settled(self, observations: Sequence[Observation], reference: Mapping[str, Observation]) -> bool:
        """One batch that was not answered decides."""
        return any(observation.outcome != "answered" for observation in observations)

    def judge(self, evidence: Evidence) -> Judgement:
        """Count, or compare the function."""
        observations = evidence.of(self.id)
        if not observations:
            return judge_error(f"Nothing was asked for {self.id}.")
        fault = reference_fault(self, evidence) or unanswered(observations[0], evidence, self.hint)
        if fault is not None:
            return fault
        first = entries_of(observations[0])
        if "class" in first:
            return words.no_module(first["class"], evidence.source, self.hint)
        if "no_forward" in first:
            return words.no_forward(self.hint)
        sizes = numbers(first.get("sizes"))
        if sizes is None or sizes.sum() == 0:
            return words.no_parameters(self.hint)
        if self.check == "parameters" or sizes.sum() > MOST_PARAMETERS:
            return judge_count(self.form, self.parameters or self.form.parameters, first, self.hint)
        for observation in observations[1:]:
            if observation.outcome == "raised":
                return words.fails_for_other_batches(observation, POINTS_PER_BATCH[0])
            fault = unanswered(observation, evidence, self.hint)
            if fault is not None:
                return fault
        arrays = drawn(evidence.reference, self.id)
        batches = [
            read_batch(
                entries_of(observation), arrays[f"x{index}"], arrays[f"numbers{index}"], self.layers[-1]
            )
            for index, observation in enumerate(observations)
        ]
        return self._function(batches)

    def _function(self, batches: Sequence[Batch]) -> Judgement:
        for batch in batches:
            fault = words.no_values(batch, self.hint)
            if fault is not None:
                return fault
        if batches[0].without_influence:
            return words.without_influence(self.form, self.hint)
        *batches, many = batches
        samples = [batch.sample for batch in batches if batch.sample is not None]
        shapes = batches[0].shapes
        network = recognise(samples, shapes, self.form)
        if network is None and batches[0].unused:
            alive = [batch.alive() for batch in batches]
            network = recognise([s for s, _ in alive], alive[0][1], self.form)
        if network is None:
            return words.unknown(self.form, batches, self.hint)
        if network.form != self.form:
            return words.other_form(self.form, network.form, self.hint)
        if not any(batch.hangs_on_graph for batch in batches):
            return words.cut_off(batches[0], self.hint)
        if many.sample is not None and not agrees(network, [many.sample]):
            return words.other_for_many(many, self.hint)
        fault = next(
            filter(None, (words.other_gradient(batch, network, self.hint) for batch in batches)), None
        )
        if fault is not None:
            return fault
        odd = next((batch for batch in (*batches, many) if not batch.right_shape), None)
        if odd is not None:
            return share(self.shape_credit, words.wrong_shape(odd, self.hint))
        return accepted(
            say("The network computes what was asked for."),
            staff_note=f"{network.form}, parameters at {network.places.tolist()}",
        )
