"""Losses of trainings that we asked for, from weights that we chose: whether they are those of the training.

The weights after 1, 2, 3 epochs came back, so the true loss after each is recomputed. A loss taken before or after the
update has to be equal to one of them. The mean over an epoch's mini-batches cannot be recomputed, for the weights move
meanwhile: with a learning rate that hardly moves the weights it has to be the loss at the start, else roughly right.
That is believed only of a training which was not seen to use all rows at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from grader.criteria import history_words as words
from grader.criteria.disguises import Undo, accuracy, are_shares, only_disguise
from grader.criteria.histories import (
    History,
    Moment,
    absolute_of,
    agrees_at,
    is_close,
    of_single_batches,
    of_unequal_batches,
    read_history,
    stands_still,
)
from grader.criteria.history_words import Gap
from grader.criteria.network import Floats, Form, Network, canonical, mse
from grader.criteria.outcomes import accepted
from grader.criteria.readings import numbers
from grader.criteria.trained import Points, Trained, read_trained
from grader.model.judgement import Judgement
from grader.model.probe import Value
from grader.model.text import Bilingual, say

Entries = Mapping[str, Value]


@dataclass(frozen=True, eq=False)
class Setting:
    """What all trainings started from."""

    form: Form
    points: Points
    theta: Floats
    """`[p]`"""
    query: Floats
    """`[n, in]`"""


@dataclass(frozen=True, eq=False)
class Runs:
    """The trainings on one set of data, one a number of epochs."""

    setting: Setting
    histories: Sequence[History]
    losses: Mapping[int, float]
    """Recomputed, by the number of epochs that lie behind."""
    shares: Mapping[int, float]
    """Of right answers, by the same; empty where the targets are not 0 and 1."""
    network: Network
    full: bool
    """Whether all rows were seen to go through the model at once, in each of the trainings."""

    @property
    def longest(self) -> History:
        """The history that says most."""
        return max(self.histories, key=len)

    @property
    def elements(self) -> int:
        """Numbers in the targets."""
        return self.setting.points.y.size

    @property
    def errors(self) -> Floats:
        """`[n]`: the squared error of each point before the training."""
        x, y = self.setting.points
        return np.asarray(np.square(self.network.outputs(self.setting.theta, x) - y).mean(axis=1))

    @property
    def finite(self) -> bool:
        """Whether nothing diverged."""
        recorded = all(np.isfinite(history.values).all() for history in self.histories)
        return recorded and bool(np.isfinite(list(self.losses.values())).all())

    def agree(self, *moments: Moment, undo: Undo | None = None) -> bool:
        """Whether all histories were taken at one of these moments; once a disguise is taken off them."""
        values = [h.values if undo is None else undo(h.values, self.elements) for h in self.histories]
        return any(all(agrees_at(v, self.losses, moment) for v in values) for moment in moments)

    @property
    def are_shares(self) -> bool:
        """Whether the entries are shares of right answers, before the updates or after them."""
        longest = self.longest.values
        return (
            bool(self.shares)
            and are_shares(longest, self.elements)
            and any(
                all(
                    abs(value - self.shares.get(k + later, value)) < 1e-5
                    for history in self.histories
                    for k, value in enumerate(history.values)
                )
                for later in (0, 1)
            )
        )


def read_runs(histories: Sequence[History], answers: Sequence[Entries], setting: Setting) -> Runs | Trained:
    """Recompute the losses; the weights whose loss cannot be recomputed where there are such."""
    network = canonical(setting.form)
    points = setting.points
    losses: dict[int, float] = {}
    shares: dict[int, float | None] = {}
    for history, entries in zip(histories, answers, strict=True):
        trained = read_trained(entries, setting.query, setting.form, network)
        loss = trained.loss(points)
        if loss is None:
            return trained
        network = trained.network or network
        losses[len(history)] = loss
        if trained.theta is not None and np.isfinite(loss):
            shares[len(history)] = accuracy(network.outputs(trained.theta, points.x), points.y)
    start = _start(answers, setting)
    if network.form.parameters == start.size:
        outputs = network.outputs(start, points.x)
        losses[0] = mse(outputs, points.y)
        shares[0] = accuracy(outputs, points.y)
    known = {k: share for k, share in shares.items() if share is not None}
    full = all(_saw_all_rows(entries) for entries in answers)
    return Runs(replace(setting, theta=start), histories, losses, known, network, full)


def _saw_all_rows(entries: Entries) -> bool:
    """Whether the call tells so, as `full`."""
    told = numbers(entries.get("full"))
    return told is not None and told.size == 1 and bool(told.ravel()[0] == 1)


def _start(answers: Sequence[Entries], setting: Setting) -> Floats:
    """The weights that all trainings started from: those told as `start`, when they are all the same, else ours."""
    told = [numbers(entries.get("start")) for entries in answers]
    first = told[0]
    if first is None or any(one is None or not np.array_equal(one, first) for one in told):
        return setting.theta
    return first.ravel()


def judge_runs(
    cases: Sequence[Runs], still: Entries, *, after_is_right: bool, batches: bool, hint: Bilingual | None
) -> Judgement:
    """Accept true losses, name those that are not; `still` is the training on the first data that hardly moved."""
    first = cases[0]
    for runs in cases:
        if not runs.finite:
            return words.not_finite(runs.longest, hint)
    for runs in cases:
        fault = words.repeated(runs.longest, runs.losses, hint)
        if fault is not None:
            return fault
    if _agree(cases, "before") or (after_is_right and _agree(cases, "after")):
        return accepted(say("The losses are those of the training, one an epoch."))
    if _agree(cases, "after"):
        return words.after_the_update(first.longest, first.losses, hint)
    if all(runs.are_shares for runs in cases):
        return words.shares_of_answers(first.longest, first.losses, hint)
    summary = only_disguise(lambda undo: _agree(cases, "before", undo) or _agree(cases, "after", undo))
    if summary is None and batches and not all(runs.full for runs in cases):
        rest = _at_rest(first, still)
        if rest is not None and not rest.true:
            return _fault_at_rest(cases, rest, hint)
        if all(runs.agree("between" if rest is None else "around") for runs in cases):
            note = "within each epoch's range"
            return accepted(say("The losses are those of the training, one an epoch."), staff_note=note)
        if rest is None and all(runs.agree("around") for runs in cases):
            return words.not_told(first.longest, first.losses)
    return words.untrue(summary, _gap(cases, after_is_right), hint)


def _agree(cases: Sequence[Runs], moment: Moment, undo: Undo | None = None) -> bool:
    return all(runs.agree(moment, undo=undo) for runs in cases)


def _gap(cases: Sequence[Runs], after_is_right: bool) -> Gap:
    """Where the recorded losses first differ from the true ones: of two moments, the one at which they agree longer."""
    found = [_gap_at(cases, 0), *([_gap_at(cases, 1)] if after_is_right else [])]
    return max(found, key=lambda gap: gap.epoch)


def _gap_at(cases: Sequence[Runs], later: int) -> Gap:
    """Of the longest training that differs; of the first loss where all that are known agree."""
    for runs in cases:
        rows = len(runs.setting.points.x)
        for history in sorted(runs.histories, key=len, reverse=True):
            values = history.values
            absolute = absolute_of(values, runs.losses)
            for k, value in enumerate(values):
                true = runs.losses.get(k + later)
                if true is not None and not is_close(float(value), true, absolute):
                    return Gap(values, runs.losses, k + 1, rows, float(value / true) if true else None)
    first = cases[0]
    return Gap(first.longest.values, first.losses, 1, len(first.setting.points.x), None)


@dataclass(frozen=True, eq=False)
class _Rest:
    """A training that hardly moved the weights."""

    history: History
    before: float
    after: float
    true: bool
    """Whether it recorded the loss of the weights that it left where they were."""


def _at_rest(runs: Runs, still: Entries) -> _Rest | None:
    """None where the weights did move, or nobody knows."""
    setting = runs.setting
    history = read_history(still.get("losses"))
    loss = read_trained(still, setting.query, setting.form, runs.network).loss(setting.points)
    if loss is None or 0 not in runs.losses or not len(history):
        return None
    still_true = stands_still(history.values, runs.losses[0], loss)
    if still_true is None:
        return None
    true = still_true or of_unequal_batches(history.values, runs.errors)
    return _Rest(history, runs.losses[0], loss, true)


def _fault_at_rest(cases: Sequence[Runs], rest: _Rest, hint: Bilingual | None) -> Judgement:
    runs = cases[0]
    if of_single_batches(rest.history.values, runs.errors):
        return words.of_batches(rest.history, runs.losses, hint)

    def agrees(undo: Undo) -> bool:
        changed = undo(rest.history.values, runs.elements)
        here = stands_still(changed, rest.before, rest.after) is True
        return here and all(one.agree("around", undo=undo) for one in cases)

    values = rest.history.values
    at = int(np.argmax(np.abs(values - rest.before)))
    off = float(values[at] / rest.before) if rest.before else None
    known = {0: rest.before, len(values): rest.after}
    gap = Gap(values, known, at + 1, len(runs.setting.points.x), off, rests=True)
    return words.untrue(only_disguise(agrees), gap, hint)
