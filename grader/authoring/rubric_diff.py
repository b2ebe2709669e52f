"""What differs between two versions of a rubric, key by key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Difference(NamedTuple):
    """One key; None where a version lacks it."""

    key: str
    before: str | None
    after: str | None


def differences(before: str, after: str) -> tuple[Difference, ...]:
    """Between two rubrics as canonical JSON; a task or criterion that is new or gone is one difference."""
    old, new = dict(_flat(json.loads(before))), dict(_flat(json.loads(after)))
    gone = _whole(json.loads(before), json.loads(after))
    added = _whole(json.loads(after), json.loads(before))
    found = [Difference(key, words, None) for key, words in gone.items()]
    found += [Difference(key, None, words) for key, words in added.items()]
    whole = tuple(f"{key}." for key in (*gone, *added))
    for key in dict.fromkeys([*old, *new]):
        if old.get(key) != new.get(key) and not key.startswith(whole):
            found.append(Difference(key, old.get(key), new.get(key)))
    return tuple(found)


def _whole(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, str]:
    """Tasks and criteria that only the first has, in a few words."""
    found = {}
    for name in ("tasks", "criteria"):
        known = {entry["id"] for entry in other[name]}
        for entry in one[name]:
            if entry["id"] not in known:
                found[f"{name}.{entry['id']}"] = " ".join(
                    filter(None, (entry.get("kind"), str(entry["points"])))
                )
    return found


def _name(entry: Mapping[str, Any]) -> str:
    """By which keys call a table among others: its id, or the task of a `carry_forward`."""
    return str(entry.get("id", entry.get("task", "")))


def _flat(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _flat(item, f"{place}.{key}" if place else key)
    elif isinstance(value, list) and value and all(isinstance(v, dict) and _name(v) for v in value):
        for item in value:
            yield from _flat(item, f"{place}.{_name(item)}")
        yield f"{place} (order)", ", ".join(_name(item) for item in value)
    else:
        yield place, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
