"""Optimizers: another one, the wrong parameters, gradients never cleared, a step too early."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.authoring.mutation.code import Code, Edit, name_of

_OTHER = {"SGD": "Adam", "Adam": "SGD", "AdamW": "SGD", "RMSprop": "SGD", "Adagrad": "SGD"}


def kinds(code: Code) -> Iterator[Edit]:
    """`torch.optim.Adam` becomes `torch.optim.SGD`, and the other way round."""
    for call in code.nodes(ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr in _OTHER:
            end = code.end(call.func)
            yield Edit("optimizers.other", end - len(call.func.attr), end, _OTHER[call.func.attr])


def parameters(code: Code) -> Iterator[Edit]:
    """`model.parameters()` becomes its first only, all but its first, or copies that are not the model's."""
    for call in code.nodes(ast.Call):
        if name_of(call) == "parameters" and not call.args:
            all_ = code.of(call)
            yield code.replace("optimizers.first_only", call, f"list({all_})[:1]")
            yield code.replace("optimizers.without_first", call, f"list({all_})[1:]")
            copies = f"[p.detach().clone().requires_grad_() for p in {all_}]"
            yield code.replace("optimizers.copies", call, copies)


def early_steps(code: Code) -> Iterator[Edit]:
    """`optimizer.step()` moves to the top of its loop, where no gradient is there yet, or an old one."""
    for loop in code.nodes(ast.For):
        steps = [s for s in loop.body if isinstance(s, ast.Expr) and name_of(s.value) == "step"]
        for step in steps:
            first = loop.body[0]
            if step is not first and step is not loop.body[1]:
                indent = " " * first.col_offset
                middle = code.text[code.start(first) : code.start(step)].rstrip()
                new = f"{code.of(step)}\n{indent}{middle}"
                yield Edit("optimizers.early_step", code.start(first), code.end(step), new)


RULES = (kinds, parameters, early_steps)
