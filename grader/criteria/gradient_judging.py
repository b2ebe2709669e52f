"""Judges gradients that came back, component by component, against the truth; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from grader.criteria.answers import copy_words
from grader.criteria.closeness import wide
from grader.criteria.comparison import Difference, Dtypes, Rules, compare
from grader.criteria.describe import container_of
from grader.criteria.gradient_mistakes import Sample, exchanged, name_mistake
from grader.criteria.gradient_truth import Floats
from grader.criteria.outcomes import accepted, share, wrong_answer
from grader.criteria.structure import parts
from grader.model.judgement import Judgement
from grader.model.probe import Items, Leaf, Nothing, Value
from grader.model.text import Bilingual, say

NUMBERS = ("values", "shape")
"""Ways to differ that the numbers themselves may explain."""


class Answer(NamedTuple):
    """One case: two answers to the same question, and the truth."""

    first: Value
    second: Value
    true: tuple[Floats, ...]
    sizes: Mapping[str, int]
    dtypes: tuple[str, ...] = ()
    """Of each component of the reference's own answer."""
    warnings: tuple[str, ...] = ()
    """That Python gave during the calls."""


class Judging(NamedTuple):
    """What the answers are judged by."""

    wrt: tuple[str, ...]
    rules: Rules
    hint: Bilingual | None
    dtypes: Dtypes = "any"

    def judge(self, answers: Sequence[Answer]) -> Judgement:
        """Full marks, or the mistake by name with a share for the components that are right; at least one answer."""
        listed = [components(answer.first, len(self.wrt)) for answer in answers]
        difference = _count_difference(listed, len(self.wrt))
        if difference is not None:
            return self._different(difference)
        differences = [self._difference(answers, listed, k) for k in range(len(self.wrt))]
        wrong = [k for k, difference in enumerate(differences) if difference is not None]
        if not wrong:
            return self._second_call(answers)
        order = exchanged([_arrays(given) for given in listed], [answer.true for answer in answers])
        if order is not None:
            return self._exchanged(order)
        judgement = self._named(answers, listed, differences)
        if judgement is None:
            found = next(difference for difference in differences if difference is not None)
            judgement = self._different(found, self.wrt[wrong[0]])
        return self._with_components(judgement, wrong)

    def fits(self, value: Value, true: Sequence[Floats]) -> bool:
        """Whether all components of an answer are right."""
        given = components(value, len(self.wrt))
        return len(given) == len(true) and all(
            compare(mine, _as_leaf(wanted), self.rules) is None
            for mine, wanted in zip(given, true, strict=True)
        )

    def _named(
        self,
        answers: Sequence[Answer],
        listed: Sequence[tuple[Value, ...]],
        differences: Sequence[Difference | None],
    ) -> Judgement | None:
        """The first mistake that has a name, told of all components that share it."""
        wrong = [k for k, difference in enumerate(differences) if difference is not None]
        for k in wrong:
            nothing = [a for a, given in zip(answers, listed, strict=True) if isinstance(given[k], Nothing)]
            if nothing:
                return self._none(nothing, self.wrt[k], differences[k])
        samples = {k: _samples(answers, listed, k) for k in wrong}
        for k, difference in enumerate(differences):
            named = None if difference is None else name_mistake(samples[k], self.wrt[k])
            if difference is None or named is None or difference.way not in NUMBERS:
                continue
            alike = [other for other in wrong if name_mistake(samples[other], self.wrt[k]) == named]
            told = name_mistake(samples[k], ", ".join(self.wrt[other] for other in alike)) or named
            return wrong_answer(
                told.summary,
                expected=difference.expected,
                got=difference.got,
                hint=self.hint or told.look_at,
                staff_note=difference.staff,
            )
        return None

    def _none(self, answers: Sequence[Answer], name: str, difference: Difference | None) -> Judgement:
        copies = [copy_words(answer.warnings) for answer in answers]
        known = copies[0] if all(copies) else None
        return wrong_answer(
            known.summary
            if known
            else say("None came back as the gradient with respect to `{name}`.", name=name),
            expected=say("a tensor"),
            got=say("`None`"),
            where=say("the gradient with respect to `{name}`", name=name) if known else None,
            hint=known.look_at
            if known
            else say(
                "Is there a `return`? And `.grad` stays None when `backward` was not called, or when the loss does "
                "not depend on the tensor or was detached from it."
            ),
            staff_note="" if difference is None else difference.staff,
        )

    def _exchanged(self, order: Sequence[int]) -> Judgement:
        asked = range(len(order))
        return wrong_answer(
            say("The gradients came in the wrong order."),
            expected=say("gradients with respect to {names}, in this order", names=self._names(asked)),
            got=say("gradients with respect to {names}, in this order", names=self._names(order)),
            hint=self.hint,
        )

    def _second_call(self, answers: Sequence[Answer]) -> Judgement:
        """All right at the first call: the second on the same inputs must be right as well."""
        if all(self.fits(answer.second, answer.true) for answer in answers):
            return accepted(say("The gradient is right in all {count} cases.", count=len(answers)))
        if all(self.fits(answer.second, [2 * true for true in answer.true]) for answer in answers):
            return wrong_answer(
                say("Gradients accumulate: a second call on the same inputs gives twice the gradient."),
                expected=say("two calls with the same inputs give the same"),
                got=say("twice the gradient at the second call"),
                hint=self.hint
                or say("`backward` adds to `.grad`: start from a fresh copy, or set `.grad` to None."),
            )
        return wrong_answer(
            say("The first call is right, but a second one with the same inputs gives something else."),
            expected=say("two calls with the same inputs give the same"),
            got=say("another gradient at the second call"),
            hint=self.hint
            or say("Look for something that a call leaves behind: a changed input, or `.grad`."),
        )

    def _with_components(self, judgement: Judgement, wrong: Sequence[int]) -> Judgement:
        right = [k for k in range(len(self.wrt)) if k not in wrong]
        if not right:
            return judgement
        names = {"right": self._names(right), "wrong": self._names(wrong)}
        got = say("right with respect to {right}, wrong with respect to {wrong}", **names)
        if judgement.got is not None:
            got = say("{several}: {got}", several=got, got=judgement.got)
        told = judgement.model_copy(update={"got": got})
        return share(Decimal(len(right)) / len(self.wrt), told)

    def _difference(
        self, answers: Sequence[Answer], listed: Sequence[tuple[Value, ...]], k: int
    ) -> Difference | None:
        """The first difference of component `k` in any case."""
        found = (self._compared(given[k], answer, k) for given, answer in zip(listed, answers, strict=True))
        return next((difference for difference in found if difference is not None), None)

    def _compared(self, given: Value, answer: Answer, k: int) -> Difference | None:
        wanted = answer.true[k].astype(answer.dtypes[k]) if answer.dtypes else answer.true[k]
        return compare(given, _as_leaf(wanted), self.rules.model_copy(update={"dtypes": self.dtypes}))

    def _different(self, difference: Difference, name: str | None = None) -> Judgement:
        where = difference.where if name is None else say("the gradient with respect to `{name}`", name=name)
        return wrong_answer(
            difference.summary,
            expected=difference.expected,
            got=difference.got,
            where=where,
            hint=self.hint,
            staff_note=difference.staff,
        )

    def _names(self, order: Sequence[int]) -> str:
        return ", ".join(f"`{self.wrt[k]}`" for k in order)


