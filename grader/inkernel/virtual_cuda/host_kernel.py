"""The kernel of nearly every operator on the device: the CPU's, on the same bytes, after CUDA's checks."""

from __future__ import annotations

from typing import Any

import torch

from .device_checks import MAY_BE_MIXED, check_devices, check_numbers
from .errors import VirtualDeviceUnsupported
from .generators import check_generator
from .operator_table import Rule, rule_of
from .presence import HOST, PRESENCE, check_fork, check_index
from .record import RECORD
from .retag import point_at, to_device, to_host

CPU_KEYS = torch._C.DispatchKeySet(torch._C.DispatchKey.CPU)
_NOT_A_TENSOR = "but instead found type"
_NO_KERNEL = "Could not run"
_isinstance, _Tensor, _device, _strided = isinstance, torch.Tensor, torch.device, torch.strided


class _Aliases:
    """The host's aliases of what one call was given."""

    __slots__ = ("has_host", "of")

    def __init__(self) -> None:
        self.of: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}
        """Identity of an alias to the alias and its device tensor."""
        self.has_host = False
        """Whether a tensor of the host came beside them."""

    def take(self, argument: Any) -> Any:
        """What the CPU's kernel gets in place of an argument."""
        if _isinstance(argument, _Tensor):
            if not argument.is_cuda:
                self.has_host = True
                return argument
            alias = to_host(argument)
            self.of[id(alias)] = alias, argument
            return alias
        kind = type(argument)
        if kind is list or kind is tuple:
            return kind([self.take(item) for item in argument])
        if kind is _device and argument.type == "cuda":
            check_index(argument)
            return HOST
        return argument

    def take_keyword(self, rule: Rule, name: str, argument: Any) -> Any:
        """The same for an argument given by name."""
        if name == "generator":
            check_generator(argument)
            return argument
        if name == "pin_memory":
            return None
        if (
            name in rule.written
            and _isinstance(argument, _Tensor)
            and argument.is_cuda
            and not argument.numel()
        ):
            alias = torch.empty(0, dtype=argument.dtype, device=HOST)  # it is there to be resized
            self.of[id(alias)] = alias, argument
            return alias
        return self.take(argument)

    def give_back(self, result: Any) -> Any:
        """What the student gets in place of a result."""
        if _isinstance(result, _Tensor):
            known = self.of.get(id(result))
            if known is not None:
                return known[1]
            if result.is_cuda:
                return result
            if result.layout is not _strided:
                raise VirtualDeviceUnsupported(f"{result.layout} tensors")
            return to_device(result)
        kind = type(result)
        if kind is tuple or kind is list:
            return kind([self.give_back(item) for item in result])
        return result

    def follow_resized(self) -> None:
        """Let device tensors follow aliases that the kernel resized."""
        for alias, tensor in self.of.values():
            if alias.shape != tensor.shape:
                point_at(tensor, alias, alias.size(), alias.stride())


def run_on_host(operator: Any, *args: Any, **kwargs: Any) -> Any:
    """Run one operator of the device; raises what CUDA would, or VirtualDeviceUnsupported."""
    try:
        return _run(operator, args, kwargs)
    except VirtualDeviceUnsupported:
        raise
    except Exception as error:  # noqa: BLE001  whatever the operator raises, without the frames of its emulation
        raise error.with_traceback(None) from None


def _run(operator: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if PRESENCE.is_forked:
        check_fork()
    rule = rule_of(operator)
    check_numbers(rule, args)
    RECORD.operators += 1
    aliases = _Aliases()
    host_args = [aliases.take(argument) for argument in args]
    host_kwargs = {name: aliases.take_keyword(rule, name, kwargs[name]) for name in kwargs}
    if aliases.has_host and aliases.of and rule.name not in MAY_BE_MIXED:
        check_devices(rule, args, kwargs)
    try:
        result = _compute(operator, rule, host_args, host_kwargs)
    except NotImplementedError as error:
        if _NO_KERNEL in str(error):
            raise VirtualDeviceUnsupported(f"{rule.name} has no kernel for the CPU") from error
        raise
    if rule.written:
        aliases.follow_resized()
    return aliases.give_back(result)


def _compute(operator: Any, rule: Rule, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """Call the CPU's kernel; the number in `x + 1` comes here as a number, where the kernel wants a tensor."""
    numbers = [place for place in rule.tensor_places if place < len(args) and _is_number(args[place])]
    if not numbers:
        return operator.redispatch(CPU_KEYS, *args, **kwargs)
    try:
        return operator(*args, **kwargs)  # the parser of arguments makes most of them tensors again
    except RuntimeError as error:
        if _NOT_A_TENSOR not in str(error):
            raise
    beside = next((argument for argument in args if _isinstance(argument, _Tensor)), None)
    for place in numbers:
        dtype = None if beside is None else torch.result_type(beside, args[place])
        args[place] = torch.tensor(args[place], dtype=dtype, device=HOST)
    return operator.redispatch(CPU_KEYS, *args, **kwargs)


def _is_number(argument: Any) -> bool:
    return _isinstance(argument, int | float | complex)
