"""The kinds of criteria and the rubric as Markdown, from their pydantic models; each with an example that is in use."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tomlkit
from schema_tables import definitions, model_table

from grader.criteria import KINDS
from grader.model.rubric import Criterion
from grader.model.schema import rubric_schema

REFERENCE = Path(__file__).parents[2] / "reference"


def criteria_page() -> str:
    """What each kind asks, its keys, and the shortest criterion of that kind in this repository's rubrics."""
    pieces = ["# Criteria", "The kinds that a rubric can use: what each asks, how it judges, and its keys."]
    pieces += ["## Keys of every criterion", model_table(Criterion.model_json_schema())]
    found: dict[str, Any] = {}
    for kind, criterion in KINDS.items():
        schema = criterion.model_json_schema()
        found |= schema.get("$defs", {})
        pieces += [f"## {kind}", _told(criterion)]
        own = set(schema["properties"]) - set(Criterion.model_fields)
        if own:
            pieces.append(model_table(schema, without=Criterion.model_fields))
        pieces += _example(kind)
    pieces += ["## Values in them", definitions({"$defs": found}, level=3)]
    return "\n\n".join(pieces) + "\n"


def rubric_page() -> str:
    """The head of `rubric.toml`, its tasks and limits."""
    schema = rubric_schema(KINDS.values())
    kinds = {criterion.__name__ for criterion in KINDS.values()}
    of_criteria = {name for c in KINDS.values() for name in c.model_json_schema().get("$defs", {})}
    own = {n: d for n, d in schema["$defs"].items() if n not in kinds | of_criteria or n == "Bilingual"}
    told = dict(schema, properties={**schema["properties"], "criteria": _CRITERIA})
    pieces = [
        "# rubric.toml",
        "`grade rubric schema` prints the JSON schema for editors; [how to change a rubric](../rubrics.md);"
        " [the criteria](criteria.md).",
        model_table(told),
        definitions({"$defs": own}, level=2),
    ]
    return "\n\n".join(pieces) + "\n"


_CRITERIA = {
    "description": "Each a table `[[criteria]]` with a `kind`.",
    "type": "array",
    "items": {"type": "table"},
}


def _told(criterion: type[Criterion]) -> str:
    """The module's words but for its name, which is the heading already."""
    said = (sys.modules[criterion.__module__].__doc__ or criterion.__doc__ or "").strip()
    words = said.partition(": ")[2] if said.startswith("`") else said
    return words[:1].upper() + words[1:]


def _example(kind: str) -> Iterator[str]:
    texts = [
        tomlkit.dumps({"criteria": tomlkit.item([criterion])})
        for path in sorted(REFERENCE.glob("*/rubric.toml"))
        for criterion in tomllib.loads(path.read_text(encoding="utf-8"))["criteria"]
        if criterion["kind"] == kind
    ]
    if texts:
        yield f"```toml\n{min(texts, key=len).strip()}\n```"
