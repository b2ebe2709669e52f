"""Records what matplotlib drew while a notebook ran: plain arrays and words, no picture.

In: an IPython shell, once, before the first cell (`install`). Out: `figures()`, plain data that the agent sends.
A figure is looked at when it is closed (Jupyter closes each one at the end of its cell) or, when it is still open,
at the time of asking. Nothing is imported or hooked until the notebook imports matplotlib itself.
"""

from __future__ import annotations

import hashlib
import sys
from types import ModuleType
from typing import Any

from .artists import Figure, described, fitted
from .import_hooks import when_imported

NO_PICTURES: dict[str, Any] = {"InlineBackend": {"figure_formats": []}}
"""Settings of a kernel that makes plots, and meets what is wrong with their data, but draws no PNG of them."""
MOST_FIGURES = 16

HOOKED = "matplotlib._pylab_helpers"


def install(shell: Any) -> None:
    """Start to record in this shell; call before the first cell."""
    if shell is not None:
        shell.events.register("pre_run_cell", _RECORDER.enter_cell)
    when_imported(HOOKED, _hook)


def figures() -> list[Figure]:
    """What was drawn so far, oldest first: a list of `{"cell", "axes"}`.

    `cell` is the SHA-256 (hex) of the stripped text of the cell that closed the figure. Each of `axes` is
    `{"title", "xlabel", "ylabel", "xscale", "yscale", "lines", "points", "bars", "others"}`; lines, points and
    bars are lists of `{"data": float64 [2, n], "label", "style", "marker", "of"}` where `of` is how many points
    there were before an even subsampling. All else is words, so that arrays are few.
    """
    _RECORDER.look_at_open_figures()
    return fitted(_RECORDER.kept())


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
        self.seen[id(figure)] = (figure, described(figure, cell))
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
