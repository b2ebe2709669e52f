"""What to tell a student about devices."""

from __future__ import annotations

from typing import Literal

from grader.criteria.device_code import Place
from grader.model.text import Text, say

WITHOUT_GPU = say("(Judged without a GPU: by running on the CPU, and by reading the code.)")
"""How far the judgement reaches; in every message."""
CPU = say("On the CPU, not every call gives what it should.")
NO_CHOICE: dict[Literal["choose", "lightning"], Text] = {
    "choose": say("Nothing in the code chooses a GPU where there is one."),
    "lightning": say("Nothing in the code builds a `Trainer`, which would place everything."),
}


def runs_and_chooses(mode: Literal["choose", "lightning"]) -> Text:
    """What is right."""
    if mode == "lightning":
        return say("No device is written down: Lightning places everything.")
    return say("The code runs on the CPU, and chooses the GPU where there is one.")


def numpy_advice() -> Text:
    """A remark that costs nothing."""
    return say("On a GPU, `.numpy()` needs `.cpu()` before it: `t.detach().cpu().numpy()`.")


def fault_words(place: Place) -> Text:
    """What is wrong, in one sentence."""
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
