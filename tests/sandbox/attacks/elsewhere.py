"""Shows that attacks work where tier `none` is not the place: in a plain child, or as root of a namespace."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from tests.sandbox.attacks.attack import Attack, preamble, told
from tests.sandbox.attacks.targets import Leaks, Targets
from tests.sandbox.forbidding import ORDINARY

PATIENCE_S, ENDS_S = 2.0, 15.0
AT_A_TIME = 4
"""Attacks that are shown side by side; most of their time is waiting."""
PLACES = {
    # A shell in between is the parent that an attack may kill.
    "bare": ["/bin/sh", "-c", '"$@"; exit $?', "sh"],
    "dropped": [],
    "namespace": ["unshare", "-Urpf", "--mount-proc"],
}

NOTEBOOK = """
import json, resource, sys
import nbclient, nbformat
grown = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
cells = [nbformat.v4.new_code_cell(cell) for cell in json.loads(sys.argv[1])]
made, before = nbformat.v4.new_notebook(cells=cells), grown()
try:
    nb = nbclient.NotebookClient(made, kernel_name="python3", timeout=10).execute()
except BaseException as error:
    print("FELL OVER", type(error).__name__)
else:
    text = json.dumps(nb.cells[1].outputs)
    print("".join(output.get("text", "") for output in nb.cells[1].outputs)[-1000:])
    print("LATE" if "late" not in text and "idle" in cells[1].source else "")
    try:
        nbformat.writes(nb)
    except BaseException as error:
        print("FELL OVER", type(error).__name__)
print("GREW" if grown() - before > 100 else "", grown() - before)
"""


def shown(attacks: list[Attack], leaks: Leaks) -> dict[str, dict[str, Any]]:
    """What each attack reached at its place."""
    shown = [one for one in attacks if one.proof in (*PLACES, "jupyter")]
    with Targets(os.geteuid(), "none", leaks) as targets, ThreadPoolExecutor(AT_A_TIME) as pool:
        outcomes = list(pool.map(partial(_shown, targets=targets), shown))
    return dict(zip((one.key for one in shown), outcomes, strict=True))


def _shown(one: Attack, targets: Targets) -> dict[str, Any]:
    if one.proof == "jupyter":
        return _in_jupyter(one, targets)
    asked = {
        "source": one.source,
        "key": one.key,
        "preamble": preamble("ga-elsewhere"),
        "become": ORDINARY if one.proof == "dropped" and os.geteuid() == 0 else None,
        "targets": targets.plant(one.key, victim=False) | {"mark": "ga-elsewhere", "name": "ga-elsewhere"},
    }
    line = [
        *PLACES[one.proof],
        sys.executable,
        "-P",
        str(Path(__file__).parent / "bare.py"),
        json.dumps(asked),
    ]
    with subprocess.Popen(
        line,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=targets.folder,
        close_fds=False,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            process.wait(PATIENCE_S if one.seen in ("ended", "left") else ENDS_S)
            lasted = False
        except subprocess.TimeoutExpired:
            lasted = True
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        text, errors = process.stdout.read(), process.stderr.read()
    found: dict[str, Any] = {"reached": "", **told(text).get(one.key, {})}
    if one.seen in ("ended", "left"):
        found["reached"] = "it goes on" if lasted else ""
    if one.seen == "victim":
        harmed = "VICTIM false" in text or process.returncode in (-9, 128 + 9)
        found["reached"] = "the victim was harmed" if harmed else ""
    return found | ({"errors": errors[-500:]} if errors else {})


def _in_jupyter(one: Attack, targets: Targets) -> dict[str, Any]:
    cells = [preamble("ga-elsewhere"), one.cell(targets.plant(one.key, victim=False))]
    folder = str(targets.folder)
    run = subprocess.run(
        [sys.executable, "-P", "-W", "ignore", "-c", NOTEBOOK, json.dumps(cells)],
        env=os.environ | {"HOME": folder, "TMPDIR": folder},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    found = {"reached": "", **told(run.stdout).get(one.key, {}), "errors": run.stderr[-500:]}
    if one.seen == "grader":
        found["reached"] = ", ".join(re.findall("FELL OVER .*|LATE|GREW.*", run.stdout))
    return found
