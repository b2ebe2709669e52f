"""Losses of trainings that we asked for, from weights that we chose: whether they are those of the training.

The weights after 1, 2, 3 epochs came back, so the true loss after each is recomputed. A loss taken before or after the
update has to be equal to one of them. The mean over an epoch's mini-batches cannot be recomputed, for the weights move
meanwhile: with a learning rate that hardly moves the weights it it has to be the loss at the start, else roughly right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from grader.criteria import history_words as words
from grader.criteria.histories import (
    History,
    Moment,
    agrees_at,
    of_single_batches,
    read_history,
    stands_still,
)
from grader.criteria.network import Floats, Form, Network, canonical
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
    """The trainings, one a number of epochs."""

    setting: Setting
    histories: Sequence[History]
    losses: Mapping[int, float]
    """Recomputed, by the number of epochs that lie behind."""
    network: Network

    @property
    def longest(self) -> History:
        """The history that says most."""
        return max(self.histories, key=len)

    @property
    def finite(self) -> bool:
        """Whether nothing diverged."""
        recorded = all(np.isfinite(history.values).all() for history in self.histories)
        return recorded and bool(np.isfinite(list(self.losses.values())).all())

    def agree(self, *moments: Moment) -> bool:
        """Whether all histories were taken at one of these moments."""
        return any(
            all(agrees_at(h.values, self.losses, moment) for h in self.histories) for moment in moments
        )


def read_runs(histories: Sequence[History], answers: Sequence[Entries], setting: Setting) -> Runs | Trained:
    """Recompute the losses; the weights whose loss cannot be recomputed where there are such."""
    network = canonical(setting.form)
    losses: dict[int, float] = {}
    for history, entries in zip(histories, answers, strict=True):
        trained = read_trained(entries, setting.query, setting.form, network)
        loss = trained.loss(setting.points)
        if loss is None:
            return trained
        network = trained.network or network
        losses[len(history)] = loss
    start = _start(answers, setting)
    if network.form.parameters == start.size:
        losses[0] = network.loss(start, setting.points.x, setting.points.y)
    return Runs(replace(setting, theta=start), histories, losses, network)


def _start(answers: Sequence[Entries], setting: Setting) -> Floats:
    """The weights that all trainings started from: those told as `start`, when they are all the same, else ours."""
    told = [numbers(entries.get("start")) for entries in answers]
    first = told[0]
    if first is None or any(one is None or not np.array_equal(one, first) for one in told):
        return setting.theta
    return first.ravel()


def judge_runs(
    runs: Runs, still: Entries, *, after_is_right: bool, batches: bool, hint: Bilingual | None
) -> Judgement:
    """Accept true losses, name those that are not; `still` is the training that hardly moved."""
    if not runs.finite:
        return words.not_finite(hint)
    elements = runs.setting.points.y.size
    fault = words.repeated(runs.longest, runs.losses, hint)
    if fault is None and (runs.agree("before") or (after_is_right and runs.agree("after"))):
        return accepted(say("The losses are those of the training, one an epoch."))
    if fault is None and runs.agree("after"):
        fault = words.after_the_update(runs.longest, runs.losses, hint)
    fault = fault or words.disguised(runs.histories, runs.losses, elements, hint)
    if fault is not None:
        return fault
    if batches:
        rest = _at_rest(runs, still)
        if rest is not None and not rest.true:
            return _fault_at_rest(runs, rest, hint)
        if runs.agree("between" if rest is None else "around"):
            note = "within each epoch's range"
            return accepted(say("The losses are those of the training, one an epoch."), staff_note=note)
        if rest is None and runs.agree("around"):
            return words.not_told(runs.longest, runs.losses)
    return words.untrue(runs.longest, runs.losses, hint)


@dataclass(frozen=True, eq=False)
class _Rest:
    """A training that hardly moved the weights."""

    history: History
    loss: float
    true: bool
    """Whether it recorded the loss of the weights that it left where they were."""


def _at_rest(runs: Runs, still: Entries) -> _Rest | None:
    """None where the weights did move, or nobody knows."""
    setting = runs.setting
    history = read_history(still.get("losses"))
    loss = read_trained(still, setting.query, setting.form, runs.network).loss(setting.points)
    if loss is None or 0 not in runs.losses or not len(history):
        return None
    true = stands_still(history.values, runs.losses[0], loss)
    return None if true is None else _Rest(history, loss, true)


def _fault_at_rest(runs: Runs, rest: _Rest, hint: Bilingual | None) -> Judgement:
    setting = runs.setting
    errors = np.square(runs.network.outputs(setting.theta, setting.points.x) - setting.points.y).mean(axis=1)
    if of_single_batches(rest.history.values, errors):
        return words.of_batches(rest.history, runs.losses, hint)
    return words.untrue_at_rest(rest.history, runs.losses[0], rest.loss, setting.points.y.size, hint)
