from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.criteria.recorded_trainings import Trainings, read_trainings, trainings_probe
from tests.criteria.builders import answered


def told(**changed: Any) -> Trainings | None:
    """Two models of two numbers, trained one after the other, and a large one."""
    entries: dict[str, Any] = {
        "losses": np.array([4, 2, 1, 9, 3, 7], np.float32),
        "owners": np.array([0, 1, 2], np.int32),
        "runs": np.array([3, 2, 1], np.int32),
        "kinds": np.array([0, 0, 1], np.int32),
        "sizes": np.array([2, 2, 500], np.int32),
        "weights": np.arange(8, dtype=np.float32),
        "of_last": np.array([1, 0], np.int32),
        "last": np.array([8, 9, 0.5, -0.5], np.float32),
        "named": {"w": np.array([], np.int32), "b": np.array([], np.int32)},
        "lost": 0,
    }
    return read_trainings(answered("a.b/trainings", entries | changed))


def test_trainings_are_read_set_by_set() -> None:
    read = told()
    assert read is not None
    first, second = read.of_each_set()
    assert first.losses.tolist() == [4, 2, 1]
    assert first.weights.tolist() == [[0, 1], [2, 3]], "those of the oldest loss were not kept"
    assert second.losses.tolist() == [9, 3]
    assert second.weights.tolist() == [[4, 5], [6, 7]]
    assert read.of_sets(frozenset([2])).weights.shape == (0, 500)
    assert read.of_loops_with_new_tensors() == []


def test_weights_are_known_by_memory_then_by_their_values() -> None:
    read = told()
    assert read is not None
    assert read.that_made(np.array([-0.5, 0.5])) == ({0}, "values")
    assert read.that_made(np.array([8.001, 9.001])) == ({1}, "near")
    assert read.that_made(np.array([8.1, 9.0])) is None
    assert read.that_made(np.array([0.5, -0.5, 0.0])) is None
    named = told(named={"w": np.array([1], np.int32), "b": np.array([1], np.int32)})
    assert named is not None
    assert named.that_made(np.array([-0.5, 0.5])) == ({1}, "memory")


def test_weights_one_step_behind_a_loop_with_new_tensors_are_its_own() -> None:
    loop = told(
        losses=np.array([4, 3, 2, 1], np.float32),
        owners=np.arange(4, dtype=np.int32),
        runs=np.ones(4, np.int32),
        kinds=np.zeros(4, np.int32),
        sizes=np.full(4, 2, np.int32),
        of_last=np.array([3, 2, 1, 0], np.int32),
        last=np.array([3, 3, 2, 2, 1, 1, 0, 0], np.float32),
    )
    assert loop is not None
    assert loop.that_made(np.array([4.0, 4.1])) == ({0, 1, 2, 3}, "near")
    assert loop.that_made(np.array([9.0, 9.0])) is None
    assert "1 trainings in cells: 4 losses from 4 to 1 over 2 parameters" in loop.described()


@pytest.mark.parametrize(
    "changed",
    [
        {"losses": "none"},
        {"runs": np.array([3, 2, 9], np.int32)},
        {"runs": np.array([-3, 8, 1], np.int32)},
        {"kinds": np.array([0], np.int32)},
        {"lost": None},
    ],
)
def test_what_is_malformed_is_no_record(changed: dict[str, Any]) -> None:
    assert told(**changed) is None


def test_where_nothing_was_recorded_there_is_none() -> None:
    assert read_trainings(None) is None
    assert read_trainings(answered("a.b/trainings", {})) is None


def test_the_question_is_about_what_cells_left() -> None:
    probe = trainings_probe("a.b", ("w", "losses"))
    assert probe.id == "a.b/trainings"
    assert probe.reads_state
    assert probe.arguments == {"names": ["w", "losses"]}
