"""Training loops as students write them: right ones by name, and wrong ones with what the message must say."""

from __future__ import annotations

import textwrap


def loop(body: str, before: str = "", after: str = "", signature: str = "model, x, y, lr, epochs") -> str:
    """A `train` whose loop over epochs has this body."""
    return (
        f"def train({signature}):\n"
        + textwrap.indent(textwrap.dedent(before).strip() or "pass", "    ")
        + "\n    losses = []\n    for epoch in range(epochs):\n"
        + textwrap.indent(textwrap.dedent(body).strip(), "        ")
        + "\n"
        + textwrap.indent(textwrap.dedent(after).strip() or "pass", "    ")
        + "\n    return losses\n"
    )


STEP = """
optimizer.zero_grad()
loss = nn.functional.mse_loss(model(x), y)
loss.backward()
optimizer.step()
losses.append(loss.item())
"""


def loss_of(loss: str) -> str:
    return STEP.replace("nn.functional.mse_loss(model(x), y)", loss)


def with_optimizer(made: str, body: str = STEP) -> str:
    return loop(body, f"optimizer = torch.optim.{made}")


def with_loader(made: str, batch: int, shuffle: bool) -> str:
    return loop(
        """
        total = 0.0
        for xb, yb in loader:
            loss = ((model(xb) - yb) ** 2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(xb)
        losses.append(total / len(x))
        """,
        f"""
        from torch.utils.data import DataLoader, TensorDataset
        loader = DataLoader(TensorDataset(x, y), batch_size={batch}, shuffle={shuffle})
        optimizer = torch.optim.{made}
        """,
    )


RIGHT = {
    "sgd": with_optimizer("SGD(model.parameters(), lr=lr)"),
    "momentum": with_optimizer("SGD(model.parameters(), lr=lr, momentum=0.9)"),
    "momentum_of_0_37": with_optimizer("SGD(model.parameters(), lr=lr, momentum=0.37)"),
    "momentum_with_dampening": with_optimizer("SGD(model.parameters(), lr=lr, momentum=0.7, dampening=0.3)"),
    "nesterov": with_optimizer("SGD(model.parameters(), lr=lr, momentum=0.9, nesterov=True)"),
    "nesterov_of_0_6": with_optimizer("SGD(model.parameters(), lr=lr, momentum=0.6, nesterov=True)"),
    "weight_decay": with_optimizer("SGD(model.parameters(), lr=lr, weight_decay=0.03)"),
    "adam": with_optimizer("Adam(model.parameters(), lr=lr)"),
    "adam_with_weight_decay": with_optimizer("Adam(model.parameters(), lr=lr, weight_decay=1e-4)"),
    "adam_with_betas": with_optimizer("Adam(model.parameters(), lr=lr, betas=(0.8, 0.99))"),
    "adamw": with_optimizer("AdamW(model.parameters(), lr=lr)"),
    "rmsprop": with_optimizer("RMSprop(model.parameters(), lr=lr)"),
    "rmsprop_with_momentum": with_optimizer("RMSprop(model.parameters(), lr=lr, momentum=0.9)"),
    "adagrad": with_optimizer("Adagrad(model.parameters(), lr=lr)"),
    "adadelta": with_optimizer("Adadelta(model.parameters(), lr=lr)"),
    "nadam": with_optimizer("NAdam(model.parameters(), lr=lr)"),
    "radam": with_optimizer("RAdam(model.parameters(), lr=lr)"),
    "adamax": with_optimizer("Adamax(model.parameters(), lr=lr)"),
    "rprop": with_optimizer("Rprop(model.parameters(), lr=lr)"),
    "by_hand_in_no_grad": loop(
        """
        loss = ((model(x) - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
                p.grad = None
        losses.append(loss.item())
        """
    ),
    "by_hand_with_autograd_grad": loop(
        """
        loss = ((model(x) - y) ** 2).mean()
        for p, g in zip(model.parameters(), torch.autograd.grad(loss, list(model.parameters()))):
            p.data = p.data - lr * g
        losses.append(loss.item())
        """
    ),
    "momentum_by_hand": loop(
        """
        loss = ((model(x) - y) ** 2).mean()
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for v, p in zip(speed, model.parameters()):
                v.mul_(0.85).add_(p.grad)
                p.sub_(lr * v)
        """,
        "speed = [torch.zeros_like(p) for p in model.parameters()]",
    ),
    "average_of_gradients_by_hand": loop(
        """
        model.zero_grad()
        ((model(x) - y) ** 2).mean().backward()
        with torch.no_grad():
            for v, p in zip(speed, model.parameters()):
                v.mul_(0.8).add_(0.2 * p.grad)
                p.sub_(lr * v)
        """,
        "speed = [torch.zeros_like(p) for p in model.parameters()]",
    ),
    "with_a_closure": loop(
        """
        def closure():
            optimizer.zero_grad()
            loss = nn.MSELoss()(model(x), y)
            loss.backward()
            return loss
        losses.append(optimizer.step(closure).item())
        """,
        "optimizer = torch.optim.SGD(model.parameters(), lr=lr)",
    ),
    "clipped": with_optimizer(
        "SGD(model.parameters(), lr=lr)",
        STEP.replace(
            "optimizer.step", "torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)\noptimizer.step"
        ),
    ),
    "clipped_values_for_adam": with_optimizer(
        "Adam(model.parameters(), lr=lr)",
        STEP.replace(
            "optimizer.step", "torch.nn.utils.clip_grad_value_(model.parameters(), 0.1)\noptimizer.step"
        ),
    ),
    "exponential_schedule": loop(
        STEP + "schedule.step()",
        """
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
        """,
    ),
    "cosine_schedule_for_adam": loop(
        STEP + "schedule.step()",
        """
        optimizer = torch.optim.Adam(model.parameters(), lr=lr)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=50)
        """,
    ),
    "late_schedule": loop(
        STEP + "schedule.step()",
        """
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        schedule = torch.optim.lr_scheduler.StepLR(optimizer, 100)
        """,
    ),
    "loader_of_all": with_loader("SGD(model.parameters(), lr=lr)", 4, True),
    "gradients_gathered_sample_by_sample": loop(
        """
        optimizer.zero_grad()
        for i in range(len(x)):
            loss = ((model(x[i : i + 1]) - y[i : i + 1]) ** 2).mean() / len(x)
            loss.backward()
        optimizer.step()
        """,
        "optimizer = torch.optim.Adam(model.parameters(), lr=lr)",
    ),
}
"""Full batch."""

