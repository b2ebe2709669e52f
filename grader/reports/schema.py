"""The JSON schema of `results.json`: `python -m grader.reports.schema > docs/results.schema.json`."""

from __future__ import annotations

import json

from grader.reports.results import Results


def results_schema() -> str:
    """The published JSON schema's text."""
    schema = Results.model_json_schema(by_alias=True, mode="serialization")
    return json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    print(results_schema(), end="")
