"""Common errors of Python and PyTorch in plain words: what usually lies behind them, and what to look at."""

from __future__ import annotations

import re
from typing import NamedTuple

from grader.model.text import Text, say


class Explanation(NamedTuple):
    """What an error means, and where to look."""

    summary: Text
    look_at: Text | None = None
    is_wrong_answer: bool = False
    """The error shows what was computed to be wrong, rather than that the code stopped."""


def explain(name: str, message: str) -> Explanation | None:
    """What an error of this class and message usually means; None when it speaks for itself."""
    by_name = {
        "NameError": _name_error,
        "UnboundLocalError": _unbound,
        "ModuleNotFoundError": _module,
        "ImportError": _import,
        "TypeError": _type_error,
        "AttributeError": _attribute,
        "RuntimeError": _runtime,
        "StdinNotImplementedError": _input,
        "EOFError": _input,
        "SyntaxError": _syntax,
        "IndentationError": _syntax,
        "RecursionError": _recursion,
        "OutOfMemoryError": _memory,
        "MemoryError": _memory,
        "SystemExit": _exit,
        "KeyboardInterrupt": _interrupted,
    }
    look_up = by_name.get(name)
    return look_up(message) if look_up is not None else None


def _name_error(message: str) -> Explanation | None:
    match = re.search(r"name '(\w+)' is not defined", message)
    if match is None:
        return None
    return Explanation(
        say("`{name}` is not defined when the notebook is run from the top.", name=match[1]),
        say(
            "Was `{name}` defined in a cell that was deleted, renamed, or that stands further down?",
            name=match[1],
        ),
    )


def _unbound(message: str) -> Explanation | None:
    match = re.search(r"local variable '(\w+)'", message)
    return Explanation(
        say("`{name}` is used in a function before it gets a value there.", name=match[1] if match else "?"),
        say("A name that a function assigns anywhere is local in all of that function."),
    )


def _module(message: str) -> Explanation | None:
    match = re.search(r"No module named '([\w.]+)'", message)
    return Explanation(
        say("The module `{name}` cannot be imported here.", name=match[1] if match else "?"),
        say("Use only the modules that the exercise imports, and look at the spelling."),
    )


def _import(message: str) -> Explanation | None:
    match = re.search(r"cannot import name '(\w+)' from '([\w.]+)'", message)
    if match is None:
        return None
    return Explanation(
        say("`{module}` has no `{name}` to import.", module=match[2], name=match[1]),
        say("Look at the spelling of the name and of the module."),
    )


def _type_error(message: str) -> Explanation | None:
    if re.search(
        r"unexpected keyword argument|positional arguments? but|required positional argument", message
    ):
        return Explanation(
            say("A function was called with other arguments than its definition takes."),
            say("Compare the names and the order of the parameters with those that the exercise gives."),
        )
    if "can't convert cuda" in message.lower():
        return None
    if "NoneType" in message:
        return Explanation(
            say("None turned up where a value is needed."),
            say("Look for a function without `return`, or for a gradient that was never computed."),
        )
    if "not callable" in message:
        return Explanation(
            say("Something that is not a function is called like one."),
            say(
                "Look for a name of a function that was given another value, or for a missing operator before `(`."
            ),
        )
    return None


def _attribute(message: str) -> Explanation | None:
    if "'NoneType' object" in message:
        return Explanation(
            say("None turned up where a value is needed."),
            say("Look for a function without `return`, or for a gradient that was never computed."),
        )
    match = re.search(r"'(\w+)' object has no attribute '(\w+)'", message)
    if match is None:
        return None
    if match[2] == "backward":
        return Explanation(
            say("`backward` was called on a plain value (`{kind}`), which hangs on no graph.", kind=match[1]),
            say("Look for `.item()`, `float(...)` or NumPy on the way to the loss: it must stay a tensor."),
        )
    return Explanation(
        say("A `{kind}` has no attribute `{name}`.", kind=match[1], name=match[2]),
        say("Look at the spelling of `{name}`, and at what stands before the dot.", name=match[2]),
    )


