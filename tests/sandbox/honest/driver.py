"""Runs all uses in one notebook: `python -m tests.sandbox.honest.driver TIER`.

The limits are those that an exercise has by default.
"""

import json
import sys

from grader.model.rubric import Limits
from grader.sandbox import open_kernel
from grader.sandbox.nursery import NURSERY
from tests.sandbox.honest.uses import USES
from tests.sandbox.notebooks import notebook, outputs_of


def main() -> None:
    """Print what each use showed, as JSON."""
    with open_kernel(tier=sys.argv[1], limits=Limits(), seed=1, preload=("lightning",)) as kernel:
        execution = kernel.execute(notebook(*(use.code for use in USES)))
    NURSERY.close()
    whole = {run.index for run in execution.cells if run.ended in ("completed", "raised")}
    cut_short = [use.key for number, use in enumerate(USES) if number not in whole]
    if cut_short:
        sys.exit(f"did not come to its own end: {', '.join(cut_short)}")
    print(json.dumps({use.key: outputs_of(execution, number) for number, use in enumerate(USES)}))


if __name__ == "__main__":
    main()
