"""Messages of Python, NumPy and PyTorch that a student may read, with the parts of them that vary.

A message that matches none is not shown. A part that varies stands in braces: `n` a size, `d` a small count or
dimension, `shape` sizes, `dtype`, `device`, `type` a class, `name` an identifier, `key` a dict's key, `any` what is
never shown. Source: CPython 3.11 to 3.13, PyTorch 2, NumPy 2.
"""

from __future__ import annotations

import re
from typing import Final

HOLES: Final = {
    "n": r"\d+",
    "d": r"-?\d",
    "shape": r"\(?\[?[\dx, -]*\]?\)?",
    "dtype": r"(?:c10::|torch\.)?(?:[Ff]loat|[Dd]ouble|[Hh]alf|BFloat16|bfloat16|[Ll]ong|[Ii]nt|[Ss]hort|[Cc]har"
    r"|[Bb]yte|[Bb]ool|ComplexFloat|ComplexDouble|float16|float32|float64|u?int8|int16|int32|int64|complex64|complex128)",
    "device": r"(?:cpu|meta|mps|cuda(?::\d)?)",
    "type": r"[\w.]{1,100}",
    "name": r"\w{1,100}",
    "key": r"'\w{1,100}'|\d{1,9}",
    "call": r"[\w.<>]{1,100}",
    "any": r".*",
}
"""What each part may be made of."""

MESSAGES: Final = (
    # names, attributes, keys
    "name '{name}' is not defined",
    "name '{name}' is not defined. Did you mean: '{name}'?",
    "cannot access local variable '{name}' where it is not associated with a value",
    "cannot access free variable '{name}' where it is not associated with a value in enclosing scope",
    "local variable '{name}' referenced before assignment",
    "free variable '{name}' referenced before assignment in enclosing scope",
    "'{type}' object has no attribute '{name}'",
    "'{type}' object has no attribute '{name}'. Did you mean: '{name}'?",
    "type object '{type}' has no attribute '{name}'",
    "module '{type}' has no attribute '{name}'",
    "module '{type}' has no attribute '{name}'. Did you mean: '{name}'?",
    "No module named '{type}'",
    "cannot import name '{name}' from '{type}' ({any})",
    "cannot import name '{name}' from '{type}'",
    "{key}",
    # calls and kinds
    "{call}() missing {d} required positional argument: '{name}'",
    "{call}() missing {d} required positional arguments: '{name}' and '{name}'",
    "{call}() missing {d} required keyword-only argument: '{name}'",
    "{call}() takes {d} positional arguments but {d} were given",
    "{call}() takes {d} positional argument but {d} were given",
    "{call}() takes {d} positional arguments but {d} was given",
    "{call}() takes from {d} to {d} positional arguments but {d} were given",
    "{call}() got an unexpected keyword argument '{name}'",
    "{call}() got multiple values for argument '{name}'",
    "{call}(): argument '{name}' (position {d}) must be {type}, not {type}",
    "{call}(): argument '{name}' (position {d}) must be {type} of ints, not {type}",
    "{call}(): argument '{name}' must be {type}, not {type}",
    "'{type}' object is not callable",
    "'{type}' object is not subscriptable",
    "'{type}' object is not iterable",
    "'{type}' object does not support item assignment",
    "'{type}' object cannot be interpreted as an integer",
    "'{type}' object does not support the context manager protocol",
    "cannot unpack non-iterable {type} object",
    "object of type '{type}' has no len()",
    "unhashable type: '{type}'",
    "bad operand type for unary -: '{type}'",
    "bad operand type for abs(): '{type}'",
    "can't multiply sequence by non-int of type '{type}'",
    'can only concatenate {type} (not "{type}") to {type}',
    "must be real number, not {type}",
    "float() argument must be a string or a real number, not '{type}'",
    "not enough values to unpack (expected {d}, got {d})",
    "too many values to unpack (expected {d})",
    "too many values to unpack (expected {d}, got {n})",
    "list indices must be integers or slices, not {type}",
    "tuple indices must be integers or slices, not {type}",
    "list index out of range",
    "tuple index out of range",
    "string index out of range",
    "list assignment index out of range",
    "pop from empty list",
    "division by zero",
    "float division by zero",
    "integer division or modulo by zero",
    "math domain error",
    "math range error",
    "maximum recursion depth exceeded",
    "maximum recursion depth exceeded while calling a Python object",
    "maximum recursion depth exceeded in comparison",
    "could not convert string to float: {any}",
    "invalid literal for int() with base 10: {any}",
    "dictionary changed size during iteration",
    "super(): no arguments",
    "super().__init__() must be called",
    "cannot assign module before Module.__init__() call",
    "cannot assign parameters before Module.__init__() call",
    "generator didn't yield",
    "invalid syntax (<string>, line {d})",
    "raw_input was called, but this frontend does not support input requests.",
    "EOF when reading a line",
    "No active exception to reraise",
    "exceptions must derive from BaseException",
    "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()",
    "operands could not be broadcast together with shapes {shape} {shape}",
    "operands could not be broadcast together with shapes {shape} {shape} ",
    "cannot reshape array of size {n} into shape {shape}",
    "setting an array element with a sequence.{any}",
    # shapes
    "mat1 and mat2 shapes cannot be multiplied ({shape} and {shape})",
    "The size of tensor a ({n}) must match the size of tensor b ({n}) at non-singleton dimension {d}",
    "The expanded size of the tensor ({n}) must match the existing size ({n}) at non-singleton dimension {d}.{any}",
    "shape '{shape}' is invalid for input of size {n}",
    "size mismatch, got input ({n}), mat ({shape}), vec ({n})",
    "size mismatch, got {any}",
    "inconsistent tensor size, expected tensor {shape} and src {shape} to have the same number of elements,{any}",
    "1D tensors expected, but got {d}D and {d}D tensors",
    "both arguments to {type} need to be at least 1D, but they are {d}D and {d}D",
    "t() expects a tensor with <= 2 dimensions, but self is {d}D",
    "output with shape {shape} doesn't match the broadcast shape {shape}",
    "Dimension out of range (expected to be in range of [{d}, {d}], but got {d})",
    "index {n} is out of bounds for dimension {d} with size {n}",
    "index {n} is out of bounds for axis {d} with size {n}",
    "too many indices for tensor of dimension {d}",
    "invalid index of a 0-dim tensor. Use `tensor.item()` in Python or `tensor.item<T>()` in C++ to convert a 0-dim"
    " tensor to a number",
    "iteration over a 0-d tensor",
    "len() of a 0-d tensor",
    "a Tensor with {n} elements cannot be converted to Scalar",
    "only one element tensors can be converted to Python scalars",
    "Boolean value of Tensor with more than one value is ambiguous",
    "Boolean value of Tensor with no values is ambiguous",
    "stack expects a non-empty TensorList",
    "stack expects each tensor to be equal size, but got {shape} at entry {d} and {shape} at entry {d}",
    "Sizes of tensors must match except in dimension {d}. Expected size {n} but got size {n} for tensor number {d} in"
    " the list.",
    "zero-dimensional tensor (at position {d}) cannot be concatenated",
    "Expected target size {shape}, got {shape}",
    "Expected input batch_size ({n}) to match target batch_size ({n}).",
    "Using a target size {any} that is different to the input size {any}",
    "expected sequence of length {n} at dim {d} (got {n})",
    # dtypes and devices
    "mat1 and mat2 must have the same dtype, but got {dtype} and {dtype}",
    "expected m1 and m2 to have the same dtype, but got: {dtype} != {dtype}",
    "expected scalar type {dtype} but found {dtype}",
    "Found dtype {dtype} but expected {dtype}",
    "result type {dtype} can't be cast to the desired output type {dtype}",
    "dot : expected both vectors to have same dtype, but found {dtype} and {dtype}",
    "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: {dtype}",
    "Only Tensors of floating point and complex dtype can require gradients",
    "only Tensors of floating point dtype can require gradients",
    "tensors used as indices must be long, int, byte or bool tensors",
    "Expected all tensors to be on the same device, but found at least two devices, {device} and {device}!{any}",
    "can't convert {device} device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first.",
    "Torch not compiled with CUDA enabled",
    # autograd
    "element {d} of tensors does not require grad and does not have a grad_fn",
    "grad can be implicitly created only for scalar outputs",
    "One of the differentiated Tensors does not require grad",
    "One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if this is the"
    " desired behavior.",
    "Trying to backward through the graph a second time{any}",
    "a leaf Variable that requires grad is being used in an in-place operation.",
    "a view of a leaf Variable that requires grad is being used in an in-place operation.",
    "one of the variables needed for gradient computation has been modified by an inplace operation{any}",
    "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
    "can't optimize a non-leaf Tensor",
    "optimizer got an empty parameter list",
    'Module [{type}] is missing the required "forward" function',
    "assigned grad has data of a different size",
    "assigned grad has data of a different type",
)

