"""Records what matplotlib drew while a notebook ran: plain arrays and words, no picture.

In: an IPython shell, once, before the first cell (`install`). Out: `figures()`, plain data that the agent sends.
A figure is looked at when it is closed (Jupyter closes each one at the end of its cell) or, when it is still open,
at the time of asking. Nothing is imported or hooked until the notebook imports matplotlib itself.
"""

from __future__ import annotations

import hashlib
import importlib.abc
import importlib.util
import sys
from collections.abc import Callable
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

NO_PICTURES: dict[str, Any] = {"InlineBackend": {"figure_formats": []}}
"""Settings of a kernel that makes plots, and meets what is wrong with their data, but draws no PNG of them."""
MOST_FIGURES = 16
MOST_ARRAYS = 48
MOST_POINTS = 20_000
MOST_POINTS_IN_ALL = 150_000
LONGEST_WORDS = 200

HOOKED = "matplotlib._pylab_helpers"

Artist = dict[str, Any]
Figure = dict[str, Any]


def install(shell: Any) -> None:
    """Start to record in this shell; call before the first cell."""
    if shell is not None:
        shell.events.register("pre_run_cell", _RECORDER.enter_cell)
    if HOOKED in sys.modules:
        _hook(sys.modules[HOOKED])
    elif not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


def figures() -> list[Figure]:
    """What was drawn so far, oldest first: a list of `{"cell", "axes"}`.

    `cell` is the SHA-256 (hex) of the stripped text of the cell that closed the figure. Each of `axes` is
    `{"title", "xlabel", "ylabel", "xscale", "yscale", "lines", "points", "bars", "others"}`; lines, points and
    bars are lists of `{"data": float64 [2, n], "label", "style", "marker", "of"}` where `of` is how many points
    there were before an even subsampling. All else is words, so that arrays are few.
    """
    _RECORDER.look_at_open_figures()
    return _fitted(_RECORDER.kept())


def remembered() -> dict[int, Any]:
    """What was noted so far, to be given to `remember_only`."""
    return dict(_RECORDER.seen)


def remember_only(noted: dict[int, Any]) -> None:
    """Forget what was drawn since."""
    _RECORDER.seen = dict(noted)


class _Recorder:
    """The figures seen so far."""

    def __init__(self) -> None:
        self.cell = ""
        self.seen: dict[int, tuple[Any, Figure]] = {}

    def enter_cell(self, info: Any) -> None:
        text = str(getattr(info, "raw_cell", "") or "")
        self.cell = hashlib.sha256(text.strip().encode("utf-8", "replace")).hexdigest()

    def look_at(self, figure: Any, *, cell: str | None = None) -> None:
        """Note what a figure shows now; a figure seen before is noted anew."""
        before = self.seen.pop(id(figure), None)
        if cell is None:
            cell = before[1]["cell"] if before else self.cell
        self.seen[id(figure)] = (figure, _described(figure, cell))
        if len(self.seen) > MOST_FIGURES:
            self._forget_one()

    def look_at_open_figures(self) -> None:
        module = sys.modules.get(HOOKED)
        if module is not None:
            for manager in list(module.Gcf.figs.values()):
                self.look_at(manager.canvas.figure)

    def kept(self) -> list[Figure]:
        return [described for _, described in self.seen.values()]

    def _forget_one(self) -> None:
        """Drop the earliest figure of the cell that drew most: a curve drawn anew at each epoch, say."""
        cells = [described["cell"] for described in self.kept()]
        busiest = max(cells, key=cells.count)
        del self.seen[next(key for key, (_, d) in self.seen.items() if d["cell"] == busiest)]


_RECORDER = _Recorder()


class _Finder(importlib.abc.MetaPathFinder):
    """Hooks matplotlib's list of figures at the moment that somebody imports it."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname != HOOKED:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(importlib.abc.Loader):
    """The module's own loader, followed by the hook."""

    def __init__(self, loader: Any) -> None:
        self.loader = loader

    def create_module(self, spec: Any) -> Any:
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self.loader.exec_module(module)
        _hook(module)


def _hook(module: ModuleType) -> None:
    gcf: Any = module.Gcf
    if getattr(gcf, "_recorded", False):
        return
    gcf._recorded = True
    destroy, destroy_all = gcf.destroy, gcf.destroy_all

    def recorded_destroy(cls: Any, num: Any) -> None:
        manager = cls.figs.get(num) if isinstance(num, int) else num
        if manager in cls.figs.values():
            _RECORDER.look_at(manager.canvas.figure, cell=_RECORDER.cell)
        destroy(num)

    def recorded_destroy_all(cls: Any) -> None:
        for manager in list(cls.figs.values()):
            _RECORDER.look_at(manager.canvas.figure, cell=_RECORDER.cell)
        destroy_all()

    gcf.destroy = classmethod(recorded_destroy)
    gcf.destroy_all = classmethod(recorded_destroy_all)


def _described(figure: Any, cell: str) -> Figure:
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


def _fitted(recorded: list[Figure]) -> list[Figure]:
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
