"""YAML from anybody, as strings, lists and dictionaries: no objects, no numbers, and no depth that breaks the reader.

PyYAML's own composers call themselves for each level; a file of some hundred kilobytes overruns the C one's stack, and
ends the process. Here the events are read one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

_DEEPEST = 64
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


def read_plain(raw: bytes) -> Any:
    """The first document; None where there is none. `007` stays what it is, tags and aliases are passed over.

    Raises:
        yaml.YAMLError: it is no YAML.
        ValueError: it is too deep.
    """
    return _built(yaml.parse(raw, Loader=_Loader))


def _built(events: Iterable[yaml.Event]) -> Any:
    open_: list[list[Any]] = [[]]
    for event in events:
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            if len(open_) > _DEEPEST:
                raise ValueError("too deep")
            open_.append([])
        elif isinstance(event, yaml.ScalarEvent):
            open_[-1].append(event.value)
        elif isinstance(event, yaml.AliasEvent):
            open_[-1].append(None)
        elif isinstance(event, yaml.SequenceEndEvent):
            items = open_.pop()
            open_[-1].append(items)
        elif isinstance(event, yaml.MappingEndEvent):
            flat = open_.pop()
            pairs = zip(flat[::2], flat[1::2], strict=True)
            open_[-1].append({key: value for key, value in pairs if isinstance(key, str)})
        elif isinstance(event, yaml.DocumentEndEvent):
            break
    return open_[0][0] if open_[0] else None
