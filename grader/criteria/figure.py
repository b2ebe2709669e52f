"""`figure`: the notebook drew a figure with the data that it should show, and not merely some picture.

What was drawn comes from the kernel as arrays; so do the values that should be in it, as the notebook left them.
Figures of the handout's own cells do not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal, Self

import numpy as np
from pydantic import model_validator

from grader.criteria.answers import unanswered
from grader.criteria.curves import NEAR, is_straight, shows_line, shows_points, shows_series
from grader.criteria.failure_words import NOT_FILLED_IN, error_words
from grader.criteria.figure_words import APART, EXPECTED, MISSING, OTHER, Outcome, Part, drawn_words
from grader.criteria.flat_values import both, one
from grader.criteria.inputs import Code
from grader.criteria.network import Floats, least_squares
from grader.criteria.outcomes import accepted, failed, needs_review, share, wrong_answer
from grader.criteria.pictures import Drawn, Picture, pictures
from grader.criteria.readings import entries_of, numbers
from grader.model.base import Frozen
from grader.model.evidence import Evidence
from grader.model.judgement import Judgement
from grader.model.probe import Probe
from grader.model.rubric import Criterion
from grader.model.text import say
from grader.model.verdict import Verdict

ROUGHLY = 0.05
"""Of the range of the data: near enough to the best line where the notebook's own is not known."""


class FittedLine(Frozen):
    """A line that must be drawn."""

    x: Code
    """Where to look: the name of the abscissas."""
    call: Code
    """The heights there."""


