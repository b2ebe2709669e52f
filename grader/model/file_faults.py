"""What is wrong with a file that an author wrote: the place, what was expected, the nearest right word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from grader.model.faults import complaint
from grader.model.nearest import did_you_mean
from grader.model.text import Bilingual, Text, say

_LISTS = ("tuple_type", "list_type")
_ONE_OF = ("literal_error", "enum")
"""The faults that list what a value may be."""


def explain_fault(error: ValidationError, data: object, model: type[BaseModel], *, tables: str = "") -> Text:
    """The first fault of a file as `key: what was expected`; a misspelt key before the missing one it stands for.

    `tables`: the name of those in the file of which `data` is one.
    """
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
    if first["type"] in _LISTS and isinstance(first["input"], dict):
        steps = (tables, *first["loc"])
        table = ".".join(step for step in steps if isinstance(step, str) and step)
        message = say("there may be several: write [[{table}]], with two brackets", table=table)
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
    for number, step in enumerate(place, start=1):
        try:
            data = data[step]
        except (LookupError, TypeError):
            if number < len(place):  # one of several models that the value may be of: no key of the author's
                continue
            data = None
        id_ = data.get("id", data.get("task")) if isinstance(step, int) and isinstance(data, dict) else None
        yield id_ if isinstance(id_, str) else str(step + 1 if isinstance(step, int) else step)


def _fields(model: type[BaseModel], place: Sequence[int | str]) -> list[str]:
    """The keys that a table of the model may have: of the model itself, or of one that lies in it."""
    for step in place:
        if step in model.model_fields:
            within = list(_models(model.model_fields[str(step)].annotation)) or [BaseModel]
            model = next((kind for kind in within if kind.__name__ in place), within[0])
    return [field.alias or name for name, field in model.model_fields.items()]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that an annotation speaks of, however deep."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)
