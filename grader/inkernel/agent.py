"""The agent: answers the grader's probes from inside the notebook's kernel.

Probes come as the buffers of one request of a kind of its own: first JSON (of each its nonce, code, names, arguments,
layout of the inputs), then one raw buffer an input. The answer to each is one display message, sent before the next is
looked at: a JSON header in its metadata, and raw buffers. Nothing in here knows what the right answer is; all that goes
out is compared outside.

An execute request could ask the same; IPython would take twice as long over it as over the question.
"""

from __future__ import annotations

import ast
import functools
import io
import json
import linecache
import random
import traceback
import types
import warnings
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import numpy as np
import torch
from jupyter_client.session import Session

from . import computing, device, figures, live_code, parameters, trainings
from .values import Packed, TooLargeError

SOURCE = "<probe>"
ERROR_LENGTH = 2000
TRACEBACK_LENGTH = 8000
MOST_WARNINGS = 5
WARNING_LENGTH = 300
MOST_NAMES = 300

_send = Session.send
_loads, _dumps = json.loads, json.dumps
_from_buffer, _empty, _reshape = torch.frombuffer, torch.empty, torch._C.TensorBase.reshape
_seed_torch, _seed_numpy, _seed_python = torch.default_generator.manual_seed, np.random.seed, random.seed
_has_gpu: Any = torch.cuda.is_initialized
_seed_gpus = torch.cuda.manual_seed_all
_default_dtype, _set_default_dtype = torch.get_default_dtype, torch.set_default_dtype
_usual, _wide = torch.float32, torch.float64
_to = torch._C.TensorBase.to
_parse, _compile, _exec = ast.parse, compile, exec
_format_exception, _getline = traceback.format_exception, linecache.getline
_DTYPES = {
    name: getattr(torch, name)
    for name in [
        "float16",
        "float32",
        "float64",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "bool",
        "complex64",
        "complex128",
    ]
}

REQUEST = "probe_request"
"""The message type, on the shell channel; it is answered on iopub alone."""


class _Silence(io.TextIOBase):
    """Takes what a probe prints, and keeps nothing."""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)


def install(kernel: Any) -> None:
    """Let this kernel answer probes; called once, before the first cell."""

    send: Any = _send
    at_end: list[Any] = []  # the default dtype that the notebook left: no question changes it for the next
    over = functools.partial(kernel.shell.events.trigger, "post_execute")

    def answer(_stream: Any, _sender: Any, parent: dict[str, Any]) -> None:
        questions, *raw = parent["buffers"]
        if not at_end:
            at_end.append(_default_dtype())
        for asked in _loads(bytes(questions)):
            given = [raw.pop(0) for _ in asked["inputs"]]
            try:
                header, buffers = _in_own_dtype(kernel.shell, asked, given, at_end[0])
            finally:
                over()  # as after a cell: what was drawn is not left for the next
            content = {"data": {}, "metadata": {"nonce": asked["nonce"], **header}, "transient": {}}
            send(kernel.session, kernel.iopub_socket, "display_data", content, parent=parent, buffers=buffers)
            if header.get("error", {}).get("name") == KeyboardInterrupt.__name__:
                return  # the grader has stopped this one, and may want no other

    kernel.shell_handlers[REQUEST] = answer


def answer_here(shell: Any, question: bytes, raw: list[Any]) -> tuple[dict[str, Any], Sequence[bytes]]:
    """The same without messages, for who is in this process: header and buffers of one question's answer."""
    [asked] = _loads(question)
    default = _default_dtype()
    try:
        return _in_own_dtype(shell, asked, raw, default)
    finally:
        _set_default_dtype(default)


def _in_own_dtype(
    shell: Any, asked: dict[str, Any], raw: list[Any], default: Any
) -> tuple[dict[str, Any], Sequence[bytes]]:
    """The answer in a notebook with this default dtype: one that computes in float64 is asked in float64.

    What was made before the default was set is of float32: there, the question is put once more in float32. In one that
    computes with fewer digits all is asked in float32.
    """
    told = {"default_dtype": str(default).removeprefix("torch.")}
    _set_default_dtype(_wide if default == _wide else _usual)
    header, buffers = _observed(shell, asked, raw)
    if default == _wide and asked["own_dtype"] and "dtype" in header.get("error", {}).get("message", ""):
        _set_default_dtype(_usual)
        again, more = _observed(shell, {**asked, "own_dtype": False}, raw)
        if again["outcome"] == "answered":
            header, buffers = again, more
    return header | told, buffers


