"""`device`: the notebook uses the GPU where there is one, and runs as well where there is none.

Judged without a GPU: calls must run on the CPU, and the code is read for the choice of a device and for what goes
there. Each half is worth half of the points. A reading that cannot be trusted goes to a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Literal

import numpy as np
from pydantic import Field

from grader.criteria.answers import reference_fault, unanswered
from grader.criteria.device_code import Reading, read_devices
from grader.criteria.device_words import (
    CPU,
    NO_CHOICE,
    WITHOUT_GPU,
    fault_words,
    numpy_advice,
    runs_and_chooses,
)
from grader.criteria.inputs import Arguments, Code, Inputs, Sizes, draw_case, function_body
from grader.criteria.lightning_code import read_lightning
from grader.criteria.outcomes import accepted, failed, needs_review, share, wrong_answer
from grader.criteria.scopes import read
from grader.criteria.structure import leaves
from grader.model.evidence import Evidence
from grader.model.judgement import Judgement
from grader.model.probe import Observation, Probe
from grader.model.rubric import Criterion
from grader.model.text import Text, say
from grader.model.verdict import Verdict

WRITTEN_DOWN = re.compile(r"""device\s*=\s*(["'])cpu\1""")
"""In a rubric's call, `device="cpu"` stands for the device in question."""


class Device(Criterion):
    """The GPU where there is one, the CPU where there is none."""

    kind: Literal["device"] = "device"
    mode: Literal["choose", "lightning"] = "choose"
    """`lightning`: no device is written anywhere, for Lightning places everything."""
    calls: tuple[Code, ...] = ()
    """Code that must run with `device` as "cpu" and as torch.device("cpu"), and give tensors on the CPU."""
    inputs: Inputs = Field(default_factory=dict)
    """Name to the way its array is drawn; arrives as a torch tensor."""
    sizes: Sizes = Field(default_factory=dict)
    """Named sizes for the shapes of `inputs`."""
    arguments: Arguments = Field(default_factory=dict)
    """Name to a plain value, or to `{ one_of = [...] }`."""
    requires: tuple[str, ...] = ()
    """Names that the notebook must define."""
    timeout_s: float = Field(default=60.0, gt=0)
    """Wall seconds for one call."""

    def probes(self, rng: np.random.Generator) -> tuple[Probe, ...]:
        """Each call twice: with the device as a word, and as an object; in Lightning's mode once."""
        case = draw_case(self.inputs, self.sizes, self.arguments, 0, rng)

        def ask(suffix: str, code: str) -> Probe:
            return Probe(
                id=f"{self.id}/{suffix}",
                code=code,
                inputs=case.inputs,
                arguments=case.arguments | {"device": "cpu"},
                requires=self.requires,
                seed=case.seed,
                timeout_s=self.timeout_s,
            )

        found: list[Probe] = []
        for index, call in enumerate(self.calls):
            body = WRITTEN_DOWN.sub("device=device", function_body(call))
            found.append(ask(f"word{index}", body))
            if self.mode == "choose":
                found.append(ask(f"object{index}", f'device = torch.device("cpu")\n{body}'))
        return tuple(found)

    def judge(self, evidence: Evidence) -> Judgement:
        """Half for running on the CPU, half for choosing the GPU in the code."""
        fault = reference_fault(self, evidence)
        if fault is not None:
            return fault
        failures = [f for o in evidence.of(self.id) for f in self._failures(o, evidence)]
        asked = max(len(evidence.of(self.id)), len(self.probes(np.random.default_rng(0))))
        ran = Decimal(1) - Decimal(len(failures) + asked - len(evidence.of(self.id))) / Decimal(max(asked, 1))
        handed_out = {text.strip() for text in evidence.handout.values()}
        code = read(
            [(c.index, c.text, c.text.strip() in handed_out) for c in evidence.source if c.kind == "code"]
        )
        reading = read_lightning(code) if self.mode == "lightning" else read_devices(code)
        return self._judged(ran, failures, reading)

    def _judged(self, ran: Decimal, failures: list[Judgement], reading: Reading) -> Judgement:
        fault = reading.fault("uncalled") or reading.fault("unguarded")
        fault = fault or reading.fault(
            "cpu_accelerator", "device_in_module", "thrown_away", "unused_parameter"
        )
        if fault is None and not reading.chosen:
            fault = reading.fault("hard_coded_cpu")
        advice = self.hint or (numpy_advice() if reading.numpy_without_cpu else None)
        if ran == 1 and fault is None and reading.chosen and reading.moved:
            return accepted(
                say("{what} {how}", what=runs_and_chooses(self.mode), how=WITHOUT_GPU)
            ).model_copy(update={"look_at": numpy_advice() if reading.numpy_without_cpu else None})
        nothing_there = bool(failures) and failures[0].verdict is Verdict.NOT_ATTEMPTED
        if (
            failures
            and ran == 0
            and (nothing_there or fault is None)
            and not (reading.chosen and reading.moved)
        ):
            return failures[0]
        if self.mode == "lightning" and fault is None and not reading.chosen and not reading.unclear:
            return failed(
                Verdict.NOT_ATTEMPTED,
                say("{what} {how}", what=NO_CHOICE[self.mode], how=WITHOUT_GPU),
                hint=self.hint,
            )
        if reading.unclear and ran > 0 and (fault is None or fault.fault == "hard_coded_cpu"):
            return needs_review(
                say("The code for the device is too unusual to be read here. {how}", how=WITHOUT_GPU),
                staff_note=f"{reading.unclear}; chosen: {reading.chosen}, moved: {reading.moved}",
            )
        gpu = Decimal(int(fault is None and reading.chosen and reading.moved))
        on_cpu = Decimal(0) if fault and fault.fault in ("unguarded", "uncalled") else ran
        if not reading.chosen and not reading.moved and not reading.speaks:
            on_cpu = Decimal(0)
        summary: Text
        if fault is not None:
            summary = fault_words(fault)
        elif not reading.chosen:
            summary = NO_CHOICE[self.mode]
        elif not reading.moved:
            summary = say("A device is chosen, but nothing is ever moved to it or made on it.")
        else:
            summary = failures[0].summary if failures else CPU
        says_how = bool(failures) and summary == failures[0].summary
        judgement = wrong_answer(
            summary if says_how else say("{what} {how}", what=summary, how=WITHOUT_GPU),
            expected=say("the GPU where there is one, the CPU where there is none"),
            where=None if fault is None else say("Cell {cell}: {code}", cell=fault.cell + 1, code=fault.code),
            hint=advice,
            staff_note="\n".join(f.staff_note for f in failures),
            cell=None if fault is None else fault.cell,
        )
        return share((on_cpu + gpu) / 2, judgement)

    def _failures(self, observation: Observation, evidence: Evidence) -> Iterator[Judgement]:
        failure = unanswered(observation, evidence, self.hint)
        if failure is not None:
            if failure.verdict is Verdict.RUN_TIME_ERROR:
                failure = failure.model_copy(
                    update={
                        "summary": say(
                            "On a machine without a GPU, your code does not run. {how}", how=WITHOUT_GPU
                        )
                    }
                )
            yield failure
        elif observation.value is not None:
            elsewhere = [
                leaf.device for leaf in leaves(observation.value) if not leaf.device.startswith("cpu")
            ]
            if elsewhere:
                yield wrong_answer(
                    say(
                        "The CPU was asked for, but a tensor came back on {device}. {how}",
                        device=elsewhere[0],
                        how=WITHOUT_GPU,
                    ),
                    hint=self.hint,
                )
