"""Probes' code that brings values of any kind (lists, tensors, arrays, on any device) as flat arrays."""

from __future__ import annotations

from grader.criteria.inputs import function_body


def both(x: str, y: str) -> str:
    """A probe's code that gives two values as flat lists of numbers, `x` and `y`."""
    return f"{_functions(x, y)}\nreturn {{'x': _flat(_first()), 'y': _flat(_second())}}"


def one(y: str) -> str:
    """A probe's code that gives one value as a flat list of numbers, as `y`."""
    return f"{_functions(y, y)}\nreturn {{'y': _flat(_second())}}"


def _functions(first: str, second: str) -> str:
    bodies = [function_body(code).replace("\n", "\n    ") for code in (first, second)]
    return f"""def _first():
    {bodies[0]}
def _second():
    {bodies[1]}
def _flat(values):
    if isinstance(values, (list, tuple)):
        values = [v.detach().cpu().item() if hasattr(v, "detach") else float(v) for v in values]
    elif hasattr(values, "detach"):
        values = values.detach().cpu().numpy()
    return np.asarray(values, dtype=np.float64).reshape(-1)"""