_DETACHED = r"does not require grad and does not have a grad_fn"
_RUNTIME: tuple[tuple[str, Text, Text], ...] = (
    (
        _DETACHED,
        say(
            "The loss hangs on no graph: it was detached from the parameters, so nothing can be differentiated."
        ),
        say(
            "Look for `.item()`, `.detach()`, `torch.tensor(...)`, `.data` or `no_grad` on the way to the loss."
        ),
    ),
    (
        r"backward through the graph a second time",
        say("`backward` is called twice through one graph."),
        say("Compute the loss afresh in every step of the loop, before `backward`."),
    ),
    (
        r"a leaf Variable that requires grad.* in-place|a view of a leaf Variable",
        say("A parameter that requires a gradient is changed in place outside of `torch.no_grad()`."),
        say("Put the update inside `with torch.no_grad():`, or leave it to an optimizer."),
    ),
    (
        r"modified by an inplace operation",
        say("A tensor that the backward pass needs was changed in place."),
        say("Look for `+=`, `[...] =` or a method that ends in `_` between the forward pass and `backward`."),
    ),
    (
        r"grad can be implicitly created only for scalar outputs",
        say("`backward` needs a scalar, and the loss has several elements."),
        say("Take the mean (or the sum) over all elements before `backward`."),
    ),
    (
        r"Can't call numpy\(\) on Tensor that requires grad",
        say("A tensor that hangs on a graph cannot become a NumPy array."),
        say("Detach it first: `.detach()`, or `.item()` for one number."),
    ),
    (
        r"appears to not have been used in the graph",
        say("A gradient is asked for with respect to a tensor that the loss does not depend on."),
        say("Look at which tensors the loss is computed from: a copy made on the way breaks the graph."),
    ),
    (
        r"mat1 and mat2 shapes cannot be multiplied|size mismatch|The size of tensor a|must match the "
        r"(?:existing )?size|shape .* is invalid for input|inconsistent tensor size",
        say("The shapes of two tensors do not fit together."),
        say("Print the shapes before the operation, and compare them with those of the exercise."),
    ),
    (
        r"expected (?:m1 and m2|scalar type|mat1 and mat2)|same dtype|Found dtype|result type .* can't be cast",
        say("Tensors of different dtypes meet in one operation."),
        say("Keep everything in the dtype of the inputs: look for a tensor that is made without one."),
    ),
    (
        r"Expected all tensors to be on the same device|Found no NVIDIA driver|not compiled with CUDA",
        say("The code asks for a GPU, or mixes devices, where there is none."),
        say("Choose the device once, by what is available, and move model and data there."),
    ),
    (
        r"can't allocate memory|not enough memory|failed to allocate",
        say("More memory was asked for than there is."),
        say("Look for a tensor of the wrong size: two shapes that broadcast to a very large one, say."),
    ),
)


def _runtime(message: str) -> Explanation | None:
    for pattern, summary, look_at in _RUNTIME:
        if re.search(pattern, message):
            return Explanation(summary, look_at, is_wrong_answer=pattern == _DETACHED)
    return None


def _input(_: str) -> Explanation:
    return Explanation(
        say("The notebook asks for something to be typed in (`input()`); nobody is there to answer."),
        say("Write the value into the cell instead."),
    )


def _syntax(_: str) -> Explanation:
    return Explanation(
        say("This cell is not valid Python."),
        say(
            "Look at brackets, quotes, colons and indentation in the line that is named, and in the one before."
        ),
    )


def _recursion(_: str) -> Explanation:
    return Explanation(
        say("A function calls itself without end."),
        say("Look for a function that calls its own name, directly or through another."),
    )


def _memory(_: str) -> Explanation:
    return Explanation(
        say("More memory was asked for than there is."),
        say("Look for a tensor of the wrong size: two shapes that broadcast to a very large one, say."),
    )


def _exit(_: str) -> Explanation:
    return Explanation(
        say("The code ends the program itself (`exit()`, `quit()` or `sys.exit()`)."),
        say("Take that call out: a notebook runs on to its last cell."),
    )


def _interrupted(_: str) -> Explanation:
    return Explanation(say("The code was interrupted."))
