"""A small grader (`python -m tests.sandbox.as_user`): prints as JSON how kernels fare under whatever it runs under.

Its temporary files go to TMPDIR, which should be empty; what is left there at the end is told too. `cold`: with a
kernel that is not warm. `killed`: with a grader that is killed while a student's daemon runs.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from grader.model.probe import Probe
from grader.model.rubric import Limits
from grader.sandbox import choose_tier, open_kernel
from grader.sandbox.nursery import NURSERY
from grader.sandbox.tiers import stronger
from tests.sandbox.notebooks import descendants, gone, notebook, processes_of_kernels, text_of

LIMITS = Limits(cell_s=60, total_s=180, output_bytes=200_000, memory_bytes=3 << 30)
TWICE = Probe(id="task.word/0", code="return double(x)", inputs={"x": np.array([1.0, 2.5])})
LITTER = (
    "import subprocess, sys\nfor folder in ('.', os.environ['TMPDIR']):\n    os.makedirs(folder + '/mine/mine')\n"
    "    os.chmod(folder + '/mine/mine', 0)\n"
    "process = subprocess.Popen([sys.executable, '-I', '-S', '-c', 'import os, time; os.setsid(); time.sleep(999)'])\n"
    "print('littered')"
)
LEFT = (
    "print([name for folder in ('.', os.environ['TMPDIR']) for name in os.listdir(folder) if 'mine' in name])"
)


def main():
    temporary = Path(tempfile.gettempdir())
    before = set(temporary.iterdir())
    tier = choose_tier("auto")
    zygote = NURSERY.get((), tier, LIMITS)
    told = {"tier": tier, "uid": os.geteuid(), "weakness": NURSERY.weakness((), tier, LIMITS)}
    told["stronger"] = {better: str(reason) for better, reason in stronger(tier).items()}
    with tempfile.TemporaryDirectory() as folder:
        secret = Path(folder) / "secret"
        secret.write_text(secrets.token_hex(8))
        secret.chmod(0o644)
        told["warm"] = kernel(tier, secret)
        told["again"] = kernel(tier, secret)
        if "cold" in sys.argv:
            told["cold"] = kernel(tier, secret, warm=False)
    told["warm was warm"] = zygote is not None and NURSERY.get((), tier, LIMITS) is zygote
    told["processes"] = processes_of_kernels()
    NURSERY.close()
    told["left"] = sorted(str(path) for path in set(temporary.iterdir()) - before)
    if "killed" in sys.argv:
        told["outlived"] = killed(tier)
        told["left by the killed"] = sorted(
            str(path.relative_to(temporary)) for path in temporary.glob("*/*") if path.is_dir()
        )
    print(json.dumps(told))


def kernel(tier, secret, *, warm=True):
    cells = [
        "import os, torch\ndef double(x):\n    return 2 * x\nprint(os.geteuid(), double(torch.ones(1)).item())",
        f"print(os.path.exists({str(secret)!r}))\nopen({str(secret)!r}).read()",
        LEFT,
        LITTER,
    ]
    with open_kernel(tier=tier, limits=LIMITS, seed=1, warm=warm) as opened:
        execution = opened.execute(notebook(*cells))
        observation = opened.ask(TWICE)
    uid, doubled = text_of(execution, 0).split()
    return {
        "cells": [run.ended for run in execution.cells],
        "uid": int(uid),
        "doubled": float(doubled),
        "secret exists": text_of(execution, 1).strip(),
        "secret": execution.cells[1].error.name if execution.cells[1].error else "was read",
        "left by another": text_of(execution, 2).strip(),
        "probe": observation.outcome,
        "answer": observation.value.array.tolist() if observation.outcome == "answered" else None,
    }


def killed(tier):
    """Which processes of a grader are still there after it was killed."""
    line = [sys.executable, "-P", "-m", "tests.sandbox.as_user", "victim", tier]
    with subprocess.Popen(line, stdout=subprocess.PIPE) as grader:
        assert grader.stdout.readline() == b"littered\n"
        left = descendants(grader.pid)
        assert len(left) > 2
        grader.send_signal(signal.SIGKILL)
    return (
        []
        if gone(left)
        else [Path(f"/proc/{p}/cmdline").read_text() for p in left if Path(f"/proc/{p}").exists()]
    )


def victim(tier):
    with open_kernel(tier=tier, limits=LIMITS, seed=1, warm=False) as opened:
        print(text_of(opened.execute(notebook("import os\n" + LITTER)), 0).strip(), flush=True)
        signal.pause()


if __name__ == "__main__":
    victim(sys.argv[2]) if sys.argv[1:2] == ["victim"] else main()
