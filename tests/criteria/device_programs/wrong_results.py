"""What comes of the training does not leave the GPU well: arrays, plots, losses, files."""

from __future__ import annotations

from tests.criteria.device_programs.pieces import (
    ADAM,
    CLASS_NETWORK,
    CLASSES,
    CLASSIFIER_MOVED,
    DEPART,
    MSE_LOOP,
    NETWORK_MOVED,
    START,
    XOR,
    XOR_MOVED,
    loop,
)
from tests.criteria.device_programs.program import Program, notebook

TRAINED = START + XOR_MOVED + NETWORK_MOVED + ADAM
PLOTTING = """
import matplotlib.pyplot as plt
"""
MSE = "nn.functional.mse_loss(model(X), y)"

NUMPY = notebook(
    TRAINED,
    MSE_LOOP,
    """
prediction = model(X).detach().numpy()
print(prediction.round(2))
""",
)

NUMPY_FUNCTION = notebook(
    DEPART
    + """
import numpy as np
"""
    + XOR_MOVED
    + NETWORK_MOVED
    + ADAM,
    loop("F.mse_loss(model(X), y)"),
    """
# erreur quadratique avec numpy
with torch.no_grad():
    sortie = np.array(model(X))
print(np.mean((sortie - np.array([[0.], [1.], [1.], [0.]])) ** 2))
""",
)

LOSS_IN_NUMPY = notebook(TRAINED, loop(MSE, "loss.detach().numpy().item()"))

LOSSES_PLOTTED = notebook(
    TRAINED + PLOTTING,
    loop(MSE, "loss.detach()"),
    """
plt.plot(losses)
plt.xlabel("epoch")
plt.ylabel("loss")
plt.show()
plt.close()
""",
)

POINTS_PLOTTED = notebook(
    START + CLASSES + CLASSIFIER_MOVED + ADAM + PLOTTING,
    """
points, labels = points.to(device), labels.to(device)
"""
    + loop("nn.functional.cross_entropy(model(points), labels)"),
    """
plt.scatter(points[:, 0], points[:, 1], c=model(points).argmax(1))
plt.show()
plt.close()
""",
)

LOSSES_KEPT = notebook(TRAINED, loop(MSE, "loss"), "print(losses[-1].item())")

LOSSES_KEPT_DETACHED = notebook(
    DEPART + XOR_MOVED + NETWORK_MOVED + ADAM,
    loop("F.mse_loss(model(X), y)", "loss.detach()"),
    """
print(f"dernière perte : {losses[-1]:.4f}")
""",
)

LOSSES_KEPT_BY_FUNCTION = notebook(
    START + CLASS_NETWORK + XOR,
    """
def train(model, X, y, epochs):
    history = []
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    for _ in range(epochs):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(X), y)
        loss.backward()
        optimizer.step()
        history.append(loss.data)
    return history

losses = train(Net().to(device), X.to(device), y.to(device), 20)
""",
)

STATE_WITHOUT_MAP = notebook(
    TRAINED,
    MSE_LOOP,
    """
torch.save(model.state_dict(), "xor.pt")

# later, in another session
model2 = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
model2.load_state_dict(torch.load("xor.pt"))
model2.to(device)
print(model2(X).detach().cpu())
""",
)

CHECKPOINT_WITHOUT_MAP = notebook(
    DEPART + XOR_MOVED + NETWORK_MOVED + ADAM,
    loop("F.mse_loss(model(X), y)")
    + """
    # on sauvegarde le meilleur modèle
    if loss.item() <= min(losses):
        torch.save({"epoch": epoch, "model": model.state_dict(), "optim": optimizer.state_dict()}, "best.pth")
""",
    """
point = torch.load("best.pth")
model.load_state_dict(point["model"])
optimizer.load_state_dict(point["optim"])
print("meilleure époque :", point["epoch"])
""",
)

WHOLE_MODEL_WITHOUT_MAP = notebook(
    TRAINED,
    MSE_LOOP,
    """
torch.save(model, "model.pt")
model = torch.load("model.pt", weights_only=False)
model.eval()
print(model(X).detach().cpu())
""",
)

TO_NUMPY = "device type tensor to numpy"

PROGRAMS = (
    Program("numpy_of_predictions", NUMPY, "numpy_on_cuda", TO_NUMPY),
    Program("array_of_predictions", NUMPY_FUNCTION, "numpy_on_cuda", TO_NUMPY),
    Program("loss_by_numpy", LOSS_IN_NUMPY, "numpy_on_cuda", TO_NUMPY),
    Program("losses_plotted", LOSSES_PLOTTED, "numpy_on_cuda", TO_NUMPY),
    Program("points_plotted", POINTS_PLOTTED, "numpy_on_cuda", TO_NUMPY),
    Program("losses_kept_with_graph", LOSSES_KEPT, "loss_kept_on_gpu", ""),
    Program("losses_kept_detached", LOSSES_KEPT_DETACHED, "loss_kept_on_gpu", ""),
    Program("losses_kept_by_function", LOSSES_KEPT_BY_FUNCTION, "loss_kept_on_gpu", ""),
    Program("state_without_map_location", STATE_WITHOUT_MAP, "checkpoint_not_portable", ""),
    Program("checkpoint_without_map_location", CHECKPOINT_WITHOUT_MAP, "checkpoint_not_portable", ""),
    Program("whole_model_without_map_location", WHOLE_MODEL_WITHOUT_MAP, "checkpoint_not_portable", ""),
)
