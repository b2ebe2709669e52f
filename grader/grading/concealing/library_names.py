"""Classes of Python's and PyTorch's libraries that errors, and messages of theirs, speak of.

Any other is named to a student only where the notebook's own text defines it.
"""

from __future__ import annotations

from typing import Final

_ERRORS = """
OutOfMemoryError AcceleratorError LinAlgError AxisError VirtualDeviceUnsupported
StdinNotImplementedError InvalidIndexError EmptyDataError ParserError UFuncTypeError
_UFuncNoLoopError UnsupportedOperation CalledProcessError URLError HTTPError JSONDecodeError
UnpicklingError NotFittedError TclError ExecutableNotFound TimeoutExpired BackendCompilerFailed
Unsupported DistributionNotFound
"""
_TYPES = """
NoneType Tensor Parameter Size Generator device dtype Module Sequential Linear ReLU Sigmoid Tanh
Softmax MSELoss CrossEntropyLoss BCELoss BCEWithLogitsLoss SGD Adam AdamW RMSprop Optimizer
ModuleList ParameterList Conv2d Flatten Dropout Embedding LSTM GRU RNN DataLoader Dataset
TensorDataset function method module ndarray generator builtin_function_or_method method-wrapper
ellipsis OrderedDict defaultdict Counter deque namedtuple DataFrame Series float16 float32 float64
int8 int16 int32 int64 uint8 bool_ str_ Figure Axes dict_keys dict_values dict_items list_iterator
map filter zip enumerate range ints floats SymInt Number Scalar torch numpy np nn F torch.nn
torch.optim torch.nn.functional matplotlib math random partial property Path Lock
"""
ERRORS: Final = frozenset(_ERRORS.split())
"""Classes of exceptions besides Python's built-in ones."""
TYPES: Final = frozenset(_TYPES.split())
"""Classes, and modules, of values."""
