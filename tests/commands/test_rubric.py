from __future__ import annotations

import json
import tomllib

import jsonschema
from click.testing import CliRunner

from grader.cli import main
from grader.criteria import KINDS
from tests.course import RUBRIC


def test_schema_takes_a_right_rubric_and_refuses_a_typo() -> None:
    result = CliRunner().invoke(main, ["rubric", "schema"])
    assert result.exit_code == 0
    schema = json.loads(result.stdout)
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    assert list(validator.iter_errors(tomllib.loads(RUBRIC))) == []
    assert list(validator.iter_errors(tomllib.loads(RUBRIC.replace("cases", "casse"))))
    assert list(validator.iter_errors(tomllib.loads(RUBRIC.replace("matches_reference", "matches"))))


def test_schema_knows_every_kind() -> None:
    text = CliRunner().invoke(main, ["rubric", "schema"]).stdout
    assert all(f'"{kind}"' in text for kind in KINDS)
