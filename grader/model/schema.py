"""The JSON schema of `rubric.toml`, for editors that complete and check as one types."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any

from pydantic import create_model

from grader.model.rubric import Criterion, Rubric


def rubric_schema(kinds: Iterable[type[Criterion]]) -> dict[str, Any]:
    """The schema of a rubric whose criteria are of these kinds."""
    any_kind: Any = reduce(or_, kinds)
    model = create_model("Rubric", __base__=Rubric, criteria=(tuple[any_kind, ...], ...))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **model.model_json_schema(by_alias=True),
    }
