"""Kernels with the virtual CUDA device, warm and behind walls; others have none."""

import pytest

from grader.model.probe import Probe
from grader.sandbox import open_kernel
from grader.sandbox.interface import no_device
from tests.sandbox.conftest import LIMITS
from tests.sandbox.notebooks import notebook, outputs_of, text_of

CELLS = (
    "import torch\nprint(torch.cuda.is_available())",
    "device = torch.device('cuda' if torch.cuda.is_available() else 'cpu')\n"
    "torch.manual_seed(0)\nmodel = torch.nn.Linear(2, 1).to(device)\n"
    "optimizer = torch.optim.Adam(model.parameters())\nx = torch.ones(3, 2)\n"
    "for _ in range(3):\n    optimizer.zero_grad()\n    loss = model(x.to(device)).square().mean()\n"
    "    loss.backward()\n    optimizer.step()\nprint(loss.item(), loss.device)",
    "model(x)",
    "x.cuda().to_sparse()",
    "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()",
    "plt.plot(torch.ones(2, device=device))",
)
ON_HOST = (
    "Expected all tensors to be on the same device, but got mat1 is on cpu, different from other tensors on cuda:0 "
    "(when checking argument in method wrapper_CUDA_addmm)"
)


@pytest.fixture(scope="module", params=["walled", "none"])
def with_and_without(request, tier):
    """How the notebook went, and what was asked of it, in one kernel with the device and in one without."""
    found = []
    for wanted in (True, False):
        chosen = tier if request.param == "walled" else "none"
        with open_kernel(
            tier=chosen, limits=LIMITS, seed=0, gpu="virtual" if wanted else None, pictures=not wanted
        ) as kernel:
            execution = kernel.execute(notebook(*CELLS))
            probes = (
                Probe(id="p/1", code="return model(torch.ones(1, 2, device=model.weight.device))"),
                Probe(id="p/2", code="return device_record()"),
                Probe(id="p/3", code="return get_parameters(model)"),
            )
            found.append((execution, [kernel.ask(probe) for probe in probes], kernel.no_gpu))
    return found


def test_notebook_sees_the_device_only_where_it_was_asked_for(with_and_without):
    assert [text_of(execution, 0) for execution, _, _ in with_and_without] == ["True\n", "False\n"]
    assert [reason for _, _, reason in with_and_without] == [None, None]


def test_training_is_the_same_on_both(with_and_without):
    (with_device, device_answers, _), (without, host_answers, _) = with_and_without
    loss, place = text_of(with_device, 1).split()
    assert text_of(without, 1).split() == [loss, "cpu"]
    assert place == "cuda:0"
    assert device_answers[0].value.device == "cuda:0"
    assert (device_answers[0].value.array == host_answers[0].value.array).all()
    assert (device_answers[2].value.array == host_answers[2].value.array).all()


def test_mixed_devices_fail_in_the_words_of_a_real_one(with_and_without):
    execution, _, _ = with_and_without[0]
    error = execution.cells[2].error
    assert (error.name, error.message) == ("RuntimeError", ON_HOST)


def test_what_the_device_cannot_do_is_told_apart(with_and_without):
    execution, answers, _ = with_and_without[0]
    assert execution.cells[3].error.name == "VirtualDeviceUnsupported"
    entries = answers[1].value.entries
    assert entries["installed"].array
    assert [words.text for words in entries["refused"].items] == ["torch.sparse_coo tensors"]


def test_what_was_observed_can_be_asked(with_and_without):
    _, answers, _ = with_and_without[0]
    seen = answers[1].value.entries["observed"].entries
    [step] = seen["steps"].items
    assert {name: step.entries[name].text for name in ("optimizer", "parameters", "gradients")} == {
        "optimizer": "Adam",
        "parameters": "cuda",
        "gradients": "cuda",
    }
    assert step.entries["times"].array == 3


def test_pictures_are_drawn_only_where_they_are_wanted_and_plots_fail_all_the_same(with_and_without):
    with_device, without = (execution for execution, _, _ in with_and_without)
    drawn = [[o.get("data", {}) for o in outputs_of(execution, 4)] for execution in (with_device, without)]
    assert [["image/png" in data for data in found] for found in drawn] == [[False], [True]]
    assert drawn[0][0]["text/plain"] == drawn[1][0]["text/plain"]
    assert "device type tensor to numpy" in with_device.cells[5].error.message
    assert without.cells[5].error is None


def test_kernels_without_the_device_have_no_record_of_it(with_and_without):
    _, answers, _ = with_and_without[1]
    assert answers[1].error.name == "NameError"


def test_reason_comes_from_what_the_kernel_said_before_it_was_ready():
    assert no_device({"event": "ready"}) is None
    assert no_device({"gpu": None}) is None
    assert no_device({"gpu": {"installed": True, "reason": None}}) is None
    assert no_device({"gpu": {"installed": False, "reason": "an old torch"}}) == "an old torch"
