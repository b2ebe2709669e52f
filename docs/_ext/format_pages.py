"""The files that `grade` writes, as Markdown: `results.json`, `grades.csv`, and the verdicts in them."""

from __future__ import annotations

from schema_tables import definitions, model_table

from grader.i18n import render
from grader.model.verdict import Verdict
from grader.reports.grades_csv import COLUMNS
from grader.reports.results import Results
from grader.reports.words import VERDICT_WORDS


def formats_page() -> str:
    """One section a file."""
    schema = Results.model_json_schema(by_alias=True, mode="serialization")
    columns = [f"| `{name}` | {says} |" for name, says in COLUMNS.items()]
    verdicts = [
        f"| `{v.value}` | {render(VERDICT_WORDS[v], 'en')} | {render(VERDICT_WORDS[v], 'fr')} | {_points(v)} |"
        for v in Verdict
    ]
    pieces = [
        "# Files",
        "What stands in `report/` for programs, and what its words mean."
        " Files of LMSs are told in [From the LMS and back](../lms.md).",
        "## Verdicts",
        "\n".join(["| verdict | in English | in French | points |", "|---|---|---|---|", *verdicts]),
        "## grades.csv",
        "UTF-8 without a byte order mark, commas, decimal points in every language;"
        " one line for each student and exercise.",
        "\n".join(["| column | holds |", "|---|---|", *columns]),
        "## results.json",
        "Points are decimal strings, or null where a person must decide; keys are only ever added."
        " [The JSON schema](../results.schema.json).",
        model_table(schema),
        definitions(schema, level=3),
    ]
    return "\n\n".join(pieces) + "\n"


def _points(verdict: Verdict) -> str:
    if not verdict.is_judged:
        return "none yet: a person decides"
    return {Verdict.ACCEPTED: "all", Verdict.PARTIALLY_ACCEPTED: "some"}.get(verdict, "0")
