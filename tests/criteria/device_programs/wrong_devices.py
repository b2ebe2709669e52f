"""Devices written down, that are not there, or that nothing ever goes to."""

from __future__ import annotations

from tests.criteria.device_programs.pieces import (
    ADAM,
    CLASS_NETWORK,
    DEPART,
    IMPORTS,
    LINE,
    MSE_LOOP,
    NETWORK,
    NETWORK_MOVED,
    START,
    XOR,
    XOR_MOVED,
    loop,
)
from tests.criteria.device_programs.program import Program, notebook

CUDA_CALLS = notebook(
    IMPORTS + XOR,
    """
X, y = X.cuda(), y.cuda()
model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1)).cuda()
"""
    + ADAM,
    MSE_LOOP,
)

CUDA_WORD = notebook(
    IMPORTS.replace("torch.manual_seed(0)", 'torch.manual_seed(0)\ndevice = torch.device("cuda")'),
    XOR_MOVED + NETWORK_MOVED + ADAM,
    MSE_LOOP,
)

HIDDEN = notebook(
    'import os\n\nos.environ["CUDA_VISIBLE_DEVICES"] = ""\n' + START + XOR_MOVED + NETWORK_MOVED + ADAM,
    MSE_LOOP,
)

CUDA_IN_FACTORY = notebook(
    IMPORTS,
    """
# les données et les poids directement sur le GPU
x = torch.linspace(-1, 1, 40, device="cuda").reshape(-1, 1)
y = 3 * x - 1
w = torch.zeros(1, device="cuda", requires_grad=True)
b = torch.zeros(1, device="cuda", requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=0.2)
""",
    loop("((w * x + b - y) ** 2).mean()"),
)

NOT_CALLED = notebook(
    IMPORTS
    + """
device = torch.device("cuda" if torch.cuda.is_available else "cpu")
print("device:", device)
""",
    XOR_MOVED + NETWORK_MOVED + ADAM + MSE_LOOP,
)

ONE_CALL_LEFT = notebook(
    START + XOR,
    CLASS_NETWORK
    + """
model = Net().to(device)
"""
    + ADAM,
    """
losses = []
for epoch in range(20):
    inputs, targets = X.cuda(), y.cuda()
    loss = nn.functional.mse_loss(model(inputs), targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
""",
)

NAME_OF_GPU = notebook(
    DEPART
    + """
print("GPU :", torch.cuda.get_device_name(0))
""",
    XOR_MOVED + NETWORK_MOVED + ADAM,
    loop("F.mse_loss(model(X), y)"),
)

TWISTED = notebook(
    IMPORTS
    + """
device = "cpu" if torch.cuda.is_available() else "cuda"
""",
    XOR_MOVED + NETWORK_MOVED + ADAM + MSE_LOOP,
)

SECOND_GPU = notebook(
    IMPORTS
    + """
device = torch.device("cuda:1" if torch.cuda.is_available() else "cpu")
""",
    XOR_MOVED + NETWORK_MOVED + ADAM,
    MSE_LOOP,
)

SET_DEVICE = notebook(
    DEPART
    + """
if device == 'cuda':
    torch.cuda.set_device(2)  # le GPU de notre groupe
""",
    XOR_MOVED + NETWORK_MOVED + ADAM + MSE_LOOP,
)

COUNT_AS_INDEX = notebook(
    IMPORTS
    + """
n_gpus = torch.cuda.device_count()
device = f"cuda:{n_gpus}" if n_gpus else "cpu"  # the last one
""",
    XOR_MOVED + NETWORK_MOVED + ADAM + MSE_LOOP,
)

CPU_WRITTEN_DOWN = notebook(
    IMPORTS
    + """
device = torch.device("cpu")
""",
    XOR_MOVED + NETWORK_MOVED + ADAM,
    MSE_LOOP,
)

CPU_AFTER_CHOICE = notebook(
    DEPART
    + """
device = 'cpu'  # plus simple pour déboguer
"""
    + XOR_MOVED
    + NETWORK_MOVED
    + ADAM,
    MSE_LOOP,
)

NO_DEVICE_CODE = notebook(IMPORTS + XOR, NETWORK + ADAM + MSE_LOOP)

CHOSEN_NEVER_USED = notebook(START + XOR, CLASS_NETWORK + "\nmodel = Net()\n" + ADAM, MSE_LOOP)

COMPARED_WITH_WORD = notebook(
    START + XOR,
    """
model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
if device == "cuda":
    model = model.cuda()
    X, y = X.cuda(), y.cuda()
"""
    + ADAM,
    MSE_LOOP,
)

COMPARED_WITH_INDEX = notebook(
    IMPORTS
    + """
device = torch.device("cuda:0" if torch.cuda.is_available() else "cpu")
"""
    + XOR
    + NETWORK,
    """
if device == torch.device("cuda"):  # cuda:0 is not equal to cuda
    X, y, model = X.to(device), y.to(device), model.to(device)
"""
    + ADAM,
    MSE_LOOP,
)

ALL_THROWN_AWAY = notebook(
    DEPART + LINE,
    """
w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for tenseur in (x, y, w, b):
    tenseur.to(device)

losses = []
for i in range(30):
    loss = ((w * x + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= 0.1 * w.grad
        b -= 0.1 * b.grad
        w.grad = b.grad = None
    losses.append(loss.item())
""",
)

ONLY_AT_THE_END = notebook(
    START + XOR + NETWORK + ADAM,
    MSE_LOOP,
    """
# the GPU for the predictions
model.to(device)
with torch.no_grad():
    print(model(X.to(device)).cpu())
""",
)

NO_GPU = "Torch not compiled with CUDA enabled"
ORDINAL = "invalid device ordinal"

PROGRAMS = (
    Program("cuda_calls", CUDA_CALLS, "hardcoded_cuda", NO_GPU),
    Program("cuda_written_down", CUDA_WORD, "hardcoded_cuda", NO_GPU),
    Program("cuda_in_factories", CUDA_IN_FACTORY, "hardcoded_cuda", NO_GPU),
    Program("is_available_not_called", NOT_CALLED, "hardcoded_cuda", NO_GPU),
    Program("one_cuda_call_left", ONE_CALL_LEFT, "hardcoded_cuda", NO_GPU),
    Program("name_of_the_gpu_printed", NAME_OF_GPU, "hardcoded_cuda", NO_GPU),
    Program("choice_twisted", TWISTED, "hardcoded_cuda", NO_GPU),
    Program("second_gpu", SECOND_GPU, "hardcoded_index", ORDINAL),
    Program("set_device", SET_DEVICE, "hardcoded_index", ORDINAL),
    Program("count_as_index", COUNT_AS_INDEX, "hardcoded_index", ORDINAL),
    Program("gpu_hidden", HIDDEN, "gpu_unused", ""),
    Program("cpu_written_down", CPU_WRITTEN_DOWN, "gpu_unused", ""),
    Program("cpu_after_choice", CPU_AFTER_CHOICE, "gpu_unused", ""),
    Program("no_device_code", NO_DEVICE_CODE, "gpu_unused", ""),
    Program("device_never_used", CHOSEN_NEVER_USED, "gpu_unused", ""),
    Program("device_compared_with_word", COMPARED_WITH_WORD, "gpu_unused", ""),
    Program("device_compared_with_index", COMPARED_WITH_INDEX, "gpu_unused", ""),
    Program("every_move_thrown_away", ALL_THROWN_AWAY, "gpu_unused", ""),
    Program("gpu_only_after_training", ONLY_AT_THE_END, "gpu_unused", ""),
)
