"""Reads what matplotlib's artists show: lines, points and bars as plain arrays, all else as words.

In: a figure, which a student's code may have made of objects of its own (`described`). Out: plain data, within what the
wire takes (`fitted`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

MOST_ARRAYS = 48
MOST_POINTS = 20_000
MOST_POINTS_IN_ALL = 150_000
LONGEST_WORDS = 200

Artist = dict[str, Any]
Figure = dict[str, Any]


def described(figure: Any, cell: str) -> Figure:
    """What a figure shows, as `figures.figures` gives it; `cell`: of the cell that drew it."""
    axes = _or_nothing(lambda: [_axes(a) for a in figure.axes]) or []
    return {"cell": cell, "axes": [a for a in axes if a]}


def _axes(axes: Any) -> dict[str, Any]:
    lines: list[Artist] = []
    points: list[Artist] = []
    bars: list[Artist] = []
    others: dict[str, int] = {}
    bar_patches = {id(p) for c in axes.containers for p in getattr(c, "patches", ())}
    for artist in axes.get_children():
        kind = type(artist).__name__
        if not _or_nothing(artist.get_visible):
            continue
        if hasattr(artist, "get_xydata"):
            _add(lines, artist, partial(_line_data, artist, axes))
        elif hasattr(artist, "get_offsets") and kind == "PathCollection":
            _add(points, artist, partial(_point_data, artist))
        elif artist in axes.collections or artist in axes.images or id(artist) in bar_patches:
            others[kind] = others.get(kind, 0) + 1
    for container in axes.containers:
        if getattr(container, "patches", ()):
            _add(bars, container, partial(_bar_data, container))
    return {
        "title": _words(axes.get_title),
        "xlabel": _words(axes.get_xlabel),
        "ylabel": _words(axes.get_ylabel),
        "xscale": _words(axes.get_xscale),
        "yscale": _words(axes.get_yscale),
        "lines": lines,
        "points": points,
        "bars": bars,
        "others": ", ".join(f"{count} {kind}" for kind, count in others.items())[:LONGEST_WORDS],
    }


def _line_data(line: Any, axes: Any) -> Any:
    if hasattr(line, "get_slope"):  # axline: endless, given by a point and a slope
        x0, y0 = line.get_xy1()
        slope = line.get_slope()
        if slope is None:
            x1, y1 = line.get_xy2()
            slope = (y1 - y0) / (x1 - x0)
        x = np.asarray(axes.get_xlim(), dtype=np.float64)
        return np.stack([x, y0 + slope * (x - x0)])
    return line.get_xydata().T if line.get_xydata() is not None else line.get_data(orig=False)


def _point_data(points: Any) -> Any:
    return np.ma.asarray(points.get_offsets()).T


def _bar_data(container: Any) -> Any:
    return np.asarray(
        [[p.get_x() + p.get_width() / 2, p.get_y() + p.get_height()] for p in container.patches]
    ).T


def _add(artists: list[Artist], artist: Any, data: Callable[[], Any]) -> None:
    array = _or_nothing(lambda: _plain(data()))
    if array is None:
        return
    artists.append(
        {
            "data": _subsampled(array, MOST_POINTS),
            "label": _words(artist.get_label),
            "style": _words(getattr(artist, "get_linestyle", str)),
            "marker": _words(getattr(artist, "get_marker", str)),
            "of": str(array.shape[1]),
        }
    )


def _plain(data: Any) -> npt.NDArray[np.float64] | None:
    """`[2, n]` in float64; masked values become NaN; None when it is no pair of rows."""
    array = np.ma.filled(np.ma.asarray(data, dtype=np.float64), np.nan)
    if array.ndim != 2 or array.shape[0] != 2:
        return None
    return np.ascontiguousarray(array)


def _subsampled(array: npt.NDArray[np.float64], most: int) -> npt.NDArray[np.float64]:
    """Evenly spaced columns, first and last among them."""
    if array.shape[1] <= most:
        return array
    return np.ascontiguousarray(array[:, np.linspace(0, array.shape[1] - 1, most).round().astype(np.int64)])


def fitted(recorded: list[Figure]) -> list[Figure]:
    """Within the wire's limits: fewer points an artist first, then fewer artists."""
    artists = [
        artist
        for figure in recorded
        for axes in figure["axes"]
        for kind in ("lines", "points", "bars")
        for artist in axes[kind]
    ]
    kept = {id(artist) for artist in artists[:MOST_ARRAYS]}
    most = MOST_POINTS
    while sum(min(most, a["data"].shape[1]) for a in artists[:MOST_ARRAYS]) > MOST_POINTS_IN_ALL:
        most //= 2

    def thinned(axes: dict[str, Any]) -> dict[str, Any]:
        fewer = {
            kind: [a | {"data": _subsampled(a["data"], most)} for a in axes[kind] if id(a) in kept]
            for kind in ("lines", "points", "bars")
        }
        return axes | fewer

    return [figure | {"axes": [thinned(axes) for axes in figure["axes"]]} for figure in recorded]


def _words(get: Callable[[], Any]) -> str:
    return str(_or_nothing(get) or "")[:LONGEST_WORDS]


def _or_nothing(get: Callable[[], Any]) -> Any:
    """The value, or None where an artist of the student's own making has none."""
    try:
        return get()
    except Exception:  # noqa: BLE001  a picture that cannot be read must not stop the notebook
        return None
