"""What runs in a worker process: one job at a time, no Ctrl-C, an orderly end when told, and none without a grader."""

from __future__ import annotations

import io
import multiprocessing
import os
import pickle
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from multiprocessing.connection import wait
from typing import Any, NoReturn, TypeVar

from grader.errors import GraderError

Item = TypeVar("Item")
Result = TypeVar("Result")

PATIENCE_S = 5.0
"""Seconds that a worker has, when it must stop, to end its kernel in order."""


class _Stop(SystemExit):
    """Raised in a worker's job by SIGTERM, so that it leaves its context managers; asyncio lets it through."""


_busy = threading.Event()
_orphaned = threading.Event()
"""The grader is gone: nobody else clears away this worker's temporary files."""


def become_worker(folder: str, zygotes: socket.socket) -> None:
    """Ignore Ctrl-C, which is the grader's to handle; end on SIGTERM; end when the grader is gone."""
    tempfile.tempdir = folder
    os.setsid()  # a terminal's Ctrl-C reaches the grader only, and a kill reaches all that this worker started
    signal.signal(
        signal.SIGINT, _ignore
    )  # a function: kernels would inherit SIG_IGN and could not be interrupted
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGTERM, _end)
    threading.Thread(target=_end_with_grader, daemon=True).start()
    from grader.sandbox.nursery import NURSERY  # here: slow, and a grader that ends meanwhile must be noticed

    NURSERY.borrow_through(zygotes)


def _ignore(_number: int, _frame: Any) -> None:
    pass


def _end(_number: int, _frame: Any) -> NoReturn:
    if _busy.is_set():
        sys.stderr = io.StringIO()  # asyncio and zmq complain of all that ends half-way
        raise _Stop
    _leave()


def _leave() -> NoReturn:
    if _orphaned.is_set():
        shutil.rmtree(tempfile.gettempdir(), ignore_errors=True)
    os._exit(0)


def _end_with_grader() -> None:
    grader = multiprocessing.parent_process()
    if grader is None:
        return
    wait([grader.sentinel])
    _orphaned.set()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE_S)
    os.killpg(os.getpid(), signal.SIGKILL)


def attempt(work: Callable[[Item], Result], item: Item) -> Result:
    """Do one job in the worker; its error comes back even where it cannot travel by itself."""
    _busy.set()
    try:
        return work(item)
    except _Stop:
        _leave()
    except Exception as error:
        if _travels(error):
            raise
        raise GraderError("".join(traceback.format_exception(error))) from None
    finally:
        _busy.clear()


def _travels(error: Exception) -> bool:
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  made one line above
    except Exception:  # noqa: BLE001  pickling calls the error's own code
        return False
    return True
