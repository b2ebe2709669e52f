"""What is wrong with a file that an author wrote: the place, what was expected, the nearest right word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from grader.model.faults import complaint
from grader.model.nearest import did_you_mean
from grader.model.text import Bilingual, Text, say

_ONE_OF = ("literal_error", "enum")
"""The faults that list what a value may be."""


def explain_fault(error: ValidationError, data: object, model: type[BaseModel]) -> Text:
    """The first fault of a file as `key: what was expected`; a misspelt key before the missing one it stands for."""
    first = min(error.errors(), key=lambda fault: fault["type"] != "extra_forbidden")
    key = ".".join(_steps(first["loc"], data))
    if first["type"] == "extra_forbidden":
        hint = did_you_mean(str(first["loc"][-1]), _fields(model, first["loc"][:-1]))
        return say("{key}: unknown key{hint}.", key=key, hint=hint)
    if first["type"] == "missing":
        return say("{key}: is missing.", key=key)
    message = complaint(first)
    if first["type"] == "model_type":
        keys = ", ".join(f'{name} = "…"' for name in Bilingual.model_fields)
        message = (
            say("expected {what}", what=f"{{ {keys} }}")
            if first["ctx"]["class_name"] == Bilingual.__name__
            else say("expected a table")
        )
    if not key:
        return say("{message}.", message=message)
    if isinstance(first["input"], dict) or first["input"] is data:
        return say("{key}: {message}.", key=key, message=message)
    known = re.findall(r"'(.+?)'", first["ctx"]["expected"]) if first["type"] in _ONE_OF else []
    return say(
        "{key}: {message} (got {value}){hint}.",
        key=key,
        message=message,
        value=f"{first['input']!r:.80}",
        hint=did_you_mean(str(first["input"]), known),
    )


def _steps(place: Sequence[int | str], data: Any) -> Iterator[str]:
    """The way to a value, through tables by key and through lists by id, as an author thinks of it."""
    for step in place:
        try:
            data = data[step]
        except (LookupError, TypeError):
            data = None
        id_ = data.get("id") if isinstance(step, int) and isinstance(data, dict) else None
        yield id_ if isinstance(id_, str) else str(step)


def _fields(model: type[BaseModel], place: Sequence[int | str]) -> list[str]:
    """The keys that a table of the model may have: of the model itself, or of one that lies in it."""
    for step in place:
        if step in model.model_fields:
            inner = model.model_fields[str(step)].annotation
            models = [kind for kind in (inner, *get_args(inner)) if isinstance(kind, type)]
            model = next((kind for kind in models if issubclass(kind, BaseModel)), BaseModel)
    return [field.alias or name for name, field in model.model_fields.items()]
