"""Operators that only CUDA has, made of the CPU's: the cells of LSTM and GRU, and the gradient of RMSNorm.

Source: aten/src/ATen/native/cuda/RNN.cu and layer_norm_kernel.cu, for what each takes, gives and keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from .device_checks import check_same_device
from .presence import HOST, check_fork
from .retag import maybe_to_host, to_device, to_host

Maybe = torch.Tensor | None
_LSTM_ARGUMENTS = ("input_gates", "hidden_gates", "cx", "input_bias", "hidden_bias")
_GRU_ARGUMENTS = ("input_gates", "hidden_gates", "hx", "input_bias", "hidden_bias")


def lstm_cell(
    of_input: torch.Tensor,
    of_hidden: torch.Tensor,
    cell: torch.Tensor,
    input_bias: Maybe = None,
    hidden_bias: Maybe = None,
) -> tuple[torch.Tensor, ...]:
    """New hidden state, new cell state, and the four gates for the way back."""
    check_fork()
    given = (of_input, of_hidden, cell, input_bias, hidden_bias)
    check_same_device("wrapper_CUDA___thnn_fused_lstm_cell", zip(_LSTM_ARGUMENTS, given, strict=True))
    gates = to_host(of_input) + to_host(of_hidden)
    if input_bias is not None and hidden_bias is not None:
        gates = gates + to_host(input_bias) + to_host(hidden_bias)
    enter, forget, new, leave = gates.chunk(4, 1)
    enter, forget, new, leave = enter.sigmoid(), forget.sigmoid(), new.tanh(), leave.sigmoid()
    state = forget * to_host(cell) + enter * new
    hidden = leave * state.tanh()
    return to_device(hidden), to_device(state), to_device(torch.cat([enter, forget, new, leave], 1))


def lstm_cell_backward(
    of_hidden: Maybe,
    of_state: Maybe,
    cell: torch.Tensor,
    state: torch.Tensor,
    gates: torch.Tensor,
    has_bias: bool,
) -> tuple[Maybe, ...]:
    """Gradients of the gates, of the cell state and of the biases."""
    if of_hidden is None and of_state is None:
        return None, None, None
    enter, forget, new, leave = to_host(gates).chunk(4, 1)
    cell, state = to_host(cell), to_host(state)
    squashed = state.tanh()
    gradient = torch.zeros_like(state) if of_state is None else to_host(of_state).clone()
    of_leave = torch.zeros_like(state)
    if of_hidden is not None:
        hidden = to_host(of_hidden)
        of_leave = hidden * squashed * leave * (1 - leave)
        gradient = gradient + hidden * leave * (1 - squashed * squashed)
    of_gates = torch.cat(
        [
            gradient * new * enter * (1 - enter),
            gradient * cell * forget * (1 - forget),
            gradient * enter * (1 - new * new),
            of_leave,
        ],
        1,
    )
    return to_device(of_gates), to_device(gradient * forget), _of_bias(of_gates, has_bias)


def gru_cell(
    of_input: torch.Tensor,
    of_hidden: torch.Tensor,
    state: torch.Tensor,
    input_bias: Maybe = None,
    hidden_bias: Maybe = None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """New state, and what the way back needs."""
    check_fork()
    given = (of_input, of_hidden, state, input_bias, hidden_bias)
    check_same_device("wrapper_CUDA___thnn_fused_gru_cell", zip(_GRU_ARGUMENTS, given, strict=True))
    of_input, of_hidden, state = to_host(of_input), to_host(of_hidden), to_host(state)
    if input_bias is not None and hidden_bias is not None:
        of_input, of_hidden = of_input + to_host(input_bias), of_hidden + to_host(hidden_bias)
    input_reset, input_update, input_new = of_input.chunk(3, 1)
    hidden_reset, hidden_update, hidden_new = of_hidden.chunk(3, 1)
    reset, update = (input_reset + hidden_reset).sigmoid(), (input_update + hidden_update).sigmoid()
    new = (input_new + reset * hidden_new).tanh()
    following = new + update * (state - new)
    return to_device(following), to_device(torch.cat([reset, update, new, state, hidden_new], 1))


def gru_cell_backward(gradient: torch.Tensor, kept: torch.Tensor, has_bias: bool) -> tuple[torch.Tensor, ...]:
    """Gradients of the input's and the hidden gates, of the state and of both biases."""
    g = to_host(gradient)
    reset, update, new, state, hidden_new = to_host(kept).chunk(5, 1)
    of_update = g * (state - new) * update * (1 - update)
    of_new = g * (1 - update) * (1 - new * new)
    of_reset = of_new * hidden_new * reset * (1 - reset)
    of_input = torch.cat([of_reset, of_update, of_new], 1)
    of_hidden = torch.cat([of_reset, of_update, of_new * reset], 1)
    return (
        to_device(of_input),
        to_device(of_hidden),
        to_device(g * update),
        _of_bias(of_input, has_bias),
        _of_bias(of_hidden, has_bias),
    )


def _of_bias(of_gates: torch.Tensor, has_bias: bool) -> torch.Tensor:
    return to_device(of_gates.sum(0) if has_bias else torch.empty(0, device=HOST))


def rms_norm_backward(
    gradient: torch.Tensor,
    input: torch.Tensor,
    shape: Sequence[int],
    scale: torch.Tensor,
    weight: Maybe = None,
    wanted: Any = (True, True),
) -> tuple[torch.Tensor, Maybe]:
    """Gradients of input and weight; `scale` is one over the root of the mean square."""
    g, x, r, w = to_host(gradient), to_host(input), to_host(scale), maybe_to_host(weight)
    normal = x * r
    weighted = g if w is None else g * w
    of_input = r * (weighted - normal * (weighted * normal).mean([*range(-len(shape), 0)], keepdim=True))
    of_weight = None
    if w is not None and wanted[1]:
        of_weight = to_device((g * normal).reshape(-1, *shape).sum(0))
    return to_device(of_input), of_weight
