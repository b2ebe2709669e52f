"""The connection to a Dask scheduler, or a clear word on why there is none."""

from __future__ import annotations

import json
import logging
import threading
import warnings
from concurrent.futures import Future
from pathlib import Path

from distributed import Client
from distributed.security import Security
from distributed.versions import VersionMismatchWarning

from grader.errors import ClusterError
from grader.model.file_words import reason_of
from grader.model.text import say

CONNECT_S = 15.0
"""How long a scheduler may take to answer."""


def connect(address: str) -> Client:
    """A client of the scheduler at an address, or at the one that its JSON file names.

    Certificates for `tls://` come from Dask's own configuration. Raises: ClusterError.
    """
    for name in ("distributed", "distributed.client"):  # we tell what matters in words of our own
        logging.getLogger(name).setLevel(logging.CRITICAL)
    if address.endswith(".json"):
        address = _read(Path(address))
    trial: Future[Client] = Future()
    threading.Thread(target=_try, args=(address, trial), daemon=True).start()
    try:
        return trial.result(timeout=2 * CONNECT_S)
    except TimeoutError as error:  # Dask waits for ever for a listener that says nothing
        reason = str(error) or say("there is something, but it does not talk as one")
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        reason = str(error)
    raise ClusterError(
        say(
            "No Dask scheduler answers at {address}: {reason}. Is it running, and does no firewall stand between?",
            address=address,
            reason=reason,
        )
    )


def _try(address: str, trial: Future[Client]) -> None:
    try:
        if address.startswith("tls:") and not Security().get_connection_args("client")["ssl_context"]:
            raise ValueError("Dask's configuration names no certificates (distributed.comm.tls)")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VersionMismatchWarning)
            client = Client(address, timeout=CONNECT_S, set_as_default=False, name="grade")
    except BaseException as error:  # noqa: BLE001  it is raised where it is waited for
        trial.set_exception(error)
    else:
        trial.set_result(client)


def _read(file: Path) -> str:
    try:
        return str(json.loads(file.read_text(encoding="utf-8"))["address"])
    except OSError as error:
        raise ClusterError(
            say(
                "{path}: {reason}; it is written by `dask scheduler --scheduler-file`.",
                path=str(file),
                reason=reason_of(error),
            )
        ) from error
    except (ValueError, TypeError, KeyError) as error:
        raise ClusterError(
            say("{path}: is no scheduler's file, which is JSON with an address.", path=str(file))
        ) from error
