"""Changes values in the text of a `rubric.toml`; comments, order and all else stay as their author wrote them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AbstractTable

from grader.errors import ConfigError
from grader.model.text import say


def with_values(text: str, assignments: Iterable[tuple[str, str | None]]) -> str:
    """The text with each key set to a value, or without it where the value is None.

    Keys are `limits.cell_s`, `title.fr`, `tasks.<id>.points`, `<criterion>.points`, `<criterion>.inputs.x.low`, and
    `carry_forward.<task>.pays.<task>`.
    Values are read as TOML, else taken as words. Where criteria are worth more or less than before, their task
    follows, unless its points are set as well.
    Raises: ConfigError when a key leads nowhere, or the text is no TOML.
    """
    try:
        document = tomlkit.parse(text)
    except TOMLKitError as error:
        raise ConfigError(say("rubric.toml is not valid TOML: {reason}.", reason=str(error))) from error
    set_tasks: set[str] = set()
    moved: set[str] = set()
    for key, raw in assignments:
        table, rest = _table(document, key)
        name, holder = rest[-1], _descend(table, rest[:-1], key)
        if raw is None:
            if name not in holder:
                raise ConfigError(say("{key}: there is no such key to take out.", key=key))
            del holder[name]
        else:
            holder[name] = _value(raw)
        if rest == ["points"]:
            if "task" in table:
                moved.add(str(table["task"]))
            else:
                set_tasks.add(str(table["id"]))
    for task in document.get("tasks", []):
        if task.get("id") in moved - set_tasks:
            task["points"] = _sum(c["points"] for c in _required(document) if c.get("task") == task["id"])
    return tomlkit.dumps(document)


def _table(document: Any, key: str) -> tuple[Any, list[str]]:
    """The table that a key begins with, and the rest of the key."""
    for entry in document.get("carry_forward", []):
        start = f"carry_forward.{entry.get('task')}."
        if key.startswith(start):
            return entry, key.removeprefix(start).split(".")
    plain = key.removeprefix("criteria.").removeprefix("tasks.")
    lists = (
        ("tasks",)
        if key.startswith("tasks.")
        else ("criteria",)
        if key.startswith("criteria.")
        else ("criteria", "tasks")
    )
    for name in lists:
        fits = [entry for entry in document.get(name, []) if plain.startswith(f"{entry.get('id')}.")]
        if fits:
            entry = max(fits, key=lambda fit: len(fit["id"]))
            return entry, plain[len(entry["id"]) + 1 :].split(".")
    steps = key.split(".")
    if len(lists) == 2 and (steps[0] in document or len(steps) == 1 or steps[0] == "limits"):
        return document, steps
    ids = ", ".join(str(entry.get("id")) for entry in document.get("criteria", []))
    raise ConfigError(
        say("{key}: begins with no criterion and no task; the criteria are {known}.", key=key, known=ids)
    )


def _descend(table: Any, steps: Sequence[str], key: str) -> Any:
    for step in steps:
        if step not in table:
            table[step] = tomlkit.table()
        table = table[step]
        if not isinstance(table, AbstractTable):
            raise ConfigError(say("{key}: {step} is a value, and holds no keys.", key=key, step=step))
    return table


def _value(raw: str) -> Any:
    try:
        return tomlkit.value(raw)
    except (TOMLKitError, ValueError):
        return tomlkit.string(raw)


def _required(document: Any) -> Iterable[Any]:
    return (criterion for criterion in document["criteria"] if not criterion.get("bonus"))


def _sum(points: Iterable[Any]) -> int | float:
    total = sum((Decimal(str(value)) for value in points), Decimal(0))
    return int(total) if total == int(total) else float(total)
