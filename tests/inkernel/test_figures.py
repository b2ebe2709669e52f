"""The record of what matplotlib drew, taken in a process of its own as a kernel would."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from typing import Any

import numpy as np

HARNESS = """
import json, sys
import numpy as np
from IPython.core.interactiveshell import InteractiveShell
from grader.inkernel import figures as recorder

shell = InteractiveShell.instance()
assert "matplotlib" not in sys.modules
recorder.install(shell)
for cell in json.loads(sys.stdin.read()):
    result = shell.run_cell(cell, store_history=True)
    assert result.success, result.error_in_exec
assert recorder.HOOKED in sys.modules or not recorder.figures()

def plain(value):
    if isinstance(value, np.ndarray):
        assert value.dtype == np.float64 and value.ndim == 2 and value.shape[0] == 2
        return value.tolist()
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    return [plain(v) for v in value] if isinstance(value, list) else value

print("RECORD" + json.dumps(plain(recorder.figures())))
"""


def record(*cells: str, backend: str = "agg") -> list[dict[str, Any]]:
    texts = [textwrap.dedent(cell) for cell in cells]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", HARNESS],
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=False,
        env={"MPLBACKEND": backend, "PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "MPLCONFIGDIR": "/tmp"},
    )
    assert done.returncode == 0, done.stderr
    record: list[dict[str, Any]] = json.loads(done.stdout.rpartition("RECORD")[2])
    return record


def test_closed_and_open_figures_are_recorded() -> None:
    figures = record(
        "import matplotlib.pyplot as plt",
        "plt.plot([1, 2, 3], [4, 5, 6], 'o-', label='a'); plt.yscale('log'); plt.title('T'); plt.close()",
        "plt.scatter([1, 2], [3, 4])",
    )
    first, second = (figure["axes"][0] for figure in figures)
    assert first["lines"][0] == {
        "data": [[1, 2, 3], [4, 5, 6]],
        "label": "a",
        "style": "-",
        "marker": "o",
        "of": "3",
    }
    assert (first["title"], first["yscale"]) == ("T", "log")
    assert second["points"][0]["data"] == [[1, 2], [3, 4]]
    assert figures[0]["cell"] != figures[1]["cell"]


def test_figure_closed_by_show_of_jupyter_in_the_cell_that_imports_is_recorded() -> None:
    figures = record(
        """
        import matplotlib.pyplot as plt
        plt.plot([3, 2, 1])
        plt.show()
        fig, ax = plt.subplots(1, 2)
        ax[1].bar([1, 2], [5, 6])
        plt.close("all")
        """,
        backend="module://matplotlib_inline.backend_inline",
    )
    assert figures[0]["axes"][0]["lines"][0]["data"] == [[0, 1, 2], [3, 2, 1]]
    assert figures[1]["axes"][1]["bars"][0]["data"] == [[1, 2], [5, 6]]


def test_notebook_without_matplotlib_records_nothing() -> None:
    assert record("x = 1") == []


ODD_DATA: list[tuple[str, list[float | None]]] = [
    ("plt.plot(np.array(['2024-01-01', '2024-01-02'], dtype='datetime64[D]'), [1, 2])", [1, 2]),
    ("plt.plot(['a', 'b'], [1, 2])", [1, 2]),
    ("plt.plot(np.ma.masked_equal([1, 0, 3], 0))", [1, None, 3]),
    ("plt.plot([1, float('nan'), 3])", [1, None, 3]),
    ("plt.plot([], [])", []),
    ("plt.plot(torch.tensor([1.0, 2.0]))", [1, 2]),
    ("plt.plot(torch.tensor([[1.0], [2.0]]).numpy())", [1, 2]),
    ("plt.semilogy([[1.0], [2.0]])", [1, 2]),
    ("plt.axline((0, 1), slope=0)", [1, 1]),
    ("plt.axline((0, 1), (5, 1))", [1, 1]),
    ("plt.step([0, 1], [1, 2])", [1, 2]),
]


def test_odd_data_survive() -> None:
    codes = [f"plt.figure()\n{code}" for code, _ in ODD_DATA]
    figures = record("import matplotlib.pyplot as plt, numpy as np, torch", *codes)
    for figure, (code, expected) in zip(figures, ODD_DATA, strict=True):
        (line,) = figure["axes"][0]["lines"]
        assert [None if np.isnan(v) else v for v in line["data"][1]] == expected, code


def test_broken_artist_does_not_stop_the_notebook() -> None:
    figures = record(
        """
        import matplotlib.pyplot as plt
        line, = plt.plot([1, 2])
        line.get_xydata = lambda: 1 / 0
        plt.plot([3, 4])
        plt.imshow([[1, 2], [3, 4]])
        plt.gca().add_collection(plt.fill_between([0, 1], [1, 2]))
        plt.close()
        """
    )
    axes = figures[0]["axes"][0]
    assert [line["data"][1] for line in axes["lines"]] == [[3, 4]]
    assert "AxesImage" in axes["others"]


def test_three_dimensions_polar_and_empty_figures_survive() -> None:
    figures = record(
        """
        import matplotlib.pyplot as plt
        plt.figure()
        plt.figure().add_subplot(projection="3d").plot([1, 2], [3, 4], [5, 6])
        plt.figure().add_subplot(projection="polar").plot([1, 2], [3, 4])
        """
    )
    assert len(figures) == 3
    assert figures[0]["axes"] == []


def test_many_figures_keep_those_of_other_cells() -> None:
    figures = record(
        "import matplotlib.pyplot as plt",
        "plt.plot([7, 7]); plt.close()",
        "for k in range(40):\n    plt.plot([k, k])\n    plt.close()",
    )
    assert len(figures) == 16
    heights = [figure["axes"][0]["lines"][0]["data"][1][0] for figure in figures]
    assert heights == [7, *range(25, 40)]


def test_large_data_are_subsampled_evenly_and_say_so() -> None:
    figures = record(
        "import matplotlib.pyplot as plt, numpy as np",
        "for k in range(20): plt.plot(np.arange(100_001))",
        "for k in range(70): plt.plot([k])",
    )
    lines = [line for figure in figures for axes in figure["axes"] for line in axes["lines"]]
    assert len(lines) == 48
    assert sum(len(line["data"][0]) for line in lines) <= 150_000
    x = lines[0]["data"][0]
    assert (x[0], x[-1], lines[0]["of"]) == (0, 100_000, "100001")
    assert max(np.diff(x)) <= 1.5 * min(np.diff(x))


def test_figure_shown_twice_is_recorded_once() -> None:
    figures = record(
        """
        import matplotlib.pyplot as plt
        from grader.inkernel import figures as recorder
        fig, ax = plt.subplots()
        ax.plot([1, 2])
        recorder.figures()
        ax.plot([3, 4])
        plt.close(fig)
        """
    )
    assert [len(figure["axes"][0]["lines"]) for figure in figures] == [2]