FRAGMENTS: Final = (
    "is missing the required",
    "does not require grad and does not have a grad_fn",
    "backward through the graph a second time",
    "modified by an inplace operation",
    "grad can be implicitly created only for scalar outputs",
    "mat1 and mat2 shapes cannot be multiplied",
    "expected scalar type",
    "same dtype",
    "Found dtype",
    "Expected all tensors to be on the same device",
    "should be the same",
    "different devices",
    "gradient with device type",
    "device type for generator",
    "indices should be either on",
    "Found no NVIDIA driver",
    "No CUDA GPUs are available",
    "Torch not compiled with CUDA enabled",
    "No supported gpu backend found",
    "Attempting to deserialize object on a CUDA device",
    "device type tensor to numpy",
    "invalid device ordinal",
    "the virtual CUDA device cannot do this",
    "CUDA driver version is insufficient",
    "can't optimize a non-leaf Tensor",
    "Cannot re-initialize CUDA in forked",
    '"addmm_cuda" not implemented for',
    '"baddbmm_cuda" not implemented for',
    '"dot" not implemented for',
    "unsafe to autocast",
    "can't allocate memory",
    "not enough memory",
    "failed to allocate",
    "Could not run '",
    "not implemented for",
    "aten::",
    "size mismatch",
    "inconsistent tensor size",
    "positional argument",
    "unexpected keyword argument",
    "NoneType",
)
"""Of a longer message of a library this much is shown, the first that stands in it, and nothing around it."""

_HOLE = re.compile(r"\{(\w+)\}")


def _compiled(message: str) -> tuple[re.Pattern[str], tuple[str, ...], tuple[str, ...]]:
    """The pattern, its constant parts, and the kinds of the parts between them."""
    parts = _HOLE.split(message)
    constant, kinds = tuple(parts[::2]), tuple(parts[1::2])
    pattern = "".join(
        f"({HOLES[part]})" if odd else re.escape(part)
        for part, odd in zip(parts, [False, True] * len(parts), strict=False)
    )
    return re.compile(pattern, re.DOTALL), constant, kinds


COMPILED: Final = tuple(map(_compiled, MESSAGES))