BATCHES = {
    "loader_of_1_shuffled": (1, with_loader("SGD(model.parameters(), lr=lr)", 1, True)),
    "loader_of_1_in_order": (1, with_loader("Adam(model.parameters(), lr=lr)", 1, False)),
    "loader_of_2_shuffled": (2, with_loader("Adam(model.parameters(), lr=lr)", 2, True)),
    "loader_of_2_in_order": (2, with_loader("SGD(model.parameters(), lr=lr, momentum=0.9)", 2, False)),
    "loader_of_3_shuffled": (3, with_loader("RMSprop(model.parameters(), lr=lr)", 3, True)),
    "stochastic_by_hand": (
        1,
        loop(
            """
            for i in torch.randperm(len(x)):
                model.zero_grad()
                loss = ((model(x[i]) - y[i]) ** 2).sum()
                loss.backward()
                with torch.no_grad():
                    for p in model.parameters():
                        p.add_(p.grad, alpha=-lr)
            """
        ),
    ),
}
"""Mini-batches, with their size."""

UNKNOWN = {
    "lbfgs": loop(
        """
        def closure():
            optimizer.zero_grad()
            loss = nn.MSELoss()(model(x), y)
            loss.backward()
            return loss
        losses.append(optimizer.step(closure).item())
        """,
        "optimizer = torch.optim.LBFGS(model.parameters(), lr=lr)",
    ),
    "normalised_gradient": loop(
        """
        model.zero_grad()
        ((model(x) - y) ** 2).mean().backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad / p.grad.norm()
        """
    ),
    "absolute_error": with_optimizer("SGD(model.parameters(), lr=lr)", STEP.replace("mse_loss", "l1_loss")),
    "warm_up": loop(
        STEP + "schedule.step()",
        """
        optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        schedule = torch.optim.lr_scheduler.LinearLR(optimizer, total_iters=5)
        """,
    ),
}
"""Down the loss, but by no optimizer known: a person must look."""

