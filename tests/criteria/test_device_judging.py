"""What `device` makes of a second run that there was not, and of one on a real GPU."""

from __future__ import annotations

from decimal import Decimal
from typing import get_args

import numpy as np
import pytest

from grader.criteria.device import Device
from grader.criteria.device_findings import Finding
from grader.criteria.device_words import FOUND, LOOK_AT
from grader.i18n import render
from grader.model.evidence import Evidence
from grader.model.execution import CellRun
from grader.model.gpu_run import USED_UP, GpuRun
from grader.model.judgement import Judgement
from grader.model.verdict import Verdict
from tests.criteria.builders import answered, cell_raised, cells, evidence, execution, make, words

CODE = 'device = "cuda" if torch.cuda.is_available() else "cpu"\nmodel(x)'
MIXED = "Expected all tensors to be on the same device, but got mat1 is on cpu, different from other tensors on cuda:0"
FULL = "CUDA out of memory. Tried to allocate 2.00 GiB."
NO_WORDS_OF_ITS_OWN = {"ok", "hardcoded_cuda", "unavailable", "could_not_tell", "results_differ"}


def judged(run: GpuRun) -> Judgement:
    ran = execution(CellRun(index=0, ended="completed"))
    found: Evidence = evidence(source=cells(CODE), ran=ran)
    return make(Device).judge(found.model_copy(update={"gpu": run}))


def second_run(device: str, name: str, message: str) -> GpuRun:
    record = answered("task.word/gpu", np.frombuffer(b"{}", dtype=np.uint8))
    ran = execution(cell_raised(0, name, message))
    return GpuRun(device=device, execution=ran, answers={record.probe: record})


def test_torch_without_a_virtual_device_costs_nobody_a_point() -> None:
    judgement = judged(GpuRun(unavailable="with torch 9.9: no guard"))
    assert (judgement.verdict, judgement.score) == (Verdict.JUDGE_ERROR, None)
    assert "with torch 9.9: no guard" in judgement.staff_note


def test_no_time_for_a_second_run_costs_nobody_a_point_and_is_no_fault_of_the_grader() -> None:
    judgement = judged(GpuRun(unavailable=USED_UP))
    assert (judgement.verdict, judgement.score) == (Verdict.NEEDS_REVIEW, None)


def test_student_is_told_which_gpu_the_code_ran_on() -> None:
    virtual, real = (judged(second_run(device, "RuntimeError", MIXED)) for device in ("", "NVIDIA T4"))
    assert virtual.score == real.score == Decimal("0.25")
    assert "a virtual one that computes on the CPU" in words(virtual)
    assert "without a GPU, and with one" in words(real)
    assert "virtual" not in words(real)
    assert "on a real GPU: NVIDIA T4" in real.staff_note
    assert (virtual.got, virtual.where, virtual.look_at) == (real.got, real.where, real.look_at)


@pytest.mark.parametrize("device", ["", "NVIDIA T4"])
def test_failure_that_is_no_mistake_about_devices_goes_to_a_person(device: str) -> None:
    judgement = judged(second_run(device, "OutOfMemoryError", FULL))
    assert (judgement.verdict, judgement.score) == (Verdict.NEEDS_REVIEW, None)
    assert ("virtual" in words(judgement)) == (device == "")
    assert FULL in judgement.staff_note


def test_every_finding_that_costs_points_has_words_in_both_languages() -> None:
    assert set(FOUND) == set(get_args(Finding)) - NO_WORDS_OF_ITS_OWN
    for text in (*FOUND.values(), *LOOK_AT.values()):
        assert render(text, "en") != render(text, "fr") or render(text, "en").startswith("`")