def components(value: Value, count: int) -> tuple[Value, ...]:
    """The gradients one by one; where one is asked for, a lone tensor stands for itself."""
    is_alone = isinstance(value, Nothing) or (isinstance(value, Leaf) and container_of(value) is None)
    if count == 1 and is_alone:
        return (value,)
    found = parts(value) or (value,)
    return found if count > 1 or len(found) == 1 else (value,)


def _samples(answers: Sequence[Answer], listed: Sequence[tuple[Value, ...]], k: int) -> list[Sample]:
    return [
        Sample(_arrays(given)[k], answer.true[k], answer.sizes)
        for given, answer in zip(listed, answers, strict=True)
    ]


def _as_leaf(array: Floats) -> Leaf:
    return Leaf(array=array, made_of="Tensor")


def _arrays(given: Sequence[Value]) -> list[Floats]:
    """The numbers of each component; an empty array where there are none."""
    return [wide(c.array) if isinstance(c, Leaf) else np.empty(0) for c in given]


def _count_difference(listed: Sequence[tuple[Value, ...]], count: int) -> Difference | None:
    wrong = next((given for given in listed if len(given) != count), None)
    if wrong is None:
        return None
    if isinstance(wrong[0], Nothing) and len(wrong) == 1:
        difference = compare(wrong[0], _tuple((Nothing(),) * count), Rules())
        asked = say("{count} results, as a tuple", count=count)
        return difference and difference.model_copy(update={"expected": asked})
    if len(wrong) == 1:
        return compare(wrong[0], _tuple((Nothing(),) * count), Rules())
    return compare(_tuple(wrong), _tuple((Nothing(),) * count), Rules())


def _tuple(items: tuple[Value, ...]) -> Items:
    return Items(container="tuple", items=items)
