"""How far the virtual CUDA device is like one: torch's own samples of all operators, and features of programs.

pip install expecttest                     # torch's samples import it
python -m benchmarks.virtual_cuda          # prints the tables
python -m benchmarks.virtual_cuda --write  # and puts them into docs/virtual-cuda.md
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from benchmarks.measuring import machine, spread

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "virtual-cuda.md"
FIGURES = re.compile(r"(<!-- figures -->\n).*?(<!-- end of figures -->)", re.DOTALL)
PARTS = 8
"""Processes, one after the other: an operator that ends one loses the others of its part only."""
STEPS = 2000
TRAINING = """
import sys, time, torch
if sys.argv[1] == "cuda":
    from grader.inkernel import virtual_cuda
    virtual_cuda.install()
torch.set_num_threads(1)
torch.manual_seed(0)
device = torch.device(sys.argv[1])
x = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]).to(device)
y = torch.tensor([[0.0], [1.0], [1.0], [0.0]]).to(device)
model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Sigmoid(), torch.nn.Linear(2, 1)).to(device)
optimizer = getattr(torch.optim, sys.argv[2])(model.parameters(), lr=0.05)
began = time.process_time()
for _ in range(int(sys.argv[3])):
    optimizer.zero_grad()
    loss = torch.nn.functional.mse_loss(model(x), y)
    loss.backward()
    optimizer.step()
print(time.process_time() - began, loss.item())
"""
OUTCOMES = {
    "agrees": "agree in values, places of results and gradients",
    "refused": "refused: the device says that it cannot",
    "differs": "differ",
    "fails": "fail with an error that is no refusal",
    "not strided": "not tried: sparse or other layouts",
    "no samples": "not tried: no samples for the CPU on this machine",
}


def lines_of(*arguments: str) -> list[str]:
    """What a program of its own prints; it may end badly after that."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    run = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, env=env, cwd=ROOT
    )
    if run.returncode:
        print(run.stderr[-2000:], file=sys.stderr)
    return run.stdout.splitlines()


def operator_table(operators: Sequence[Mapping[str, Any]]) -> str:
    """Markdown: how many operators went how."""
    outcomes = Counter(operator["outcome"] for operator in operators)
    lines = ["| operators | |", "|---|---|", f"| tried | {len(operators)} |"]
    lines += [f"| {words} | {outcomes[outcome]} |" for outcome, words in OUTCOMES.items()]
    lines += [
        f"| samples computed in both places | {sum(o['samples'] for o in operators)} |",
        f"| … with gradients | {sum(o['gradients'] for o in operators)} |",
        f"| samples with one tensor left on the host | {sum(o['mixed'] for o in operators)} |",
        f"| … that were refused | {sum(o['mixed_refused'] for o in operators)} |",
    ]
    return "\n".join(lines)


def reason_table(operators: Sequence[Mapping[str, Any]]) -> str:
    """Markdown: the operators that do not agree, and why."""
    lines = ["| operator | outcome | reason |", "|---|---|---|"]
    for operator in operators:
        if operator["outcome"] in ("refused", "differs", "fails"):
            reason = operator["reason"].replace("|", "\\|")
            lines.append(f"| `{operator['name']}` | {operator['outcome']} | {reason} |")
    return "\n".join(lines)


def feature_table(features: Mapping[str, str | None]) -> str:
    """Markdown: which features work."""
    lines = ["| feature | |", "|---|---|"]
    for name, wrong in features.items():
        word = "works" if wrong is None else "refused" if wrong.startswith("refused: ") else "fails"
        lines.append(f"| {name} | {word} |")
    return "\n".join(lines)


def cost_table(repeats: int) -> str:
    """Markdown: CPU seconds of a training, on the host and on the device."""
    lines = [
        f"| XOR, {STEPS} steps | host, CPU s | device, CPU s | same last loss |",
        "|---|---|---|---|",
    ]
    for optimizer in ("SGD", "Adam"):
        runs = {place: [_training(place, optimizer) for _ in range(repeats)] for place in ("cpu", "cuda")}
        losses = {loss for found in runs.values() for _, loss in found}
        host, device = (spread([seconds for seconds, _ in found]) for found in runs.values())
        lines.append(f"| {optimizer} | {host} | {device} | {'yes' if len(losses) == 1 else 'no'} |")
    return "\n".join(lines)


def _training(place: str, optimizer: str) -> tuple[float, str]:
    seconds, loss = lines_of("-c", TRAINING, place, optimizer, str(STEPS))[-1].split()
    return float(seconds), loss


def main() -> None:
    """Try everything, print the tables, and write them where they belong if told to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--samples", type=int, default=4, help="most samples an operator")
    parser.add_argument("--repeats", type=int, default=3, help="trainings of each sort")
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.relative_to(ROOT)}")
    chosen = parser.parse_args()
    operators: list[dict[str, Any]] = []
    for part in range(PARTS):
        printed = lines_of("-m", "benchmarks.operator_samples", str(part), str(PARTS), str(chosen.samples))
        operators += map(json.loads, printed)
        print(f"{len(operators)} operators", file=sys.stderr, flush=True)
    operators.sort(key=lambda operator: str(operator["name"]))
    features = json.loads(lines_of("-m", "tests.inkernel.virtual_cuda.features")[-1])
    passed = sorted({name for operator in operators for name in operator["let_pass"]})
    page = "\n\n".join(
        [
            f"torch {torch.__version__}, {machine()}.",
            operator_table(operators),
            "Those that do not agree:",
            reason_table(operators),
            f"With one tensor left on the host these were let pass: {', '.join(f'`{name}`' for name in passed)}.",
            f"{sum(wrong is None for wrong in features.values())} of {len(features)} features work:",
            feature_table(features),
            "What it costs (median, least to most):",
            cost_table(chosen.repeats),
        ]
    )
    print(page)
    if chosen.write:
        text = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(FIGURES.sub(lambda m: f"{m[1]}\n{page}\n\n{m[2]}", text), encoding="utf-8")


if __name__ == "__main__":
    main()
