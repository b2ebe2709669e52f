"""`device`: the notebook uses the GPU where there is one, and runs as well where there is none.

It is run twice, without a GPU and with a virtual one, and the rubric's calls are put in both worlds. Running without
a GPU alone pays a quarter, running on both half, using the GPU in truth all of the points, a blemish less. What
the virtual device could not tell goes to a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

import numpy as np
from pydantic import Field

from grader.criteria.answers import unanswered
from grader.criteria.device_code import Reading, read_devices
from grader.criteria.device_findings import Wanted, find
from grader.criteria.device_judging import judgement_of, note_of
from grader.criteria.device_record import state_probe
from grader.criteria.device_words import CPU_ONLY, NO_CHOICE, WANTED, Mode
from grader.criteria.device_worlds import Call, Worlds, worlds_of
from grader.criteria.inputs import Arguments, Code, Inputs, Sizes, draw_case, function_body
from grader.criteria.lightning_code import read_lightning
from grader.criteria.outcomes import failed
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
        """The state of each world; then each call in each, with the device as a word, and as an object."""
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
        wanted = Wanted(self.choice, self.placed, trains=self.trains, by_lightning=self.mode == "lightning")
        found = find(worlds, wanted, evidence.gpu.unavailable)
        judgement = judgement_of(found, worlds, reading, self.mode, self.hint, evidence.gpu)
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
        return self.mode == "choose" and any(SPEAKS.search(text) for text in own)

    def _worlds(self, evidence: Evidence) -> Worlds:
        calls = [
            Call(index, f"{self.id}/plain_{form}{index}", f"{self.id}/gpu_{form}{index}")
            for index in range(len(self.calls))
            for form in ("word", "object")
        ]
        return worlds_of(evidence, self.id, calls, self._reading(evidence).only_with_gpu)


@lru_cache(maxsize=1)
def _read_once(cells: tuple[tuple[int, str, bool], ...], by_lightning: bool) -> Reading:
    """What the code says; it is asked before the second run and after it."""
    code = read(cells)
    return read_lightning(code) if by_lightning else read_devices(code)
