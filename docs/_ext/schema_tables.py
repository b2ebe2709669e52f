"""Pydantic models as Markdown: a table of fields, with the words that stand under each field in the code."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

Schema = Mapping[str, Any]

_BOUNDS = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}


def model_table(schema: Schema, *, without: Collection[str] = ()) -> str:
    """The fields of one object schema, one line each."""
    lines = ["| key | what | default | says |", "|---|---|---|---|"]
    for name, field in schema.get("properties", {}).items():
        if name not in without:
            default = _default(field) if name not in schema.get("required", ()) else "**needed**"
            says = _cell(field.get("description", ""))
            lines.append(f"| `{name}` | {_cell(type_words(field))} | {default} | {says} |")
    return "\n".join(lines)


def definitions(schema: Schema, *, level: int) -> str:
    """A section for each object, and each set of words, that a schema refers to."""
    pieces = []
    for name, found in schema.get("$defs", {}).items():
        told = model_table(found) if "properties" in found else type_words(found)
        pieces += [f"{'#' * level} {name}", found.get("description", ""), told]
    return "\n\n".join(piece for piece in pieces if piece)


def type_words(schema: Schema) -> str:
    """What a value must be, in a few words of Markdown."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return " or ".join(dict.fromkeys(type_words(one) for one in schema[choice]))
    if "const" in schema:
        return f"`{schema['const']}`"
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    match schema.get("type"):
        case "array" if "prefixItems" in schema:
            return f"list: {', '.join(type_words(one) for one in schema['prefixItems'])}"
        case "array":
            return f"list of {type_words(schema.get('items', {}))}"
        case "object" if isinstance(schema.get("additionalProperties"), dict):
            return f"table of {type_words(schema['additionalProperties'])}"
        case "object":
            return "table"
        case None:
            return "anything"
        case kind:
            bounds = [f"{sign} {schema[key]}" for key, sign in _BOUNDS.items() if key in schema]
            return " ".join([str(kind), *bounds])


def _default(field: Schema) -> str:
    value = field.get("default")
    if value is None or value in ([], {}) or isinstance(value, dict):
        return ""
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _cell(words: str) -> str:
    return " ".join(words.replace("|", "\\|").split())
