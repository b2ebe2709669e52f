"""`gradient`: the student's gradients at random points equal the true ones; a known mistake is named.

Asked of both: `call`, twice on the same inputs (`<id>/<case>`). Asked of the reference alone: the true gradient of
`loss` in float64 (`<id>/<case>-true`), and typical mistakes (`<id>/<case>-mistake-<k>`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from grader.criteria.answers import student_fault, unanswered
from grader.criteria.comparison import Dtypes, Rules, compare
from grader.criteria.describe import describe
from grader.criteria.gradient_judging import Answer, Judging, components
from grader.criteria.gradient_truth import Floats, TruthError, read_truth, truth_code, twice_code
from grader.criteria.inputs import UNTOLD, CallCriterion, Code, sizes_of_case
from grader.criteria.matches_reference import Mistake
from grader.criteria.outcomes import judge_error, share, wrong_answer
from grader.model.evidence import Evidence
from grader.model.judgement import Judgement
from grader.model.probe import Entries, Leaf, Probe, Value
from grader.model.text import say


class Gradient(CallCriterion):
    """Gradients at random points, with the mistake named."""

    kind: Literal["gradient"] = "gradient"
    loss: Code
    """The scalar that is differentiated; evaluated in the reference's kernel, in float64."""
    wrt: tuple[str, ...] = Field(min_length=1)
    """Inputs that the loss is differentiated with respect to, in the order in which `call` returns gradients."""
    rtol: float = Field(default=1e-4, ge=0)
    """Relative to the true gradient."""
    atol: float = Field(default=1e-5, ge=0)
    """Absolute, for values near zero."""
    numbers_for_tensors: bool = False
    """Accept plain numbers or NumPy arrays of the right shape."""
    dtypes: Dtypes = "any"
    """Which dtypes are right: any of the kind, those as precise as the reference's, or only the reference's own."""
    mistakes: tuple[Mistake, ...] = ()
    """Typical wrong answers, as `call` would return them; they go before the reasons that are known anyway."""

    @model_validator(mode="after")
    def _wrt_are_inputs(self) -> Self:
        for name in self.wrt:
            if name not in self.inputs:
                raise ValueError(
                    say(
                        "wrt: '{name}' is not one of inputs: {known}", name=name, known=", ".join(self.inputs)
                    )
                )
            if not self.inputs[name].dtype.startswith("float"):
                raise ValueError(say("wrt: '{name}' is not a float", name=name))
        return self

    def probes(self, rng: np.random.Generator) -> tuple[Probe, ...]:
        """Each case asked of both; truth and mistakes of the reference alone."""
        return tuple(self._probes(rng))

    def _probes(self, rng: np.random.Generator) -> Iterator[Probe]:
        names = [*self.inputs, *self.arguments]
        for index, case in enumerate(self.draw_cases(rng)):
            yield self.probe(str(index), twice_code(self.call, names), case)
            yield self.probe(f"{index}-true", truth_code(self.loss, names, self.wrt), case, ask="reference")
            for number, mistake in enumerate(self.mistakes):
                yield self.probe(f"{index}-mistake-{number}", mistake.call, case, ask="reference")

    def for_students(self) -> Self:
        """Without the loss and without the code of mistakes."""
        mistakes = tuple(mistake.for_students() for mistake in self.mistakes)
        return self.model_copy(update={"loss": UNTOLD, "mistakes": mistakes})

    @property
    def compares_with_reference(self) -> bool:
        """The truth must be what the reference answers."""
        return True

    def judge(self, evidence: Evidence) -> Judgement:
        """Compare each component with the truth; then say what is wrong with the wrong ones."""
        try:
            truths = [self._truth(evidence, index) for index in range(self.cases)]
            dtypes = [self._dtypes(evidence, index) for index in range(self.cases)]
        except TruthError as error:
            return judge_error(f"{self.id}: {error}")
        observations = [evidence.answers.get(f"{self.id}/{index}") for index in range(self.cases)]
        if observations[0] is None:
            return student_fault(self, evidence) or judge_error(f"The first case of {self.id} was not asked.")
        answers = [
            Answer(
                o.value.entries["first"],
                o.value.entries["second"],
                true,
                sizes_of_case(self.sizes, index),
                dtypes[index],
                o.warnings,
            )
            for index, (o, true) in enumerate(zip(observations, truths, strict=True))
            if o is not None
            and isinstance(o.value, Entries)
            and o.value.entries.keys() == {"first", "second"}
        ]
        judgement = self._judging().judge(answers) if answers else None
        stopped = next((o for o in observations if o is not None and o.outcome != "answered"), None)
        if stopped is not None and (judgement is None or judgement.score == 1):
            fault = unanswered(stopped, evidence, self.hint) or judge_error(
                f"{stopped.probe} was not answered."
            )
            return fault if fault.score is None else share(Decimal(len(answers)) / self.cases, fault)
        if judgement is None:
            return wrong_answer(
                say("What your code returned could not be read."),
                expected=say("tensors of numbers"),
                got=describe(observations[0].value) if observations[0] is not None else None,
                hint=self.hint,
            )
        named = None if judgement.score == 1 else self._rubric_mistake(answers, evidence)
        if named is None:
            return judgement
        return named.model_copy(
            update={name: getattr(judgement, name) for name in ("verdict", "score", "expected", "got")}
        )

    def _rubric_mistake(self, answers: Sequence[Answer], evidence: Evidence) -> Judgement | None:
        rules = self._judging().rules.model_copy(update={"infinities_agree": True, "dtypes": self.dtypes})
        for number, mistake in enumerate(self.mistakes):
            given = [
                evidence.reference.get(f"{self.id}/{index}-mistake-{number}") for index in range(self.cases)
            ]
            if len(answers) == self.cases and all(
                o is not None and o.value is not None and compare(a.first, o.value, rules) is None
                for a, o in zip(answers, given, strict=True)
            ):
                return wrong_answer(
                    say("{mistake}", mistake=mistake.says),
                    hint=self.hint,
                    staff_note=f"All answers equal those of: {mistake.call}",
                )
        return None

    def _judging(self) -> Judging:
        rules = Rules(rtol=self.rtol, atol=self.atol, numbers_for_tensors=self.numbers_for_tensors)
        return Judging(self.wrt, rules, self.hint, self.dtypes)

    def _truth(self, evidence: Evidence, index: int) -> tuple[Floats, ...]:
        """The truth of one case, which the reference's own answer must equal too."""
        true = read_truth(evidence.reference.get(f"{self.id}/{index}-true"), self.wrt)
        value = self._own(evidence, index)
        if value is None or not self._judging().fits(value, true):
            raise TruthError(f"the reference's own answer to case {index} is not the gradient of the loss")
        return true

    def _dtypes(self, evidence: Evidence, index: int) -> tuple[str, ...]:
        """Of each component of the reference's own answer."""
        value = self._own(evidence, index)
        if value is None:
            return ()
        return tuple(
            leaf.array.dtype.name for leaf in components(value, len(self.wrt)) if isinstance(leaf, Leaf)
        )

    def _own(self, evidence: Evidence, index: int) -> Value | None:
        own = evidence.reference.get(f"{self.id}/{index}")
        return own.value.entries.get("first") if own and isinstance(own.value, Entries) else None
