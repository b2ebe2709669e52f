"""Cheats on the wire: at worst the grader gets wrong data, or none."""

import pytest

from grader.model.probe import Probe
from grader.sandbox import open_kernel
from tests.sandbox.conftest import LIMITS
from tests.sandbox.notebooks import notebook

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
    nonce = json.loads(bytes(parent["buffers"][0]))["nonce"]
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
def deep():
    tree = dict(type="nothing")
    for _ in range(200): tree = dict(type="items", container="list", items=[tree])
    return tree
"""


@pytest.fixture(scope="module")
def liars(tier):
    with open_kernel(tier=tier, limits=LIMITS, seed=1) as kernel:
        assert kernel.execute(notebook(LIARS, PATCHES)).ended == "completed"
        yield kernel


def ask(kernel, code):
    return kernel.ask(Probe(id="task.word/0", code=code, timeout_s=10))


def test_tensor_that_agrees_with_everything_is_taken_raw(liars):
    leaf = ask(liars, "return agreeable()").value
    assert leaf.array.tolist() == [1, 1, 1]
    assert leaf.made_of == "Tensor"


def test_patched_libraries_change_nothing(liars):
    assert ask(liars, "return torch.ones(3) * 2").value.array.tolist() == [2, 2, 2]
    assert ask(liars, "return [1.0, 2.0]").value.array.tolist() == [1, 2]


def test_false_class_is_opaque(liars):
    assert ask(liars, "return Chameleon()").value.class_name == "Chameleon"


def test_float_that_lies_is_opaque(liars):
    assert ask(liars, "return Impostor()").value.class_name == "Impostor"


@pytest.fixture(scope="module")
def forgers(tier):
    with open_kernel(tier=tier, limits=LIMITS, seed=1) as kernel:
        assert kernel.execute(notebook(FORGERS)).ended == "completed"
        yield kernel


def test_well_formed_forgery_is_only_data(forgers):
    observation = ask(forgers, "import struct\nshoot(dict(tree=leaf()), [struct.pack('<f', 42)])")
    assert observation.value.array.tolist() == [42]


@pytest.mark.parametrize(
    ("shot", "why"),
    [
        ("shoot(dict(tree=leaf()), [b'1234'], times=2)", "2 answers"),
        ("silence()", "0 answers"),
        ("shoot(dict(tree=leaf()), [b'12345'])", "length"),
        ("shoot(dict(tree=leaf(shape=[-1, -1])), [b'1234'])", "shape"),
        ("shoot(dict(tree=leaf(shape=[True])), [b'1234'])", "shape"),
        ("shoot(dict(tree=leaf(shape=[1] * 9)), [b'1234'])", "shape"),
        ("shoot(dict(tree=leaf(dtype='object')), [pickle.dumps(Bomb())])", "dtype"),
        ("shoot(dict(tree=leaf(dtype='O')), [b'12345678'])", "dtype"),
        ("shoot(dict(tree=leaf(buffer=3)), [b'1234'])", "buffer"),
        ("shoot(dict(tree=leaf()), [b'1234'] * 65)", "65 arrays"),
        ("shoot(dict(tree=leaf(shape=[2**21])), [bytes(2**23)])", "4 MB"),
        ("shoot(dict(tree=dict(type='nothing'), filler='x' * 10**6))", "header"),
        ("shoot(dict(tree=deep()))", "deeply"),
        ("shoot(dict(tree=leaf()), [b'1234', b'1234'])", "nothing points to"),
        ("shoot(dict(tree=dict(type='pickle')))", "unknown type"),
    ],
)
def test_forged_answer_is_refused(forgers, shot, why):
    observation = ask(forgers, shot)
    assert observation.outcome == "refused"
    assert why in observation.detail


FLOODS = {
    "a message too large for its frame": "kernel.session.send(kernel.iopub_socket, 'stream', "
    "{'name': 'stdout', 'text': 'x' * 100_000_000}, parent=kernel.get_parent())",
    "malformed messages": "for _ in range(1000): kernel.iopub_socket.send_multipart([b'a', b'b'])\n"
    "import time; time.sleep(30)",
}


@pytest.mark.parametrize("flood", FLOODS)
def test_flood_while_answering_ends_the_kernel_and_not_the_grader(tier, flood):
    with open_kernel(tier=tier, limits=LIMITS, seed=1) as kernel:
        kernel.execute(notebook("kernel = get_ipython().kernel"))
        observation = ask(kernel, FLOODS[flood])
        assert observation.outcome in ("refused", "kernel_died")
        assert ask(kernel, "return 1").outcome == "kernel_died"


NONSENSE = [
    "kernel = get_ipython().kernel\nsend = lambda kind, content: kernel.session.send("
    "kernel.iopub_socket, kind, content, parent=kernel.get_parent())",
    "send('stream', {})\nsend('display_data', {'data': 3})\nsend('error', {'traceback': 5})\n"
    "send('stream', {'name': []})",
    "tree = {}\nfor _ in range(100): tree = {'x': tree}\n"
    "send('display_data', {'data': {'application/json': tree}, 'metadata': {}})",
    "send('status', {'execution_state': 'idle'})\nimport time\ntime.sleep(0.5)\nprint('late')",
    "x = 1",
]


def test_nonsense_messages_hurt_nobody(tier):
    with open_kernel(tier=tier, limits=LIMITS, seed=1) as kernel:
        execution = kernel.execute(notebook(*NONSENSE))
        assert [run.ended for run in execution.cells] == ["completed"] * 5
        assert ask(kernel, "return x").value.array == 1
