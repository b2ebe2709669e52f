"""Common errors of Python and PyTorch in plain words: what they say for certain, and what to look at.

One message may have several causes: the summary holds for all of them, and the causes are what to look at.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from grader.model.text import Text, say
from grader.modules import meant_module

Place = Literal["cell", "call", "question"]
"""Where an error was raised: in a cell that ran, in the student's code when it was called, or in our own code that
called it and used what came back."""


class Explanation(NamedTuple):
    """What an error means, and where to look."""

    summary: Text
    look_at: Text | None = None
    is_wrong_answer: bool = False
    """The error shows what was computed to be wrong, rather than that the code stopped."""


def explain(name: str, message: str, place: Place = "cell") -> Explanation | None:
    """What an error of this class and message means; None when it speaks for itself."""
    if name == "AttributeError":
        return _attribute(message, place)
    if name == "TypeError":
        return _type_error(message, place)
    by_name = {
        "NameError": _name_error,
        "UnboundLocalError": _unbound,
        "ModuleNotFoundError": _module,
        "ImportError": _import,
        "RuntimeError": _runtime,
        "NotImplementedError": _not_implemented,
        "StdinNotImplementedError": _input,
        "EOFError": _end_of_input,
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
            "Look at the spelling of `{name}`. Was it defined in a cell that was deleted, that stopped with an error, "
            "or that stands further down?",
            name=match[1],
        ),
    )


def _unbound(message: str) -> Explanation | None:
    match = re.search(r"local variable '(\w+)'", message)
    if match is None:
        return None
    return Explanation(
        say("`{name}` has no value at the place in the function where it is used.", name=match[1]),
        say(
            "A name that a function assigns anywhere is local in all of that function: on every way to that line it "
            "must get its value there."
        ),
    )


def _module(message: str) -> Explanation | None:
    match = re.search(r"No module named '([\w.]+)'", message)
    meant = meant_module(match[1]) if match is not None else None
    if match is not None and meant is not None:
        return Explanation(
            say("There is no module `{name}`; did you mean `{meant}`?", name=match[1], meant=meant),
            say("Look at the spelling in the line that imports it."),
        )
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


_OTHER_ARGUMENTS = (
    r"unexpected keyword argument|positional arguments? but|required (?:positional|keyword-only) argument"
)
_NONE = say("None turned up where a value is needed.")
_WHENCE_NONE = say("Look for a function without `return`, or for a gradient that was never computed.")


def _type_error(message: str, place: Place) -> Explanation | None:
    if re.search(_OTHER_ARGUMENTS, message):
        summary = say("A function was called with other arguments than its definition takes.")
        if place == "question":
            return Explanation(
                summary,
                say("Compare the names and the order of the parameters with those that the exercise gives."),
            )
        return Explanation(
            summary,
            say(
                "Compare that call with the function's definition: the number of arguments, their order and names."
            ),
        )
    if "can't convert cuda" in message.lower():
        return None
    if re.search(r"(?<!expected )\bNoneType\b", message):
        return Explanation(_NONE, _WHENCE_NONE)
    if "object is not callable" in message:
        return Explanation(
            say("Something that is not a function is called like one."),
            say(
                "Look for a name of a function that was given another value, or for a missing operator before `(`."
            ),
        )
    return None


_NUMBERS = ("bool", "float", "float32", "float64", "int", "int64", "ndarray")
"""Kinds of numbers that hang on no graph."""
_BUILT_IN = (*_NUMBERS, "dict", "list", "set", "str", "tuple")


def _attribute(message: str, place: Place) -> Explanation | None:
    if "'NoneType' object" in message:
        return Explanation(_NONE, _WHENCE_NONE)
    match = re.search(r"'(\w+)' object has no attribute '(\w+)'", message)
    if match is None:
        return None
    kind, name = match[1], match[2]
    if name == "backward" and kind in _NUMBERS:
        return Explanation(
            say("`backward` was called on a plain value (`{kind}`), which hangs on no graph.", kind=kind),
            say("Look for `.item()`, `float(...)` or NumPy on the way to the loss: it must stay a tensor."),
        )
    if place == "question" and kind in _BUILT_IN:
        return Explanation(
            say(
                "A `{kind}` came back, which is not what is asked for: it has no `{name}`.",
                kind=kind,
                name=name,
            ),
            say("Compare what your code returns with what the exercise asks for."),
        )
    summary = say("A `{kind}` has no attribute `{name}`.", kind=kind, name=name)
    if place == "cell":
        return Explanation(
            summary, say("Look at the spelling of `{name}`, and at what stands before the dot.", name=name)
        )
    return Explanation(
        summary,
        say(
            "Look at the spelling of `{name}`, and at what stands before the dot: what your code is called with has "
            "what the exercise promises, which may be less than what is in your notebook.",
            name=name,
        ),
    )


_DETACHED = r"does not require grad and does not have a grad_fn"
_RUNTIME: tuple[tuple[str, Text, Text], ...] = (
    (
        _DETACHED,
        say(
            "What is differentiated, the loss say, hangs on no graph: nothing ties it to a tensor that requires "
            "a gradient."
        ),
        say(
            "Look for `.item()`, `.detach()`, `torch.tensor(...)`, `.data` or `no_grad` on the way to the loss, and "
            "at whether what it is computed from has `requires_grad`."
        ),
    ),
    (
        r"One of the differentiated Tensors does not require grad",
        say("A gradient is asked for with respect to a tensor that does not require one."),
        say("Let it require a gradient before anything is computed from it: `requires_grad_()`."),
    ),
    (
        r"backward through the graph a second time",
        say(
            "The gradient goes through a graph, or a part of one, for the second time; the first time has freed it."
        ),
        say(
            "Compute the loss afresh in every step of the loop, from the parameters on, and detach what one step "
            "hands on to the next."
        ),
    ),
    (
        r"a leaf Variable that requires grad.* in-place|a view of a leaf Variable",
        say(
            "A tensor that requires a gradient, a parameter say, is changed in place outside of `torch.no_grad()`."
        ),
        say("Put an update inside `with torch.no_grad():`, or leave it to an optimizer; else change a copy."),
    ),
    (
        r"modified by an inplace operation",
        say("A tensor that the backward pass needs was changed in place."),
        say("Look for `+=`, `[...] =` or a method that ends in `_` between the forward pass and `backward`."),
    ),
    (
        r"grad can be implicitly created only for scalar outputs",
        say("`backward` needs a scalar, and what it is called on is none."),
        say("Look at the shape of the loss: the mean (or the sum) over all elements makes a scalar of it."),
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
        r"shape .* is invalid for input",
        say("A tensor cannot take a shape that has another number of elements."),
        say("Print its shape before the operation, and multiply the sizes."),
    ),
    (
        r"mat1 and mat2 shapes cannot be multiplied|size mismatch|The size of tensor a|must match the "
        r"(?:existing )?size|inconsistent tensor size",
        say("The shapes of two tensors do not fit together."),
        say("Print the shapes before the operation, and compare them with those of the exercise."),
    ),
    (
        r"result type .* can't be cast",
        say("A result does not fit into the dtype of the tensor that it is written into."),
        say(
            "Look for `+=` or another operation in place on a tensor of whole numbers: make it one of floats first."
        ),
    ),
    (
        r"expected (?:m1 and m2|scalar type|mat1 and mat2)|same dtype|Found dtype",
        say("A tensor has another dtype than the operation expects."),
        say("Keep everything in the dtype of the inputs: look for a tensor that is made without one."),
    ),
    (
        r"Expected all tensors to be on the same device",
        say("Tensors on different devices meet in one operation."),
        say("Choose the device once, by what is available, and move model and data there."),
    ),
    (
        r"Found no NVIDIA driver|not compiled with CUDA",
        say("The code asks for a GPU where there is none."),
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


def _not_implemented(message: str) -> Explanation | None:
    match = re.search(r"Module \[(\w+)\] is missing the required \"forward\"", message)
    if match is None:
        return None
    return Explanation(
        say("The module `{name}` has no method `forward`.", name=match[1]),
        say("Look at the spelling of `forward`, and at its indentation: it belongs to the class."),
    )


def _input(_: str) -> Explanation:
    return Explanation(
        say("The notebook asks for something to be typed in (`input()`); nobody is there to answer."),
        say("Write the value into the cell instead."),
    )


def _end_of_input(message: str) -> Explanation | None:
    return _input(message) if "when reading a line" in message else None


def _syntax(message: str) -> Explanation | None:
    if "(<string>" in message or "(<unknown>" in message:
        return None  # a text given to `eval` or `exec`, and not the cell
    return Explanation(
        say("This cell is not valid Python."),
        say(
            "Look at brackets, quotes, colons and indentation in the line that is named, and in the one before."
        ),
    )


def _recursion(_: str) -> Explanation:
    return Explanation(
        say("A function calls itself, directly or through another, deeper than Python allows."),
        say("Look for a call that never comes to its end, or for a recursion as long as the data."),
    )


def _memory(_: str) -> Explanation:
    return Explanation(
        say("More memory was asked for than there is."),
        say("Look for a tensor of the wrong size: two shapes that broadcast to a very large one, say."),
    )


def _exit(_: str) -> Explanation:
    return Explanation(
        say(
            "The code ends the program itself: `exit()`, `quit()`, `sys.exit()`, or something that calls one."
        ),
        say("Take that call out: a notebook runs on to its last cell."),
    )


def _interrupted(_: str) -> Explanation:
    return Explanation(say("The code was interrupted."))
