"""Modules: moved, copied, compiled."""

from __future__ import annotations

import copy

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from tests.inkernel.virtual_cuda.features.checking import X, feature, network, on_device


@feature
def modules_keep_their_parameters_when_moved() -> None:
    model = network()
    before = [id(p) for p in model.parameters()]
    assert model.to("cuda") is model
    assert before == [id(p) for p in model.parameters()]
    assert all(on_device(p) and isinstance(p, nn.Parameter) and p.is_leaf for p in model.parameters())


@feature
def modules_moved_back() -> None:
    model = network().cuda()
    model.cpu()
    assert str(model(X).device) == "cpu"


@feature
def modules_of_another_dtype() -> None:
    model = network().cuda().double()
    assert model[0].weight.dtype == torch.float64
    assert on_device(model[0].weight)


@feature
def buffers() -> None:
    model = nn.BatchNorm1d(2).cuda()
    model(X.cuda())
    assert on_device(model.running_mean, model.num_batches_tracked)


@feature
def lists_of_parameters() -> None:
    assert on_device(nn.ParameterList([nn.Parameter(torch.ones(2))]).cuda()[0])


@feature
def deep_copies() -> None:
    model = network().cuda()
    other = copy.deepcopy(model)
    assert on_device(other[0].weight)
    assert torch.equal(other[0].weight, model[0].weight)
    assert other[0].weight.data_ptr() != model[0].weight.data_ptr()
    copy.deepcopy(torch.optim.Adam(model.parameters()).state_dict())
    assert on_device(copy.copy(X.cuda()))


@feature
def evaluation_without_gradients() -> None:
    model = network().cuda().eval()
    with torch.no_grad():
        first = model(X.cuda())
    with torch.inference_mode():
        second = model(X.cuda())
    assert torch.equal(first, second)


@feature
def hooks() -> None:
    seen: list[str] = []
    model = network().cuda()
    model[0].register_forward_hook(lambda module, args, output: seen.append(str(output.device)))
    model[0].weight.register_hook(lambda gradient: seen.append(str(gradient.device)))
    model(X.cuda()).sum().backward()
    assert seen == ["cuda:0", "cuda:0"]


@feature
def initialisation() -> None:
    weight = nn.init.xavier_uniform_(nn.Linear(2, 2).cuda().weight)
    weight.data.copy_(torch.ones(2, 2))
    assert on_device(weight)
    assert weight.sum().item() == 4


@feature
def parametrizations() -> None:
    assert on_device(nn.utils.parametrizations.spectral_norm(nn.Linear(2, 2).cuda())(X.cuda()))


@feature
def data_parallel_on_one_device() -> None:
    assert on_device(nn.DataParallel(network()).cuda()(X.cuda()))


@feature
def compiled_modules() -> None:
    assert on_device(torch.compile(network().cuda())(X.cuda()))


@feature
def scripted_and_traced_modules() -> None:
    assert on_device(torch.jit.script(network().cuda())(X.cuda()))
    assert on_device(torch.jit.trace(network().cuda(), X.cuda())(X.cuda()))


@feature
def activation_checkpointing() -> None:
    model = network().cuda()
    checkpoint(model, X.cuda().requires_grad_(), use_reentrant=False).sum().backward()
    assert on_device(model[0].weight.grad)
