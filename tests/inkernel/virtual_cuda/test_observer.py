"""The observer sees where parameters, inputs, losses and gradients were, and what was saved, loaded and kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Observed = Callable[[str], Any]


def test_forwards_tell_where_parameters_inputs_and_outputs_were(observed: Observed) -> None:
    def row(device: str, training: bool, times: int) -> dict[str, Any]:
        places = dict.fromkeys(("parameters", "inputs", "outputs"), device)
        return {"module": "Sequential", **places, "training": training, "times": times}

    assert observed("all_moved")["forwards"] == [row("cuda", True, 6), row("cuda", False, 1)]
    assert observed("host_only")["forwards"] == [row("cpu", True, 6), row("cpu", False, 1)]


def test_losses_steps_and_backwards_tell_where_they_happened(observed: Observed) -> None:
    found = observed("all_moved")
    assert found["losses"] == [{"module": "MSELoss", "inputs": "cuda", "times": 6}]
    assert found["steps"] == [{"optimizer": "SGD", "parameters": "cuda", "gradients": "cuda", "times": 6}]
    assert found["backwards"] == {"cuda": 6}
    assert observed("host_only")["backwards"] == {"cpu": 6}


def test_failed_forward_has_no_outputs_and_disturbs_nothing(observed: Observed) -> None:
    last = observed("batch_forgotten")["forwards"][-1]
    assert (last["parameters"], last["inputs"], last["outputs"]) == ("cuda", "cpu", "")


def test_losses_kept_as_tensors_are_found_by_name(observed: Observed) -> None:
    [kept] = observed("losses_kept")["kept"]
    assert kept == {"name": "losses", "devices": "cuda", "requires_grad": True, "is_history": True}
    assert observed("all_moved")["kept"] == []
    assert observed("functions_and_tensors")["kept"] == []


def test_optimizer_of_parameters_that_are_gone_is_found(observed: Observed) -> None:
    assert observed("parameters_replaced")["stale"] == ["Sequential"]
    assert observed("all_moved")["stale"] == []


def test_files_tell_what_was_in_them_and_where_it_was_to_go(observed: Observed) -> None:
    found = observed("files")
    assert [note["devices"] for note in found["saves"]] == ["cuda"]
    assert [(note["devices"], note["map_location"]) for note in found["loads"]] == [
        ("cuda", None),
        ("cpu", "cpu"),
    ]
    assert found["loads"][0]["file"].endswith("model.pt")


def test_training_without_modules_is_seen_by_its_losses(observed: Observed) -> None:
    found = observed("functions_and_tensors")
    assert found["backwards"] == {"cuda": 3}
    assert found["forwards"] == found["steps"] == []
