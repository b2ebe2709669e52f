"""What is said of a Dask cluster that cannot be used, or is gone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

from grader.errors import ClusterError
from grader.model.text import Text, say

_MOST_REASONS = 4


def gone(address: str) -> ClusterError:
    """The scheduler does not answer any more."""
    return ClusterError(
        say(
            "The Dask scheduler at {address} is gone. What was graded is kept; the same command goes on.",
            address=address,
        )
    )


def none_suits(address: str, refused: Mapping[str, Text]) -> ClusterError:
    """All workers were asked and refused; `refused` has the reason of each."""
    return ClusterError(
        say(
            "None of the Dask workers at {address} suits. {reasons}",
            address=address,
            reasons=_reasons(refused),
        )
    )


def none_came(address: str, patience_s: float, refused: Mapping[str, Text]) -> ClusterError:
    """No worker suited while patience lasted."""
    return ClusterError(
        say(
            "No Dask worker at {address} was ready for jobs in {seconds} s. {reasons} What was graded is kept; the"
            " same command goes on.",
            address=address,
            seconds=round(patience_s),
            reasons=_reasons(refused),
        )
    )


def _reasons(refused: Mapping[str, Text]) -> Text | str:
    each = [
        say("{address}: {reason}.", address=address, reason=reason) for address, reason in refused.items()
    ]
    if not each:
        return ""
    return reduce(lambda before, one: say("{before} {one}", before=before, one=one), each[:_MOST_REASONS])
