"""Arrays inside models: numpy in memory, base64 in JSON."""

from __future__ import annotations

import base64
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import GetPydanticSchema
from pydantic_core import core_schema

DTYPES = (
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
)
"""The dtypes that cross the wall between a kernel and the grader."""


def _from_json(value: Any) -> npt.NDArray[Any]:
    if isinstance(value, np.ndarray):
        array = np.array(value, copy=True)
    else:
        raw = base64.b64decode(value["base64"])
        array = np.frombuffer(raw, dtype=value["dtype"]).reshape(value["shape"]).copy()
    if array.dtype.name not in DTYPES:
        raise ValueError(f"dtype {array.dtype} is not one of {', '.join(DTYPES)}")
    array.flags.writeable = False
    return array


def _to_json(array: npt.NDArray[Any]) -> dict[str, Any]:
    raw = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
    return {"dtype": array.dtype.name, "shape": list(array.shape), "base64": raw}


Array = Annotated[
    npt.NDArray[Any],
    GetPydanticSchema(
        lambda _source, _handler: core_schema.no_info_plain_validator_function(
            _from_json,
            serialization=core_schema.plain_serializer_function_ser_schema(_to_json, when_used="json"),
        )
    ),
]
"""A read-only numpy array, any shape, of one of `DTYPES`; `{"dtype", "shape", "base64"}` in JSON."""
