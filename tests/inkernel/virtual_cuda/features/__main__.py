"""Run all features in this process with the device, and print as JSON what went wrong with each.

null: it works; a text beginning with `refused: `: it said that it cannot; another text: it failed.
"""

from __future__ import annotations

import json
import sys
import traceback
import warnings

from grader.inkernel import virtual_cuda
from tests.inkernel.virtual_cuda.features import FEATURES

warnings.simplefilter("ignore")


def outcomes() -> dict[str, str | None]:
    """Of each feature."""
    found: dict[str, str | None] = {}
    for name, check in FEATURES.items():
        try:
            check()
            found[name] = None
        except virtual_cuda.VirtualDeviceUnsupported as error:
            found[name] = f"refused: {error}"
        except Exception:  # noqa: BLE001  whatever goes wrong is the outcome
            found[name] = traceback.format_exc()[-3000:]
    return found


if __name__ == "__main__":
    virtual_cuda.install()
    print(json.dumps(outcomes()), file=sys.stdout)
