"""The losses that a notebook recorded of its own training, thinned for drawing."""

from __future__ import annotations

from grader.model.base import Frozen


class Curve(Frozen):
    """One history of losses; what the student's process says of itself, and no evidence of anything."""

    criterion: str
    """That which looks at the history."""
    values: tuple[float, ...]
    """First and last included, evenly thinned; with four digits."""
    length: int
    """Entries before thinning."""
    reference: tuple[float, ...] = ()
    """The reference's, thinned likewise."""
