"""`matches_reference`: the student's answers to random calls equal the reference's.

Asked of both: `call`, once a case (`<id>/<case>`). Asked of the reference alone: other right answers
(`<id>/<case>-right-<k>`) and typical mistakes (`<id>/<case>-mistake-<k>`), so that a mistake can be named.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Literal, Self

import numpy as np
from pydantic import Field

from grader.criteria.answers import read_of_a_copy, student_fault, unanswered
from grader.criteria.closeness import wide
from grader.criteria.comparison import Difference, Dtypes, Rules, compare
from grader.criteria.failure_words import staff_words
from grader.criteria.inputs import UNTOLD, CallCriterion, Code
from grader.criteria.outcomes import accepted, judge_error, look_at, share, wrong_answer
from grader.criteria.structure import leaves
from grader.model.base import Frozen
from grader.model.evidence import Evidence
from grader.model.judgement import Judgement
from grader.model.probe import Observation, Probe, Value
from grader.model.text import Bilingual, Text, say

_BROADCAST = "Using a target size"
"""PyTorch's warning of two shapes begins so."""


class Mistake(Frozen):
    """A typical wrong answer, and the words that name it."""

    call: Code
    """What the reference is asked; sees the same inputs as the criterion's `call`."""
    says: Bilingual
    """Names the mistake, in one sentence."""

    def for_students(self) -> Mistake:
        """Without the code, which is next to an answer."""
        return self.model_copy(update={"call": UNTOLD})


