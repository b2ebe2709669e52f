"""Where jobs run. An executor maps a function over items, out of order, and survives whatever a job does.

A new one (a cluster) is one file that does what `interface.Executor` says.
"""

from grader.executors.interface import Executor, Outcome
from grader.executors.local import LocalExecutor

__all__ = ["Executor", "LocalExecutor", "Outcome"]
