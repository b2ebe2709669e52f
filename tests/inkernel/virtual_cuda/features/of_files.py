"""What is saved and loaded."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch

from tests.inkernel.virtual_cuda.features.checking import X, feature, network, on_device


def _saved(value: Any) -> io.BytesIO:
    file = io.BytesIO()
    torch.save(value, file)
    file.seek(0)
    return file


@feature
def saving_and_loading_parameters() -> None:
    model, other = network().cuda(), network()
    file = _saved(model.state_dict())
    here = torch.load(file)
    assert on_device(here["0.weight"])
    file.seek(0)
    host = torch.load(file, map_location="cpu")
    assert str(host["0.weight"].device) == "cpu"
    other.load_state_dict(host)
    other.load_state_dict(here)
    assert str(other[0].weight.device) == "cpu"
    model.load_state_dict(host)
    assert on_device(model[0].weight)


@feature
def saving_and_loading_modules() -> None:
    model = torch.load(_saved(network().cuda()), weights_only=False)
    assert on_device(model[0].weight)
    assert torch.equal(model(X.cuda()), network().cuda()(X.cuda()))


@feature
def places_to_load_to() -> None:
    assert str(torch.load(_saved(X.cuda()), map_location=lambda storage, location: storage).device) == "cpu"
    assert on_device(torch.load(_saved(X), map_location="cuda"), torch.load(_saved(X), map_location="cuda:0"))
    assert on_device(torch.load(_saved(X.cuda()), map_location=torch.device("cuda")))


@feature
def loading_where_there_is_no_device_is_refused() -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.pt"
        torch.save(network().cuda().state_dict(), file)
        line = [sys.executable, "-c", f"import torch; torch.load({str(file)!r})"]
        run = subprocess.run(line, capture_output=True, text=True, check=False)
    words = "Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False"
    assert words in run.stderr, run.stderr[-500:]


@feature
def pickling() -> None:
    assert on_device(pickle.loads(pickle.dumps(X.cuda())))
