"""`device`: the notebook uses the GPU where there is one, and runs as well where there is none.

It is run twice, without a GPU and with a virtual one, and the rubric's calls are put in both worlds. Running without
a GPU alone pays a quarter, running on both half, using the GPU in truth all of the points, a blemish less. What
the virtual device could not tell goes to a person.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

import numpy as np
from pydantic import Field

from grader.criteria.answers import unanswered
from grader.criteria.device_calls import call_that_was_not_read, code_probes, computes_elsewhere, names_called
from grader.criteria.device_code import Reading, read_devices
from grader.criteria.device_findings import Found, Wanted, find
from grader.criteria.device_judging import judgement_of, note_of
from grader.criteria.device_record import state_probe
from grader.criteria.device_words import (
    CPU_ONLY,
    HOW,
    HOW_REAL,
    NEVER_FITS,
    NO_CHOICE,
    NOTHING_COMPUTED,
    WANTED,
    Mode,
)
from grader.criteria.device_worlds import Call, Worlds, operations_in, worlds_of
from grader.criteria.inputs import Arguments, Code, Inputs, Sizes, draw_case, function_body
from grader.criteria.lightning_code import read_lightning
from grader.criteria.outcomes import failed, needs_review
from grader.criteria.scopes import read
from grader.model.evidence import Evidence
from grader.model.gpu_run import Shortening
from grader.model.judgement import Judgement
from grader.model.probe import Probe
from grader.model.rubric import Criterion
from grader.model.text import say
from grader.model.verdict import Verdict

WRITTEN_DOWN = re.compile(r"""device\s*=\s*(["'])cpu\1""")
"""In a rubric's call, `device="cpu"` stands for the device in question."""
ENDED_BY_LIMITS = ("time_limit_exceeded", "memory_limit_exceeded", "kernel_died")
SPEAKS = re.compile(r"cuda|device|accelerat|Trainer|Fabric")
TRAINS = re.compile(r"\bTrainer\b")


class Device(Criterion):
    """The GPU where there is one, the CPU where there is none."""

    kind: Literal["device"] = "device"
    mode: Mode = "choose"
    """`lightning`: no device is written anywhere, for Lightning places everything."""
    choice: str | None = None
    """Name of the device that the notebook chooses."""
    placed: tuple[str, ...] = ()
    """Names whose tensors (or parameters) should be on the GPU when the notebook has run."""
    trains: bool = True
    """Whether the notebook trains something on the device; else the calls alone show whether it is used."""
    calls: tuple[Code, ...] = ()
    """Code that runs in both worlds with `device` as a word and as an object; its tensors must be there."""
    same: tuple[str, ...] = ()
    """Names of numbers, or lists of them, that must be equal in both worlds; a shortened list, as far as it goes."""
    shorten: Shortening = Field(default_factory=dict)
    """Functions of the notebook and the most that their arguments may be where there is a GPU."""
    inputs: Inputs = Field(default_factory=dict)
    """Name to the way its array is drawn; arrives as a torch tensor."""
    sizes: Sizes = Field(default_factory=dict)
    """Named sizes for the shapes of `inputs`."""
    arguments: Arguments = Field(default_factory=dict)
    """Name to a plain value, or to `{ one_of = [...] }`."""
    requires: tuple[str, ...] = ()
    """Names that the notebook must define for the calls."""
    fewest_operations: int = Field(default=1, ge=0)
    """What all calls together must compute to be work at all: operations on floating-point tensors."""
    timeout_s: float = Field(default=60.0, gt=0)
    """Wall seconds for one call."""

    @property
    def looks_at_gpus(self) -> bool:
        """It is judged by a second run."""
        return True

    @property
    def own_code(self) -> Mapping[str, str]:
        """The calls."""
        return {"calls": "\n".join(self.calls)}

    def probes(self, rng: np.random.Generator) -> tuple[Probe, ...]:
        """The state of each world; then each call in each, with the device as a word, and as an object.

        Besides, each call with the CPU where there is a GPU, and once more without one, with its operations counted.
        """
        case = draw_case(self.inputs, self.sizes, self.arguments, 0, rng)
        found = [
            state_probe(f"{self.id}/plain", self._names, self.same, gpu=False),
            state_probe(f"{self.id}/gpu", self._names, self.same, gpu=True),
        ]
        for index, call in enumerate(self.calls):
            body = WRITTEN_DOWN.sub("device=device", function_body(call))
            for word, device in (("plain", "cpu"), ("gpu", "cuda")):
                for form, code in (("word", body), ("object", f"device = torch.device(device)\n{body}")):
                    found.append(
                        Probe(
                            id=f"{self.id}/{word}_{form}{index}",
                            code=code,
                            inputs=case.inputs,
                            arguments=case.arguments | {"device": device},
                            requires=self.requires,
                            seed=case.seed,
                            timeout_s=self.timeout_s,
                            ask="student",
                            world="gpu" if word == "gpu" else "plain",
                        )
                    )
            wrapped = f"def call():\n{textwrap.indent(body, '    ')}\n\nreturn count_operations(call)"
            for kind, code, world in (("beside", body, "gpu"), ("counted", wrapped, "plain")):
                found.append(
                    Probe(
                        id=f"{self.id}/{kind}{index}",
                        code=code,
                        inputs=case.inputs,
                        arguments=case.arguments | {"device": "cpu"},
                        requires=self.requires,
                        seed=case.seed,
                        timeout_s=self.timeout_s,
                        ask="student",
                        world=world,
                    )
                )
        found += code_probes(self.id, self._called)
        return tuple(found)

    def gpu_run_wanted(self, evidence: Evidence) -> Shortening | None:
        """A short run; where that went astray for no reason of devices, one in full."""
        if evidence.gpu is None:
            return self.shorten if self._is_attempted(evidence, self._reading(evidence)) else None
        worlds = self._worlds(evidence)
        astray = evidence.gpu.is_short and (worlds.doubts or worlds.differing_names) and not worlds.gpu
        can_end = evidence.execution.ended not in ENDED_BY_LIMITS
        return {} if astray and can_end else None

    def judge(self, evidence: Evidence) -> Judgement:
        """By what the two runs show; the code is read for the words."""
        reading = self._reading(evidence)
        if evidence.gpu is None:
            return self._not_attempted(evidence)
        worlds = self._worlds(evidence)
        wanted = Wanted(
            self.choice,
            self.placed,
            trains=self.trains,
            by_lightning=self.mode == "lightning",
            histories=self.same,
            made_there=self._reading(evidence).made_there,
        )
        found = find(worlds, wanted, evidence.gpu.unavailable)
        blank = self._nothing_computed(found, worlds, evidence)
        if blank is not None:
            return blank.model_copy(update={"staff_note": note_of(found, worlds, evidence.gpu)})
        judgement = judgement_of(found, worlds, reading, self.mode, self.hint, evidence.gpu)
        if judgement.score and self.mode == "lightning" and not reading.chosen:
            return needs_review(
                say(
                    "A person looks at this: the code names a `Trainer`, and where it builds one could not be read."
                ),
                staff_note=note_of(found, worlds, evidence.gpu),
            )
        if judgement.score and (unread := call_that_was_not_read(self.id, self._called, evidence)):
            name, note = unread
            return needs_review(
                say(
                    "A person looks at this: the `{name}` that was called is not the one that was read.",
                    name=name,
                ),
                staff_note=f"{note}\n{note_of(found, worlds, evidence.gpu)}",
            )
        return judgement.model_copy(update={"staff_note": note_of(found, worlds, evidence.gpu)})

    def _not_attempted(self, evidence: Evidence) -> Judgement:
        """Nothing of the student's speaks of devices."""
        for observation in evidence.of(self.id):
            failure = unanswered(observation, evidence, self.hint)
            if failure is not None and failure.verdict is Verdict.NOT_ATTEMPTED:
                return failure
        verdict = Verdict.NOT_ATTEMPTED if self.mode == "lightning" else Verdict.WRONG_ANSWER
        return failed(
            verdict,
            say("{what} {how}", what=NO_CHOICE[self.mode], how=CPU_ONLY),
            expected=WANTED,
            got=say("code that speaks of no device"),
            hint=self.hint,
            staff_note="finding: gpu_unused (no second run: nothing speaks of devices)",
        )

    def _nothing_computed(self, found: Found, worlds: Worlds, evidence: Evidence) -> Judgement | None:
        """The judgement where what is called computes nothing, on any device: then nothing was placed anywhere."""
        if self.mode == "lightning":
            return self._nothing_trained(found, worlds, evidence)
        if not self.calls or found.failure is not None or worlds.computed_on_gpu:
            return None
        counted = [evidence.answers.get(f"{self.id}/counted{index}") for index in range(len(self.calls))]
        blank = [unanswered(o, evidence, self.hint) for o in counted if o is not None]
        untouched = [j for j in blank if j is not None and j.verdict is Verdict.NOT_ATTEMPTED]
        if untouched:
            return untouched[0]
        times = [operations_in(o) for o in counted]
        if None in times or sum(filter(None, times)) >= self.fewest_operations:
            return None
        if computes_elsewhere(self._called, evidence):
            return needs_review(say("A person looks at this: no tensor is computed with in what was called."))
        return failed(
            Verdict.NOT_ATTEMPTED,
            say(
                "{what} {how}",
                what=NOTHING_COMPUTED,
                how=HOW_REAL if evidence.gpu and evidence.gpu.device else HOW,
            ),
            expected=WANTED,
            got=say("calls that return and compute nothing"),
            hint=self.hint,
        )

    def _nothing_trained(self, found: Found, worlds: Worlds, evidence: Evidence) -> Judgement | None:
        """The judgement where a `Trainer` is built at most, and nothing was or would be trained by it."""
        reading, record = self._reading(evidence), worlds.record
        if found.failure is not None or record is None or record.share_on_gpu is not None or reading.trains:
            return None
        return failed(
            Verdict.NOT_ATTEMPTED,
            say("{what} {how}", what=NEVER_FITS if reading.chosen else NO_CHOICE["lightning"], how=HOW),
            expected=WANTED,
            got=say("code that never calls `Trainer.fit`"),
            hint=self.hint,
        )

    @property
    def _called(self) -> tuple[str, ...]:
        return names_called(map(function_body, self.calls), (*self.inputs, *self.arguments))

    @property
    def _names(self) -> tuple[str, ...]:
        return (*self.placed, *(() if self.choice is None else (self.choice,)))

    def _reading(self, evidence: Evidence) -> Reading:
        handed_out = {text.strip() for text in evidence.handout.values()}
        cells = [(c.index, c.text, c.text.strip() in handed_out) for c in evidence.source if c.kind == "code"]
        return _read_once(tuple(cells), self.mode == "lightning")

    def _is_attempted(self, evidence: Evidence, reading: Reading) -> bool:
        if reading.chosen or reading.moved or reading.speaks or reading.unclear:
            return True
        handed_out = {text.strip() for text in evidence.handout.values()}
        own = (c.text for c in evidence.source if c.kind == "code" and c.text.strip() not in handed_out)
        words = SPEAKS if self.mode == "choose" else TRAINS
        return any(words.search(text) for text in own)

    def _worlds(self, evidence: Evidence) -> Worlds:
        calls = [
            Call(index, f"{self.id}/plain_{form}{index}", f"{self.id}/gpu_{form}{index}")
            for index in range(len(self.calls))
            for form in ("word", "object")
        ]
        beside = [f"{self.id}/beside{index}" for index in range(len(self.calls))]
        return worlds_of(evidence, self.id, calls, beside, self._reading(evidence).only_with_gpu)


@lru_cache(maxsize=1)
def _read_once(cells: tuple[tuple[int, str, bool], ...], by_lightning: bool) -> Reading:
    """What the code says; it is asked before the second run and after it."""
    code = read(cells)
    return read_lightning(code) if by_lightning else read_devices(code)
