"""Forged answers: whatever a kernel sends for an answer is at worst wrong data, or none.

Each forgery is asked for by a probe. `fools` is what a check inside the kernel, or a reader that believes what it gets,
would conclude: it comes out true, which shows that the forgery is a real one. A refusal names what was forged, which
shows the same.
"""

from dataclasses import dataclass
from typing import Any

from grader.model.probe import Leaf, Opaque, Probe
from grader.sandbox import Kernel
from tests.sandbox.notebooks import notebook, outputs_of

LIARS = """
import json, torch, numpy
import numpy as np

class Agreeable(torch.Tensor):
    def __eq__(self, other): return torch.tensor(True)
    def __ne__(self, other): return torch.tensor(False)
    def __sub__(self, other): return torch.zeros(())
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return torch.tensor(42.0)
    def numpy(self): return np.full(3, 42.0)
    def detach(self): return self

def agreeable(): return torch.ones(3).as_subclass(Agreeable)
class Chameleon:
    __class__ = torch.Tensor
    shape = (1,)
class Impostor(float):
    def __new__(cls): return float.__new__(cls, 1.0)
    def __float__(self): return 42.0
"""
PATCHES = """
def yes(*a, **k): return True
for name in ("allclose", "equal", "isclose", "eq"):
    setattr(torch, name, yes)
np.allclose = np.array_equal = np.array_equiv = yes
np.asarray = np.ascontiguousarray = np.stack = lambda *a, **k: np.full(3, 42.0)
torch.Tensor.numpy = torch.Tensor.detach = torch.Tensor.cpu = lambda *a, **k: 42
torch.frombuffer = torch.manual_seed = yes
true_dumps, true_loads = json.dumps, json.loads
json.dumps = lambda value, *a, **k: true_dumps([] if type(value) is list else value, *a, **k)
json.loads = lambda text, *a, **k: {} if "nonce" in str(text) else true_loads(text, *a, **k)
"""
FORGERS = """
import pickle, json
kernel = get_ipython().kernel
def shoot(header, buffers=(), times=1):
    parent = kernel.get_parent()
    nonce = json.loads(bytes(parent["buffers"][0]))[0]["nonce"]
    content = dict(data={}, metadata=dict(nonce=nonce, outcome="answered", **header), transient={})
    for _ in range(times):
        kernel.session.send(kernel.iopub_socket, "display_data", content, parent=parent, buffers=list(buffers))
    silence()

def silence():
    true = kernel.session.serialize
    def gate(msg, ident=None):
        if msg["msg_type"] != "display_data": return true(msg, ident)
        kernel.session.serialize = true
        raise ValueError("silenced")
    kernel.session.serialize = gate

def leaf(dtype="float32", shape=(1,), **more):
    return dict(type="leaf", buffer=0, dtype=dtype, shape=list(shape), made_of="Tensor",
                requires_grad=False, device="cpu") | more
class Bomb:
    def __reduce__(self): return (exec, ("raise SystemExit",))
def runs(pickled):
    try:
        pickle.loads(pickled)
    except SystemExit:
        return True
def deep():
    tree = dict(type="nothing")
    for _ in range(200): tree = dict(type="items", container="list", items=[tree])
    return tree
"""


@dataclass(frozen=True)
class Forgery:
    """One forged answer."""

    name: str
    code: str
    """Of the probe."""
    becomes: Any = None
    """The numbers, or the name of a class that no number is taken from, that the grader has in the end."""
    refused: str = ""
    """What the refusal says."""
    fools: str = ""

    @property
    def key(self) -> str:
        """Its name as one word."""
        return self.name.replace(" ", "_")


