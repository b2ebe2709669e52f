"""Twenty seeds: no right variant ever loses a point, no wrong one ever gains. Hours of work: `pytest -m nightly`."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.fairness import cases, run
from tests.conftest import EXERCISES


@pytest.mark.nightly
@pytest.mark.timeout(0)
@pytest.mark.parametrize("exercise_id", EXERCISES)
@pytest.mark.parametrize("kind", ["right", "mistakes"])
def test_no_seed_changes_what_a_variant_gets(exercise_id: str, kind: str, tmp_path: Path) -> None:
    wanted = list(cases(20, (exercise_id,), (kind,)))
    outcomes = run(wanted, tmp_path / "record.jsonl", jobs=2)
    assert {case: faults for case, faults in outcomes.items() if faults} == {}