class Figure(Criterion):
    """A figure shows the data that it should."""

    kind: Literal["figure"] = "figure"
    points_of: tuple[Code, Code] | None = None
    """Names of the coordinates of points that must be seen."""
    line: FittedLine | None = None
    """A line that must be seen."""
    series: Code | None = None
    """The name of the values of a curve that must be seen: a loss curve."""
    requires: tuple[str, ...] = ()
    """Names that the notebook must define before those values can be had."""
    needs: str = ""
    """Which of them, joined by `+`; all that are given when empty."""

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        given = {"points": self.points_of, "line": self.line, "series": self.series}
        if not self.parts:
            raise ValueError(say("series: none of points_of, line and series is given"))
        for part in self.parts:
            if given.get(part) is None:
                raise ValueError(say("needs: '{part}' is not given", part=part))
        return self

    @property
    def parts(self) -> tuple[Part, ...]:
        """What must be seen."""
        if self.needs:
            return tuple(word.strip() for word in self.needs.split("+"))  # type: ignore[misc]
        every: dict[Part, object] = {"points": self.points_of, "line": self.line, "series": self.series}
        return tuple(part for part, wanted in every.items() if wanted is not None)

    @property
    def own_code(self) -> Mapping[str, str]:
        """What should be seen."""
        line = () if self.line is None else (self.line.x, self.line.call)
        series = () if self.series is None else (self.series,)
        found = {"points_of": self.points_of or (), "line": line, "series": series}
        return {key: "\n".join(codes) for key, codes in found.items()}

    def probes(self, rng: np.random.Generator) -> tuple[Probe, ...]:
        """What was drawn, and the values that should be in it, as the notebook left them."""
        asked = {"figures": "return figures()"}
        if self.points_of is not None:
            asked["points"] = both(*self.points_of)
        if "line" in self.parts and self.line is not None:
            asked["line"] = both(self.line.x, self.line.call)
        if "series" in self.parts and self.series is not None:
            asked["series"] = one(self.series)
        return tuple(
            Probe(
                id=f"{self.id}/{name}",
                code=code,
                requires=self.requires if name in ("line", "series") else (),
                reads_state=True,
                ask="student",
            )
            for name, code in asked.items()
        )

    def judge(self, evidence: Evidence) -> Judgement:
        """Full marks when all is seen; a share for what is."""
        observation = evidence.answers.get(f"{self.id}/figures")
        if observation is None:
            return needs_review(say("Nobody asked what was drawn."))
        failure = unanswered(observation, evidence, self.hint)
        if failure is not None:
            return failure
        found = pictures(observation.value, evidence.handout.values())
        if found is None:
            return needs_review(say("What was drawn could not be read."), staff_note="figures() gave no list")
        drawn = [artist for picture in found for artist in picture.drawn]
        if not drawn:
            return self._nothing_drawn(found, evidence)
        outcomes = {part: self._outcome(part, drawn, evidence) for part in self.parts}
        together = [part for part in self.parts if part != "series"]
        if len(together) > 1 and all(outcomes[part] == "shown" for part in together):
            one = (all(self._outcome(part, p.drawn, evidence) == "shown" for part in together) for p in found)
            if not any(one):
                outcomes["line"] = "apart"
        return self._judged(outcomes, drawn)

    def _judged(self, outcomes: dict[Part, Outcome], drawn: Sequence[Drawn]) -> Judgement:
        shown = [part for part, outcome in outcomes.items() if outcome == "shown"]
        if len(shown) == len(outcomes):
            return accepted(say("The figures show what they should."))
        faulty = next(
            (part for part, outcome in outcomes.items() if outcome not in ("shown", "unknown")), None
        )
        note = ", ".join(f"{part}: {outcome}" for part, outcome in outcomes.items())
        if faulty is None:
            return needs_review(
                say("There is a figure, but the values that it should show are not there to compare."),
                staff_note=note,
            )
        summary = {"missing": MISSING[faulty], "other": OTHER[faulty]}.get(outcomes[faulty], APART)
        judgement = wrong_answer(
            summary,
            expected=EXPECTED[faulty],
            got=drawn_words(drawn),
            hint=self.hint
            or say("Draw the variables that your code has computed, after it has computed them."),
            staff_note=note,
        )
        return share(Decimal(len(shown)) / Decimal(len(outcomes)), judgement)

    def _outcome(self, part: Part, drawn: Sequence[Drawn], evidence: Evidence) -> Outcome:
        match part:
            case "points":
                pair = self._pair("points", evidence)
                if pair is None:
                    return "unknown" if any(d.marked for d in drawn) else "missing"
                if any(shows_points(d, *pair) for d in drawn):
                    return "shown"
                return "other" if any(d.marked for d in drawn) else "missing"
            case "line":
                return self._line(drawn, evidence)
            case "series":
                series = self._values("series", "y", evidence)
                curves = [d for d in drawn if d.joined and not is_straight(d)]
                if series is None or series.size == 0:
                    return "unknown" if curves else "missing"
                if any(shows_series(d, series.ravel()) for d in drawn):
                    return "shown"
                return "other" if curves else "missing"

    def _line(self, drawn: Sequence[Drawn], evidence: Evidence) -> Outcome:
        points, line = self._pair("points", evidence), self._pair("line", evidence)
        spread = 0.0 if points is None or points[1].size == 0 else float(np.ptp(points[1]))
        if line is not None and any(shows_line(d, *line, spread) for d in drawn):
            return "shown"
        if points is not None and points[0].size > 2:
            fitted, _ = least_squares(points[0].reshape(-1, 1), points[1])
            near = NEAR if line is not None else ROUGHLY
            if any(shows_line(d, points[0], fitted.ravel(), spread, near) for d in drawn):
                return "shown"
        if line is None and points is None:
            return "unknown" if any(d.joined for d in drawn) else "missing"
        beside = [
            p for p in self._pictures(evidence) if points and any(shows_points(d, *points) for d in p.drawn)
        ]
        return "other" if any(d.joined for p in beside for d in p.drawn) else "missing"

    def _pictures(self, evidence: Evidence) -> tuple[Picture, ...]:
        """The figures of the student's own cells."""
        observation = evidence.answers.get(f"{self.id}/figures")
        value = None if observation is None else observation.value
        return pictures(value, evidence.handout.values()) or ()

    def _pair(self, name: str, evidence: Evidence) -> tuple[Floats, Floats] | None:
        x, y = self._values(name, "x", evidence), self._values(name, "y", evidence)
        if x is None or y is None or x.size != y.size:
            return None
        return x.ravel(), y.ravel()

    def _values(self, name: str, axis: str, evidence: Evidence) -> Floats | None:
        observation = evidence.answers.get(f"{self.id}/{name}")
        if observation is None or observation.outcome != "answered":
            return None
        return numbers(entries_of(observation).get(axis))

    def _nothing_drawn(self, found: Sequence[Picture], evidence: Evidence) -> Judgement:
        texts = {cell.index: cell.text for cell in evidence.source}
        given = {text.strip() for text in evidence.handout.values()}
        for run in evidence.execution.cells:
            text = texts.get(run.index, "")
            ours = text.strip() in given or not _draws(text)
            if run.error is None or run.error.name == NOT_FILLED_IN or ours:
                continue
            return failed(
                Verdict.RUN_TIME_ERROR,
                say(
                    "There is no figure: the cell that should draw it stopped with {error}.",
                    error=run.error.name,
                ),
                expected=EXPECTED[self.parts[0]],
                got=say("{error}", error=error_words(run.error.name, run.error.message)),
                where=say("Cell {cell} of the notebook", cell=run.index + 1),
                hint=say("Put that cell right first, then run the notebook from the top."),
                cell=run.index,
            )
        if any(picture.others for picture in found):
            return wrong_answer(
                say("A figure is there, but it shows neither points nor curves."),
                expected=EXPECTED[self.parts[0]],
                got=drawn_words(()),
                hint=self.hint,
                staff_note="; ".join(picture.others for picture in found),
            )
        if found:
            return wrong_answer(
                say("The figure is empty: nothing was drawn in it."),
                expected=EXPECTED[self.parts[0]],
                got=say("an empty figure"),
                hint=self.hint,
            )
        return failed(
            Verdict.NOT_ATTEMPTED,
            say("No figure was drawn."),
            got=say("no figure"),
            expected=EXPECTED[self.parts[0]],
            hint=self.hint or say("Draw with matplotlib: `plt.scatter`, `plt.plot`, then `plt.show()`."),
        )


def _draws(text: str) -> bool:
    return any(word in text for word in ("plt.", ".plot(", ".scatter(", ".subplots("))