LIES = (
    Forgery(
        "a tensor that agrees with everything",
        "return agreeable()",
        becomes=[1, 1, 1],
        fools="(agreeable() == torch.zeros(3)).item()",
    ),
    Forgery(
        "patched comparisons",
        "return torch.ones(3) * 2",
        becomes=[2, 2, 2],
        fools="torch.allclose(torch.ones(3), torch.zeros(3)) and np.allclose(1, 2)",
    ),
    Forgery(
        "patched conversions",
        "return [1.0, 2.0]",
        becomes=[1, 2],
        fools="np.asarray([1.0, 2.0]).tolist() == [42.0] * 3",
    ),
    Forgery(
        "an object of a false class",
        "return Chameleon()",
        becomes="Chameleon",
        fools="isinstance(Chameleon(), torch.Tensor)",
    ),
    Forgery(
        "a number that lies", "return Impostor()", becomes="Impostor", fools="Impostor().__float__() == 42"
    ),
)
SHOTS = (
    Forgery(
        "a well formed forgery",
        "import struct\nshoot(dict(tree=leaf()), [struct.pack('<f', 42)])",
        becomes=[42],
    ),
    Forgery("two answers", "shoot(dict(tree=leaf()), [b'1234'], times=2)", refused="2 answers"),
    Forgery("no answer", "silence()", refused="0 answers"),
    Forgery("a byte too many", "shoot(dict(tree=leaf()), [b'12345'])", refused="length"),
    Forgery("negative sizes", "shoot(dict(tree=leaf(shape=[-1, -1])), [b'1234'])", refused="shape"),
    Forgery("a size that is no number", "shoot(dict(tree=leaf(shape=[True])), [b'1234'])", refused="shape"),
    Forgery("nine dimensions", "shoot(dict(tree=leaf(shape=[1] * 9)), [b'1234'])", refused="shape"),
    Forgery(
        "a pickle that runs",
        "shoot(dict(tree=leaf(dtype='object')), [pickle.dumps(Bomb())])",
        refused="dtype",
        fools="runs(pickle.dumps(Bomb()))",
    ),
    Forgery("pointers", "shoot(dict(tree=leaf(dtype='O')), [b'12345678'])", refused="dtype"),
    Forgery("a buffer that is not there", "shoot(dict(tree=leaf(buffer=3)), [b'1234'])", refused="buffer"),
    Forgery("too many arrays", "shoot(dict(tree=leaf()), [b'1234'] * 65)", refused="65 arrays"),
    Forgery("too large an array", "shoot(dict(tree=leaf(shape=[2**21])), [bytes(2**23)])", refused="4 MB"),
    Forgery(
        "too large a header", "shoot(dict(tree=dict(type='nothing'), filler='x' * 10**6))", refused="header"
    ),
    Forgery("too deep a tree", "shoot(dict(tree=deep()))", refused="deeply"),
    Forgery(
        "a buffer that nothing uses",
        "shoot(dict(tree=leaf()), [b'1234', b'1234'])",
        refused="nothing points to",
    ),
    Forgery("a pickle by name", "shoot(dict(tree=dict(type='pickle')))", refused="unknown type"),
)
FORGERIES = (*LIES, *SHOTS)


def forged(kernel: Kernel, forgeries: tuple[Forgery, ...], *cells: str) -> dict[str, dict[str, Any]]:
    """What becomes of forgeries in a kernel that ran these cells; and whom they fool."""
    fooled = [one.fools or "True" for one in forgeries]
    execution = kernel.execute(notebook(*cells, *fooled))
    found = {}
    for number, one in enumerate(forgeries):
        outputs = outputs_of(execution, len(cells) + number)
        shown = "".join(outputs[0].get("data", {}).get("text/plain", "")) if outputs else ""
        found[one.key] = {"fooled": shown == "True", **answered(kernel, one)}
    return found


def answered(kernel: Kernel, one: Forgery) -> dict[str, Any]:
    """What the grader makes of one."""
    observation = kernel.ask(Probe(id="task.word/0", code=one.code, timeout_s=10))
    value: Any = None
    if isinstance(observation.value, Leaf):
        value = observation.value.array.tolist()
    elif isinstance(observation.value, Opaque):
        value = observation.value.class_name
    return {"outcome": observation.outcome, "detail": observation.detail, "value": value}