def _observed(shell: Any, asked: dict[str, Any], raw: list[Any]) -> tuple[dict[str, Any], Sequence[bytes]]:
    trainings.stop()
    names = dict(shell.user_ns)
    for required in asked["requires"]:
        if required not in names:
            return {"outcome": "missing", "missing": required, "defined": _defined(shell)}, []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with redirect_stdout(_Silence()), redirect_stderr(_Silence()):
                packed = Packed(_run(shell, names, asked, raw))
        except TooLargeError as error:
            return {"outcome": "refused", "detail": str(error)}, []
        except BaseException as error:  # noqa: BLE001  whatever the student raises is the answer
            header = {"outcome": "raised", "error": _described(shell, error)}
            return header | {"warnings": _words_of(caught)}, []
    return {"outcome": "answered", "tree": packed.tree, "warnings": _words_of(caught)}, packed.buffers


def _run(shell: Any, names: dict[str, Any], asked: dict[str, Any], raw: list[Any]) -> Any:
    is_wide = asked["own_dtype"] and _default_dtype() == _wide
    inputs = {
        name: _to(_tensor(buffer, dtype, shape), _wide)
        if is_wide and dtype == "float32"
        else _tensor(buffer, dtype, shape)
        for (name, dtype, shape), buffer in zip(asked["inputs"], raw, strict=True)
    }
    given = {**inputs, **asked["arguments"]}
    tree = _parse(f"def probe({', '.join(given)}): pass", SOURCE)
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    function.body = _parse(asked["code"], SOURCE).body
    names |= {"torch": torch, "np": np, "figures": figures.figures}
    names |= {name: getattr(parameters, name) for name in parameters.OFFERED}
    names["count_operations"] = computing.count_operations
    names["recorded_trainings"] = functools.partial(trainings.recorded_trainings, dict(names))
    names["live_code"] = functools.partial(live_code.live_code, shell, dict(names))
    if device.state() is not None:
        names["device_record"] = functools.partial(device.device_record, dict(names))
    _exec(_compile(tree, SOURCE, "exec"), names)
    _seed_python(asked["seed"])
    _seed_numpy(asked["seed"] % 2**32)
    _seed_torch(asked["seed"])  # torch.manual_seed would note this call's stack for every sort of GPU: 3 ms
    if _has_gpu():
        _seed_gpus(asked["seed"])
    return names["probe"](**given)


def _tensor(buffer: Any, dtype: str, shape: list[int]) -> Any:
    """A fresh, writable tensor."""
    if not len(buffer):
        return _empty(shape, dtype=_DTYPES[dtype])
    return _reshape(_from_buffer(bytearray(buffer), dtype=_DTYPES[dtype]), shape)


def _defined(shell: Any) -> list[str]:
    """Names that the notebook gave to something other than a module."""
    hidden = set(shell.user_ns_hidden)
    found = [
        name
        for name, value in list(shell.user_ns.items())
        if isinstance(name, str)
        and not name.startswith("_")
        and name not in hidden
        and not isinstance(value, types.ModuleType)
    ]
    return [name[:100] for name in found[:MOST_NAMES]]


def _described(shell: Any, error: BaseException) -> dict[str, Any]:
    """Name, message, and the innermost line of the notebook that it came through."""
    cells = getattr(shell.compile, "_filename_map", {})
    place: dict[str, Any] = {}
    step = error.__traceback__
    while step is not None:
        filename = step.tb_frame.f_code.co_filename
        if filename in cells:
            line = _getline(filename, step.tb_lineno).strip()
            place = {"run": cells[filename], "line": step.tb_lineno, "source_line": line[:300]}
        step = step.tb_next
    return {
        "name": type(error).__name__[:200],
        "message": _message(error),
        "traceback": _traceback(error),
        **place,
    }


def _message(error: BaseException) -> str:
    try:
        return str(error)[:ERROR_LENGTH]
    except Exception:  # noqa: BLE001  a student's __str__ may raise whatever it likes
        return ""


def _traceback(error: BaseException) -> str:
    try:
        return "".join(_format_exception(error))[-TRACEBACK_LENGTH:]
    except Exception:  # noqa: BLE001  as above
        return ""


def _words_of(caught: list[warnings.WarningMessage]) -> list[str]:
    words = [f"{w.category.__name__}: {w.message}"[:WARNING_LENGTH] for w in caught]
    return list(dict.fromkeys(words))[:MOST_WARNINGS]
