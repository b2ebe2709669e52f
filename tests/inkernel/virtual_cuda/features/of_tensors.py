"""Tensors: made, moved, printed, indexed, changed in place."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import torch

from tests.inkernel.virtual_cuda.features.checking import DEVICE, X, feature, network, on_device


@feature
def moving_by_string() -> None:
    t = X.to("cuda")
    assert on_device(t)
    assert t.is_cuda
    assert t.device == torch.device("cuda:0")
    assert t.get_device() == 0


@feature
def moving_by_device_number_and_dtype() -> None:
    moved = (X.to(torch.device("cuda")), X.cuda(), X.cuda(0), X.to(0), X.to("cuda:0", torch.float64))
    assert on_device(*moved)
    assert moved[-1].dtype == torch.float64


@feature
def there_and_back() -> None:
    assert torch.equal(X.cuda().cpu(), X)
    assert np.array_equal(X.cuda().cpu().numpy(), X.numpy())
    assert str(X.cuda().to("cpu").device) == "cpu"


@feature
def moving_where_it_is_gives_itself() -> None:
    t = X.cuda()
    assert t.to("cuda") is t
    assert t.cuda() is t
    assert t.to(torch.device("cuda:0")) is t


@feature
def tensors_are_plain_tensors() -> None:
    assert type(X.cuda()) is torch.Tensor


@feature
def names_of_types() -> None:
    assert X.cuda().type() == "torch.cuda.FloatTensor"
    assert on_device(X.type("torch.cuda.FloatTensor"), X.type(torch.cuda.FloatTensor))
    assert isinstance(X.cuda(), torch.cuda.FloatTensor)
    assert not isinstance(X, torch.cuda.FloatTensor)


@feature
def printing() -> None:
    assert repr(torch.zeros(2, device=DEVICE)) == "tensor([0., 0.], device='cuda:0')"
    shown = str(torch.nn.Parameter(torch.ones(1, device=DEVICE)))
    assert shown == "Parameter containing:\ntensor([1.], device='cuda:0', requires_grad=True)"


@feature
def numbers_out() -> None:
    t = torch.tensor(3.0, device=DEVICE)
    assert t.item() == float(t) == int(t) == t.tolist() == 3
    assert bool(t > 2)
    assert f"{t:.2f}" == "3.00"


@feature
def factories() -> None:
    ones = np.ones(2)
    made = [
        torch.zeros(2, device=DEVICE),
        torch.ones(2, device=DEVICE),
        torch.rand(2, device=DEVICE),
        torch.randn(2, 3, device=DEVICE),
        torch.arange(5, device=DEVICE),
        torch.linspace(0, 1, 5, device=DEVICE),
        torch.logspace(0, 1, 3, device=DEVICE),
        torch.eye(3, device=DEVICE),
        torch.tensor([1, 2], device=DEVICE),
        torch.tensor(X.cuda().tolist(), device=DEVICE),
        torch.full((2,), 7.0, device=DEVICE),
        torch.randint(0, 5, (3,), device=DEVICE),
        torch.randperm(5, device=DEVICE),
        torch.empty(2, device=DEVICE),
        torch.as_tensor(ones, device=DEVICE),
        torch.as_tensor(X.cuda()),
        torch.zeros_like(X.cuda()),
        torch.randn_like(X.cuda()),
        torch.zeros_like(X, device=DEVICE),
        X.cuda().new_zeros(2),
        torch.tril(torch.ones(3, 3, device=DEVICE)),
        torch.from_numpy(ones).to(DEVICE),
        torch.zeros(2, device=0),
        torch.cuda.FloatTensor([1.0, 2.0]),
    ]
    assert on_device(*made)


@feature
def default_device() -> None:
    torch.set_default_device("cuda")
    try:
        assert on_device(torch.zeros(2), torch.tensor([1.0]), torch.nn.Linear(2, 2).weight)
        assert on_device(network()(torch.rand(3, 2)))
    finally:
        torch.set_default_device(None)


@feature
def default_tensor_type() -> None:
    torch.set_default_tensor_type("torch.cuda.FloatTensor")
    try:
        assert on_device(torch.zeros(2), torch.nn.Linear(2, 2).weight)
    finally:
        torch.set_default_tensor_type("torch.FloatTensor")
    assert str(torch.zeros(2).device) == "cpu"
    assert on_device(torch.as_tensor(X.cuda()))


@feature
def device_as_a_context() -> None:
    with torch.device("cuda"):
        model, t = torch.nn.Linear(2, 2), torch.randn(3, 2)
    assert on_device(model.weight, t, model(t))


@feature
def indexing_views_and_changes_in_place() -> None:
    def changed(t: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        t[1] = 0
        t[:, 0] += 5
        t[t > 8] = -1
        t.T[0, 0] = 9
        t.mul_(2)
        view = t.view(-1)[2:4]
        view.zero_()
        assert view.storage_offset() == 2
        assert view._base is not None
        return t.cpu(), t.unsqueeze(0).squeeze(0).flatten().reshape(4, 3).permute(1, 0).contiguous().cpu()

    ours, theirs = (
        changed(torch.arange(12.0, device=DEVICE).view(3, 4)),
        changed(torch.arange(12.0).view(3, 4)),
    )
    assert all(map(torch.equal, ours, theirs))


@feature
def views_share_their_bytes() -> None:
    a = X.cuda()
    view = a.view(8)
    assert (
        view.data_ptr() == a.data_ptr() == a.untyped_storage().data_ptr() == view.untyped_storage().data_ptr()
    )


@feature
def outputs_given() -> None:
    out, empty = torch.empty(4, 2, device=DEVICE), torch.empty(0, device=DEVICE)
    torch.mul(X.cuda(), 2, out=out)
    assert torch.equal(out.cpu(), X * 2)
    torch.add(X.cuda(), 1, out=empty)
    assert torch.equal(empty.cpu(), X + 1)


@feature
def zero_dimensional_tensors_of_the_host() -> None:
    assert on_device(X.cuda() * torch.tensor(2.0), torch.tensor(2.0) * X.cuda())
    assert on_device(X.cuda()[torch.tensor([0])], 2 * X.cuda() + 1, torch.where(X.cuda() > 0, 1.0, 0.0))


@feature
def lists_of_numbers_on_the_device() -> None:
    values = [X.cuda().sum(), X.cuda().mean()]
    assert torch.tensor(values).tolist() == [4.0, 0.5]
    assert torch.stack(values).cpu().tolist() == [4.0, 0.5]
    assert on_device(sum(values))
    assert X.cuda().sum() in [3.0, 4.0]


@feature
def nested_tensors() -> None:
    nested = torch.nested.nested_tensor([X.cuda(), X.cuda()[:2]])
    assert on_device(nested, nested.to_padded_tensor(0.0))


@feature
def threads() -> None:
    found: list[float] = []
    thread = threading.Thread(target=lambda: found.append(network().cuda()(X.cuda()).sum().item()))
    thread.start()
    thread.join()
    assert found


@feature
def memory_is_given_back() -> None:
    def resident_pages() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1])

    x = torch.randn(512, 512, device=DEVICE)
    before = 0
    for step in range(220):
        if step == 20:
            before = resident_pages()
        x = (x @ x.T).tanh()
        rest = x[1:].view(-1)
        rest += 0
    assert (resident_pages() - before) * 4096 < 20 << 20
