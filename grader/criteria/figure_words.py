"""What to tell a student about figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from grader.criteria.pictures import Drawn
from grader.model.text import Text, say

Part = Literal["points", "line", "series"]
Outcome = Literal["shown", "missing", "other", "apart", "unknown"]
"""Shown; nothing of that kind is there; something of that kind shows other data; in another figure than it should be;
its values are not known."""

EXPECTED: dict[Part, Text] = {
    "points": say("a figure with the data as points"),
    "line": say("a figure with the fitted line"),
    "series": say("a figure with the loss curve"),
}
MISSING: dict[Part, Text] = {
    "points": say("The data are not shown as points."),
    "line": say("The fitted line is not drawn."),
    "series": say("The loss curve is not drawn."),
}
APART = say("The points and the line are drawn, but not in the same figure.")
OTHER: dict[Part, Text] = {
    "points": say("There are points in the figures, but they are not the data."),
    "line": say("There is a line in the figures, but it is not the fitted one."),
    "series": say(
        "There is a curve in the figures, but it does not show the losses that the notebook recorded."
    ),
}


def drawn_words(drawn: Sequence[Drawn]) -> Text:
    """What the figures show."""
    return say(
        "lines: {lines}, clouds of points: {clouds}, in all figures",
        lines=sum(one.joined for one in drawn),
        clouds=sum(one.marked for one in drawn),
    )