class MatchesReference(CallCriterion):
    """Answers to random calls, or values of names, equal the reference's."""

    kind: Literal["matches_reference"] = "matches_reference"
    rtol: float = Field(default=1e-4, ge=0)
    """Relative to the reference's value."""
    atol: float = Field(default=1e-5, ge=0)
    """Absolute, for values near zero."""
    numbers_for_tensors: bool = False
    """Accept plain numbers or NumPy arrays of the right shape where tensors are asked for."""
    dtypes: Dtypes = "any"
    """Which dtypes are right: any of the kind, those as precise as the reference's, or only the reference's own."""
    rows_in_any_order: bool = False
    """Rows may be permuted, those of several results alike."""
    also_right: tuple[Code, ...] = ()
    """Other right answers; the student's must equal one and the same of them in all cases."""
    mistakes: tuple[Mistake, ...] = ()
    """Typical wrong answers, tried when the student's are wrong."""
    reads_state: bool = False
    """Asks for what the notebook left behind."""
    share_of_cases: bool = True
    """Pay for the share of cases that are right, unless a mistake was named."""

    def probes(self, rng: np.random.Generator) -> tuple[Probe, ...]:
        """Each case asked of both; other right answers and mistakes of the reference alone."""
        return tuple(self._probes(rng))

    def _probes(self, rng: np.random.Generator) -> Iterator[Probe]:
        for index, case in enumerate(self.draw_cases(rng)):
            yield self.probe(str(index), self.call, case, reads_state=self.reads_state)
            for number, code in enumerate(self.also_right):
                yield self.probe(f"{index}-right-{number}", code, case, ask="reference")
            for number, mistake in enumerate(self.mistakes):
                yield self.probe(f"{index}-mistake-{number}", mistake.call, case, ask="reference")

    def for_students(self) -> Self:
        """Without other right answers, and without the code of mistakes."""
        return self.model_copy(
            update={
                "also_right": tuple(UNTOLD for _ in self.also_right),
                "mistakes": tuple(mistake.for_students() for mistake in self.mistakes),
            }
        )

    @property
    def compares_with_reference(self) -> bool:
        """That is what it does."""
        return True

    def judge(self, evidence: Evidence) -> Judgement:
        """Compare case by case; name a mistake where one explains all answers."""
        fault = self._reference_fault(evidence)
        if fault is not None:
            return fault
        mine = [evidence.answers.get(f"{self.id}/{index}") for index in range(self.cases)]
        if mine[0] is None:
            return student_fault(self, evidence) or judge_error(f"The first case of {self.id} was not asked.")
        best = max(
            (self._outcome(mine, self._answers(evidence, suffix)) for suffix in self._right_suffixes()),
            key=lambda outcome: outcome.right,
        )
        if best.right == self.cases:
            if self.cases == 1:
                return accepted(say("As expected."))
            return accepted(say("Right in all {count} cases.", count=self.cases))
        return self._wrong(evidence, mine, best)

    def _wrong(self, evidence: Evidence, mine: list[Observation | None], best: _Outcome) -> Judgement:
        unasked = next((o for o in mine if o is not None and o.outcome != "answered"), None)
        if best.difference is None:
            fault = unanswered(unasked, evidence, self.hint) if unasked is not None else None
            if fault is None:
                return judge_error(f"Cases of {self.id} were not asked.")
            return self._with_share(fault, best)
        named = self._named_mistake(evidence, mine)
        if named is not None:
            shown = {name: getattr(best.difference, name) for name in ("expected", "got", "where")}
            note = f"{best.difference.staff}\n{named.staff_note}"
            return named.model_copy(update={**shown, "staff_note": note})
        where = best.told if best.told is not None else 0
        found = read_of_a_copy(mine[where]) if best.difference.lacks_value else None
        judgement = found or self._different(best.difference, mine[where])
        return self._with_share(judgement, best)

    def _different(self, difference: Difference, observation: Observation | None) -> Judgement:
        warnings = observation.warnings if observation is not None else ()
        warned = [warning for warning in warnings if _BROADCAST in warning]
        hint: Text | Bilingual | None = self.hint
        if warned and difference.way == "values":
            hint = say(
                "PyTorch warned that two tensors of different shapes were stretched to fit (broadcast): "
                "compare their shapes before the operation."
            )
        return wrong_answer(
            difference.summary,
            expected=difference.expected,
            got=difference.got,
            where=difference.where,
            hint=hint,
            staff_note="\n".join([difference.staff, *warned]),
        )

    def _with_share(self, judgement: Judgement, outcome: _Outcome) -> Judgement:
        if outcome.right == 0 or judgement.score is None:
            return judgement
        told = judgement.model_copy(
            update={
                "got": say(
                    "right in {right} of {count} cases; in another: {got}",
                    right=outcome.right,
                    count=self.cases,
                    got=judgement.got or judgement.summary,
                )
            }
        )
        return share(Decimal(outcome.right) / self.cases, told) if self.share_of_cases else told

    def _named_mistake(self, evidence: Evidence, mine: list[Observation | None]) -> Judgement | None:
        for number, mistake in enumerate(self.mistakes):
            given = self._answers(evidence, f"-mistake-{number}")
            if self._outcome(mine, given, infinities_agree=True).right == self.cases:
                return wrong_answer(
                    say("{mistake}", mistake=mistake.says),
                    hint=look_at(self.hint),
                    staff_note=f"All {self.cases} answers equal those of: {mistake.call}",
                )
        return None

    def _outcome(
        self, mine: list[Observation | None], wanted: list[Value | None], *, infinities_agree: bool = False
    ) -> _Outcome:
        rules = Rules(
            rtol=self.rtol,
            atol=self.atol,
            numbers_for_tensors=self.numbers_for_tensors,
            rows_in_any_order=self.rows_in_any_order,
            dtypes=self.dtypes,
            infinities_agree=infinities_agree,
        )
        right, differences = 0, []
        for case, (observation, value) in enumerate(zip(mine, wanted, strict=True)):
            if observation is None or observation.value is None or value is None:
                continue
            difference = compare(observation.value, value, rules)
            if difference is None:
                right += 1
            else:
                differences.append((sum(leaf.array.size for leaf in leaves(value)), difference, case))
        # The largest case tells most: with one row, `[]`, `[1]` and `[1, 1]` are easily mistaken.
        told = max(differences, key=lambda sized: sized[0], default=None)
        if told is None:
            return _Outcome(right=right)
        return _Outcome(right=right, difference=told[1], told=told[2])

    def _answers(self, evidence: Evidence, suffix: str) -> list[Value | None]:
        observations = (evidence.reference.get(f"{self.id}/{index}{suffix}") for index in range(self.cases))
        return [None if o is None else o.value for o in observations]

    def _right_suffixes(self) -> list[str]:
        return ["", *(f"-right-{number}" for number in range(len(self.also_right)))]

    def _reference_fault(self, evidence: Evidence) -> Judgement | None:
        """A mistake that raises is merely not found; a right answer must be there, and finite."""
        for index in range(self.cases):
            for suffix in self._right_suffixes():
                name = f"{self.id}/{index}{suffix}"
                observation = evidence.reference.get(name)
                if observation is None:
                    return judge_error(f"{name} was not asked of the reference.")
                if observation.value is None:
                    return judge_error(f"The reference did not answer.\n{staff_words(observation)}")
                if not all(np.all(np.isfinite(wide(leaf.array))) for leaf in leaves(observation.value)):
                    return judge_error(f"The reference answered {name} with NaN or infinity.")
        return None


class _Outcome(Frozen):
    """How many cases agree with one set of right answers, and the difference that tells most."""

    right: int
    difference: Difference | None = None
    told: int | None = None
    """The case that it is the difference of."""
