"""A small grader (`python -m tests.sandbox.as_user`): prints as JSON how kernels fare under the user it runs as.

Its temporary files go to TMPDIR, which should be empty; what is left there at the end is told too.
"""

import json
import os
import secrets
import tempfile
from pathlib import Path

import numpy as np

from grader.model.probe import Probe
from grader.model.rubric import Limits
from grader.sandbox import choose_tier, open_kernel
from grader.sandbox.zygote import NURSERY
from tests.sandbox.notebooks import notebook, text_of

LIMITS = Limits(cell_s=60, total_s=180, output_bytes=200_000, memory_bytes=3 << 30)
TWICE = Probe(id="task.word/0", code="return double(x)", inputs={"x": np.array([1.0, 2.5])})


def main():
    temporary = Path(tempfile.gettempdir())
    before = set(temporary.iterdir())
    tier = choose_tier("auto")
    zygote = NURSERY.get(())
    told = {"tier": tier, "uid": os.geteuid(), "weakness": NURSERY.weakness(())}
    with tempfile.TemporaryDirectory() as folder:
        secret = Path(folder) / "secret"
        secret.write_text(secrets.token_hex(8))
        secret.chmod(0o644)
        told["cold"], told["warm"] = (kernel(tier, secret, warm=warm) for warm in (False, True))
    told["warm was warm"] = zygote is not None and NURSERY.get(()) is zygote
    NURSERY.close()
    told["left"] = sorted(str(path) for path in set(temporary.iterdir()) - before)
    print(json.dumps(told))


def kernel(tier, secret, *, warm):
    cells = [
        "import os, torch\ndef double(x):\n    return 2 * x\nprint(os.geteuid(), double(torch.ones(1)).item())",
        f"print(os.path.exists({str(secret)!r}))\nopen({str(secret)!r}).read()",
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
        "probe": observation.outcome,
        "answer": observation.value.array.tolist() if observation.outcome == "answered" else None,
    }


if __name__ == "__main__":
    main()
