"""Twenty seeds: no right variant ever loses a point, no wrong one ever gains. Hours of work: `pytest -m nightly`."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.fairness import cases, run, upper_bound
from tests.conftest import EXERCISES


@pytest.mark.nightly
@pytest.mark.timeout(0)
@pytest.mark.parametrize("exercise_id", EXERCISES)
@pytest.mark.parametrize("kind", ["right", "mistakes"])
def test_no_seed_changes_what_a_variant_gets(exercise_id: str, kind: str, tmp_path: Path) -> None:
    wanted = list(cases(20, (exercise_id,), (kind,)))
    outcomes = run(wanted, tmp_path / "record.jsonl", jobs=2)
    assert {case: faults for case, faults in outcomes.items() if faults} == {}


def test_the_bound_of_no_failure_in_300_is_a_hundredth() -> None:
    assert upper_bound(0, 300) == pytest.approx(1 - 0.05 ** (1 / 300))


@given(st.integers(1, 400), st.data())
def test_the_bound_lies_above_the_share_seen_and_grows_with_it(trials: int, data: st.DataObject) -> None:
    failures = data.draw(st.integers(0, trials - 1))
    assert failures / trials <= upper_bound(failures, trials) <= upper_bound(failures + 1, trials) + 1e-9
