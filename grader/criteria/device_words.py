"""What to tell a student about devices."""

from __future__ import annotations

from typing import Literal

from grader.criteria.device_code import Place
from grader.criteria.device_findings import Finding
from grader.model.text import Text, say

Mode = Literal["choose", "lightning"]
HOW = say("(Run twice: without a GPU, and with a virtual one that computes on the CPU.)")
"""How it was judged; in every message."""
HOW_REAL = say("(Run twice: without a GPU, and with one.)")
CPU_ONLY = say("(Run without a GPU; with one, there is nothing to see yet.)")
WANTED = say("the GPU where there is one, the CPU where there is none")
NO_CHOICE: dict[Mode, Text] = {
    "choose": say("Nothing in the code chooses a GPU where there is one."),
    "lightning": say("Nothing in the code builds a `Trainer`, which would place everything."),
}
LEFT_BY_OPTIMIZER = say(
    "The loss is computed on the GPU, but the parameters that the optimizer changes are on the CPU."
)
STOPS_WITHOUT = say("Without a GPU, the code stops: it asks for one all the same.")
CHOSEN_WITHOUT = say("A GPU is chosen where there is none.")
STOPS_ONLY_WITHOUT = say("Without a GPU, the code stops; where there is one, it runs to its end.")
NEVER_FITS = say("A `Trainer` is built, and nothing is trained with it.")
NOTHING_COMPUTED = say("Nothing is computed on any device: what was called returns without computing.")
NOT_MOVED = say("A device is chosen, but nothing is ever moved to it or made on it.")
FOUND: dict[Finding, Text] = {
    "mixed:model": say(
        "With a GPU, the code stops: the data are on the GPU, but the model's parameters (or some of them) are not."
    ),
    "mixed:input": say("With a GPU, the code stops: the model is on the GPU, but what it is given is not."),
    "mixed:target": say(
        "With a GPU, the code stops in the loss: the target is not on the same device as the output."
    ),
    "mixed:forward": say(
        "With a GPU, the code stops in `forward`: a tensor that is made or kept there is not on the input's device."
    ),
    "mixed:loss": say(
        "With a GPU, the code stops where the loss is computed: one of its tensors is on another device."
    ),
    "mixed:other": say("With a GPU, the code stops: it combines tensors of the GPU with tensors of the CPU."),
    "numpy_on_cuda": say("With a GPU, the code stops: NumPy and Matplotlib cannot read a tensor of the GPU."),
    "hardcoded_index": say(
        "With one GPU, the code stops: it asks for a device number that such a machine does not have."
    ),
    "checkpoint_not_portable": say(
        "What is saved on a GPU is read again without `map_location`: without a GPU, it cannot be loaded."
    ),
    "moved_after_requires_grad": say(
        "With a GPU, the code stops: `.to(device)` of a tensor that requires a gradient gives a copy, which gets no"
        " gradient itself."
    ),
    "lengths_on_gpu": say(
        "With a GPU, the code stops: the lengths of packed sequences must stay on the CPU, and are on the GPU."
    ),
    "pinned_on_gpu": say(
        "With a GPU, the code stops: memory is pinned on the CPU, and the tensor is on the GPU already."
    ),
    "mixed_precision": say(
        "With a GPU, the code stops: in mixed precision, tensors of two dtypes meet in an operation that takes one."
    ),
    "integer_product": say(
        "With a GPU, the code stops: CUDA multiplies no matrices and vectors of integers."
    ),
    "stale_optimizer": say(
        "The optimizer holds parameters that the model no longer uses: its steps change nothing."
    ),
    "elsewhere": say("A function was given a device, and its tensors came back on another one."),
    "gpu_unused": say("It runs on both, but the training never takes place on the GPU."),
    "calls_differ": say("With a GPU, the same call gives other results than without."),
    "loss_kept_on_gpu": say(
        "The history of losses is a list of tensors of the GPU: each keeps memory there, and it cannot be drawn."
    ),
}
GOT: dict[Finding, Text] = {
    "elsewhere": say("tensors on another device than the one that was given"),
    "gpu_unused": say("a training on the CPU, where there is a GPU, too"),
    "calls_differ": say("other results with a GPU than without"),
    "loss_kept_on_gpu": say("losses kept on the GPU"),
    "stale_optimizer": say("an optimizer of other parameters than the model's"),
    "ok": say("a device that is written down"),
}
"""Where no error tells."""
LOOK_AT: dict[Finding, Text] = {
    "mixed:model": say(
        "`model.to(device)`; layers in a plain Python list are not moved with it: `nn.ModuleList`."
    ),
    "mixed:input": say("Move each batch where it is used: `x = x.to(device)`."),
    "mixed:target": say("Move the targets with the inputs: `y = y.to(device)`."),
    "mixed:forward": say(
        "In `forward`, make tensors on the input's device (`device=x.device`); keep constants with `register_buffer`."
    ),
    "mixed:loss": say("Make the tensors that belong to the loss on the same device as the output."),
    "mixed:other": say("Look where the tensors of this line come from, and on which device each was made."),
    "numpy_on_cuda": say("On a GPU, `.numpy()` needs `.cpu()` before it: `t.detach().cpu().numpy()`."),
    "hardcoded_index": say('Choose "cuda" without a number, or ask `torch.cuda.device_count()`.'),
    "checkpoint_not_portable": say("`torch.load(file, map_location=device)`."),
    "moved_after_requires_grad": say(
        "Make the tensor on the device at once: `torch.zeros(1, device=device, requires_grad=True)`; or move it first,"
        " then `requires_grad_()`."
    ),
    "lengths_on_gpu": say("`pack_padded_sequence(x, lengths.cpu(), …)`."),
    "pinned_on_gpu": say("Pin before moving, or not at all: `pin_memory=True` is for data on the CPU."),
    "mixed_precision": say(
        "Compute the loss inside `autocast`, too, or say `.float()` first; with `BCELoss`, take `BCEWithLogitsLoss`."
    ),
    "integer_product": say("Make the factors floating-point numbers first: `.float()`."),
    "stale_optimizer": say(
        "Make the optimizer after the model is complete, from the parameters that it then has."
    ),
    "calls_differ": say("Look at what the code does only where there is a GPU."),
    "loss_kept_on_gpu": say("Keep numbers: `losses.append(loss.item())`."),
}


def right_words(mode: Mode) -> Text:
    """What is right."""
    if mode == "lightning":
        return say("No device is written down: Lightning places everything, on the CPU and on the GPU.")
    return say("It runs without a GPU and with one, and computes on the GPU where there is one.")


def fault_words(place: Place) -> Text:
    """What the code shows to be wrong, in one sentence."""
    match place.fault:
        case "uncalled":
            return say("`is_available` is named, but not called: without `()` it is always true.")
        case "unguarded":
            return say(
                "A GPU is written down without asking whether there is one: elsewhere, the code does not run."
            )
        case "thrown_away":
            return say(
                "The result of `.to(...)` is thrown away: a tensor does not move in place; write `x = x.to(...)`."
            )
        case "unused_parameter":
            return say("`{function}` takes a `device` and never uses it.", function=place.code)
        case "hard_coded_cpu":
            return say("The CPU is written down: a GPU would never be used.")
        case "cpu_accelerator":
            return say(
                '`accelerator="cpu"` is written down: a GPU would never be used; leave it out, or say "auto".'
            )
        case "device_in_module":
            return say("A device is written into the code, although Lightning places everything by itself.")
