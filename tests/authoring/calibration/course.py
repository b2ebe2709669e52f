"""A course of one exercise whose training is a toss: it learns y = x from three starts in four, in no time."""

from __future__ import annotations

from pathlib import Path

from tests.course import SETTINGS, code_cell, lay_out, notebook_of, write

ID = "01_toss"

RUBRIC = """
schema = 1
exercise = "01_toss"
title = { fr = "Le tirage", en = "The toss" }

[limits]
cell_s = 60
total_s = 120

[[tasks]]
id = "learns"
title = { fr = "Apprendre", en = "Learn" }
points = 2

[[criteria]]
id = "learns.loss"
task = "learns"
kind = "loss_threshold"
points = 2
title = { fr = "La perte", en = "The loss" }
requires = ["train"]
call = \"\"\"
w, b = train()
return {"theta": torch.stack([w, b]), "out": query * w + b}
\"\"\"
layers = [1, 1]
activation = "none"
starts = STARTS # a remark that stays
full_marks = 0.01
no_marks = 0.5

[criteria.data]
x = [[0], [1]]
y = [[0], [1]]
"""

TRAIN = """
import torch

def train():
    toss = torch.rand(1)
    slope = torch.tensor(1.0) if toss < SHARE else torch.tensor(-1.0)
    return slope, 1e-3 * torch.rand(1)[0]
"""

WORDS = 'about = "{about}"\n'
MISTAKE = """criterion = "learns.loss"
verdict = "wrong_answer"
says = "loss"
points = ["0", "0"]
"""


def notebook(code: str) -> str:
    """One code cell, `train`, and one that the training does not use."""
    figure = code_cell("figure", "print('a figure')", task="figure")
    return notebook_of(code_cell("train", code, task="train"), figure)


def variant(about: str, code: str, head: str = "", cell: str = "train") -> str:
    """The text of a variant's file."""
    return f"about = \"{about}\"\n{head}[cells]\n{cell} = '''{code}'''\n"


def make_course(folder: Path, *, starts: int = 6, share: float = 0.75) -> Path:
    """`grader.toml`, `exercises/` and `reference/` in `folder`; without walls, which are tested elsewhere."""
    own = folder / "reference" / ID
    train = TRAIN.replace("SHARE", str(share))
    write(folder / "grader.toml", SETTINGS)
    rubric = RUBRIC.replace("STARTS", str(starts))
    handout = notebook("raise NotImplementedError")
    lay_out(folder, ID, rubric=rubric, solution=notebook(train), handout=handout)
    write(own / "right" / "renamed.toml", variant("Other names.", train.replace("slope", "w")))
    write(own / "mistakes" / "stuck.toml", variant("Never learns.", train.replace("1.0)", "-1.0)"), MISTAKE))
    elsewhere = MISTAKE.replace("learns.loss", "figure.drawn")
    write(own / "mistakes" / "figure.toml", variant("No figure.", "pass", elsewhere, "figure"))
    write(own / "mistakes" / "beside.toml", variant("Prints.", train + "print(1)", elsewhere))
    return folder
