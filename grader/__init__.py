"""`grade`: executes deep-learning notebooks, asks them questions, judges outside, and reports."""

from __future__ import annotations

from typing import Any


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext grader`: give IPython's shell the magic `%check`."""
    from grader.selfcheck.live.magic import register  # here, so that `import grader` stays light

    register(shell)
