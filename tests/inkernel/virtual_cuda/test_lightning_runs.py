"""Lightning finds the device by itself, and trains on it as without it."""

from __future__ import annotations

from typing import Any

import pytest

Outcomes = dict[str, dict[str, Any]]


@pytest.mark.parametrize("accelerator", ["auto", "gpu", "cuda", "16-mixed"])
def test_trainer_uses_the_device(accelerator: str, lightning: Outcomes) -> None:
    assert lightning[accelerator].get("seen") == ["cuda:0"], lightning[accelerator]
    assert lightning[accelerator]["accelerator"] == "CUDAAccelerator"


def test_trainer_stays_on_the_host_when_told_to(lightning: Outcomes) -> None:
    assert lightning["cpu"].get("seen") == ["cpu"], lightning["cpu"]


def test_losses_are_the_same_on_both(lightning: Outcomes) -> None:
    assert lightning["gpu"]["losses"] == lightning["cpu"]["losses"]


def test_second_device_is_not_there(lightning: Outcomes) -> None:
    assert "But your machine only has: [0]" in lightning["two devices"]["raised"]


def test_mistakes_in_the_module_are_found(lightning: Outcomes) -> None:
    assert "at least two devices, cuda:0 and cpu!" in lightning["host tensor"]["raised"]
    assert "can't convert cuda:0 device type tensor to numpy" in lightning["numpy"]["raised"]
