"""Programs in processes of their own that need not import torch anew: each is a fork of one that has.

with WarmProcess("torch") as warm:
    warm.run("import torch; print(torch.__version__)")
    warm.run_module("tests.some_program", "an argument")
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from typing import Any, Self

LONGEST_S = 300


class WarmProcess:
    """Has imported `modules`, in the environment of the tests and `more`; for one program at a time."""

    def __init__(self, *modules: str, **more: str) -> None:
        line = [sys.executable, "-m", __name__, *modules]
        self._process = subprocess.Popen(
            line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **more}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def run(self, code: str) -> str:
        """What a program prints; one that fails is an error."""
        return self._told(code=code)

    def run_module(self, name: str, *arguments: str) -> str:
        """As `python -m name` with arguments."""
        return self._told(module=name, arguments=arguments)

    def _told(self, **program: Any) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(program), file=self._process.stdin, flush=True)
        told = json.loads(self._process.stdout.readline())
        assert told["code"] == 0, told["errors"][-3000:]
        printed: str = told["printed"]
        return printed


def serve(modules: list[str]) -> None:
    """Import, then run the programs that come as lines of JSON, until there are no more."""
    for name in modules:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        with tempfile.TemporaryFile("w+") as printed, tempfile.TemporaryFile("w+") as errors:
            child = os.fork()
            if child == 0:
                os.dup2(printed.fileno(), 1)
                os.dup2(errors.fileno(), 2)
                os._exit(_run(json.loads(line)))
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            printed.seek(0)
            errors.seek(0)
            print(json.dumps({"code": code, "printed": printed.read(), "errors": errors.read()}), flush=True)


def _run(program: Mapping[str, Any]) -> int:
    signal.alarm(LONGEST_S)
    try:
        if "code" in program:
            exec(compile(program["code"], "<program>", "exec"), {"__name__": "__main__"})
        else:
            sys.argv = [program["module"], *program["arguments"]]
            runpy.run_module(program["module"], run_name="__main__", alter_sys=True)
    except BaseException:  # noqa: BLE001 - a fork must end here, come what may
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


if __name__ == "__main__":
    serve(sys.argv[1:])