NO_ZERO = STEP.replace("optimizer.zero_grad()\n", "")
SGD = "SGD(model.parameters(), lr=lr)"
ADAM = "Adam(model.parameters(), lr=lr)"
WRONG = {
    "gradients_never_zeroed": (with_optimizer(SGD, NO_ZERO), "not set back to zero"),
    "gradients_zeroed_of_some_parameters_only": (
        loop(
            """
            loss = ((model(x) - y) ** 2).mean()
            loss.backward()
            with torch.no_grad():
                for p in model.parameters():
                    p -= lr * p.grad
            next(model.parameters()).grad = None
            """
        ),
        "gradients of some parameters are not set back to zero",
    ),
    "gradients_never_zeroed_adam": (with_optimizer(ADAM, NO_ZERO), "zero_grad"),
    "gradients_never_zeroed_momentum": (
        with_optimizer("SGD(model.parameters(), lr=lr, momentum=0.9)", NO_ZERO),
        "zero_grad",
    ),
    "gradients_never_zeroed_in_batches": (
        with_loader(ADAM, 2, True).replace("optimizer.zero_grad()", "pass"),
        "zero_grad",
    ),
    "gradients_zeroed_once_an_epoch": (
        with_loader(SGD, 1, True)
        .replace("optimizer.zero_grad()", "pass")
        .replace("total = 0.0", "total = 0.0; optimizer.zero_grad()"),
        "zero_grad",
    ),
    "zeroed_between": (
        with_optimizer(SGD, NO_ZERO.replace("optimizer.step()", "optimizer.zero_grad()\noptimizer.step()")),
        "between `backward()` and `step()`",
    ),
    "no_step": (with_optimizer(SGD, STEP.replace("optimizer.step()", "pass")), "`optimizer.step()`"),
    "no_backward": (with_optimizer(SGD, STEP.replace("loss.backward()", "pass")), "backward"),
    "step_before_backward": (
        with_optimizer(
            SGD,
            """
            optimizer.step()
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(x), y)
            loss.backward()
            """,
        ),
        "`step()` stands before `backward()`",
    ),
    "sum": (with_optimizer(SGD, STEP.replace("(model(x), y)", "(model(x), y, reduction='sum')")), "sum"),
    "half": (
        with_optimizer(SGD, loss_of("0.5 * ((model(x) - y) ** 2).mean()")),
        "factor 1/2",
    ),
    "sum_by_hand": (
        loop(
            """
            model.zero_grad()
            ((model(x) - y) ** 2).sum().backward()
            with torch.no_grad():
                for p in model.parameters():
                    p -= lr * p.grad
            """
        ),
        "sum",
    ),
    "divided_twice": (
        with_optimizer(SGD, STEP.replace("(model(x), y)", "(model(x), y) / len(x)")),
        "once more",
    ),
    "sum_in_batches": (
        with_loader(SGD, 2, True).replace(".mean()", ".sum()"),
        "sum",
    ),
    "ascent": (
        loop(
            """
            model.zero_grad()
            ((model(x) - y) ** 2).mean().backward()
            with torch.no_grad():
                for p in model.parameters():
                    p += lr * p.grad
            """
        ),
        "sign",
    ),
    "ascent_with_adam": (with_optimizer("Adam(model.parameters(), lr=lr, maximize=True)"), "sign"),
    "fixed_lr": (with_optimizer("SGD(model.parameters(), lr=0.01)"), "`lr`"),
    "fixed_lr_adam": (with_optimizer("Adam(model.parameters())"), "`lr`"),
    "hidden_layer_frozen": (with_optimizer("SGD(model[-1].parameters(), lr=lr)"), "weights of layer 1"),
    "output_layer_frozen": (with_optimizer("Adam(model[0].parameters(), lr=lr)"), "bias of layer 2"),
    "biases_frozen": (
        with_optimizer("SGD([p for p in model.parameters() if p.ndim > 1], lr=lr)"),
        "bias of layer 1, the bias of layer 2",
    ),
    "one_epoch_too_few": (
        with_optimizer(SGD).replace("range(epochs)", "range(1, epochs)"),
        "one update too few",
    ),
    "one_epoch_too_many": (
        with_optimizer(ADAM).replace("range(epochs)", "range(epochs + 1)"),
        "one update too many",
    ),
    "return_in_the_loop": (with_optimizer(SGD, STEP + "return losses"), "does not depend on `epochs`"),
    "fixed_epochs": (
        with_optimizer(SGD).replace("range(epochs)", "range(20)"),
        "does not depend on `epochs`",
    ),
    "last_sample_left_out": (
        with_optimizer(SGD, STEP.replace("(model(x), y)", "(model(x[:-1]), y[:-1])")),
        "part",
    ),
    "first_sample_only": (
        with_optimizer(ADAM, STEP.replace("(model(x), y)", "(model(x[:1]), y[:1])")),
        "part",
    ),
    "only_first_batch": (
        with_loader(SGD, 2, False).replace("total +=", "break\n            total +="),
        "part",
    ),
    "broadcast_loss": (
        with_optimizer(SGD, loss_of("((model(x) - y.flatten()) ** 2).mean()")),
        "broadcast",
    ),
    "broadcast_loss_adam": (
        with_optimizer(ADAM, loss_of("((model(x)[:, 0] - y) ** 2).mean()")),
        "broadcast",
    ),
    "diverges": (with_optimizer(SGD, STEP.replace("loss.backward()", "(loss * 1e30).backward()")), "NaN"),
    "starts_elsewhere": (
        with_optimizer(SGD).replace("losses = []", "nn.init.normal_(model[0].weight); losses = []", 1),
        "start",
    ),
    "other_weights": (
        with_optimizer("SGD(other.parameters(), lr=lr)", STEP.replace("model", "other")).replace(
            "    optimizer", "    import copy; other = copy.deepcopy(model)\n    optimizer", 1
        ),
        "new model is made",
    ),
}
"""Code, and words that the message must have."""
