"""How often does a right solution lose a point, and a wrong one gain one? Every variant, graded with many seeds.

    python -m benchmarks.fairness --seeds 20                    # all exercises, right variants and mistakes
    python -m benchmarks.fairness --seeds 20 --exercise 03_XOR_pytorch --kind right
    python -m benchmarks.fairness --seeds 20 --of update_step   # the mistakes that criteria of this kind are to find

Outcomes are appended to a JSON Lines file as they come, and those already in it are not graded again; the table at
the end is the one in docs/fairness.md. The nightly test `tests/test_fairness.py` asks the same.
"""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

from grader.authoring import verify
from grader.authoring.binomial import upper_bound
from grader.authoring.variants import load_variants
from grader.catalog import read_catalog
from grader.criteria import KINDS
from grader.grading import ask_reference
from grader.sandbox import choose_tier

ROOT = Path(__file__).parent.parent


class Case(NamedTuple):
    """One variant of one exercise (`right` or `mistakes`), graded with one seed."""

    exercise: str
    kind: str
    variant: str
    seed: int


def cases(
    seeds: int, exercises: tuple[str, ...], kinds: tuple[str, ...], of: str | None = None
) -> Iterator[Case]:
    """All cases, seed by seed, so that an interrupted run has seen every variant equally often."""
    for seed in range(seeds):
        for exercise in exercises:
            theirs = criteria_of(exercise, of)
            for kind in kinds:
                for variant in load_variants(ROOT / "reference" / exercise / kind):
                    if of is None or variant.criterion in theirs:
                        yield Case(exercise, kind, variant.name, seed)


def criteria_of(exercise_id: str, kind: str | None) -> set[str]:
    """Ids of an exercise's criteria of a kind."""
    text = (ROOT / "reference" / exercise_id / "rubric.toml").read_text(encoding="utf-8")
    return {criterion["id"] for criterion in tomllib.loads(text)["criteria"] if criterion["kind"] == kind}


def faults_of_batch(exercise_id: str, seed: int, batch: list[Case]) -> list[tuple[Case, list[str]]]:
    """Grade one exercise's variants with one seed; empty lists where all went as it should."""
    tier = choose_tier("auto")
    exercise = next(
        e for e in read_catalog(ROOT / "exercises", ROOT / "reference", KINDS) if e.id == exercise_id
    )
    reference = ask_reference(exercise, seed=seed, tier=tier)
    outcomes = []
    for case in batch:
        folder = ROOT / "reference" / exercise_id / case.kind
        variant = next(v for v in load_variants(folder) if v.name == case.variant)
        report = verify.grade_variant(variant, exercise, reference, seed=seed, tier=tier)
        outcomes.append((case, [str(fault) for fault in verify.faults(variant, report)]))
    return outcomes


def table(outcomes: dict[Case, list[str]]) -> str:
    """Markdown: gradings, deviations and the upper bound of their chance, by exercise and kind."""
    lines = [
        "| exercise | variants | gradings | deviations | chance at most (95 %) |",
        "|---|---|---|---|---|",
    ]
    for exercise, kind in sorted({(c.exercise, c.kind) for c in outcomes}):
        mine = {c: f for c, f in outcomes.items() if (c.exercise, c.kind) == (exercise, kind)}
        wrong = sum(bool(f) for f in mine.values())
        variants = len({c.variant for c in mine})
        bound = upper_bound(wrong, len(mine))
        lines.append(f"| {exercise} | {variants} {kind} | {len(mine)} | {wrong} | {bound:.2%} |")
    return "\n".join(lines)


def run(wanted: list[Case], record: Path, jobs: int) -> dict[Case, list[str]]:
    """Grade what the record does not hold yet; returns the outcomes of all wanted cases."""
    known = _read(record)
    missing = [case for case in wanted if case not in known]
    batches: dict[tuple[str, int, int], list[Case]] = {}
    for place, case in enumerate(missing):
        batches.setdefault((case.exercise, case.seed, place // 24), []).append(case)
    with (
        ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool,
        record.open("a", encoding="utf-8") as stream,
    ):
        futures = [pool.submit(faults_of_batch, key[0], key[1], batch) for key, batch in batches.items()]
        for done, future in enumerate(as_completed(futures), start=1):
            for case, faults in future.result():
                known[case] = faults
                stream.write(json.dumps({"case": case, "faults": faults}, ensure_ascii=False) + "\n")
                if faults:
                    print(*case, *faults, sep="\n    ", flush=True)
            stream.flush()
            print(f"{done} of {len(futures)} batches", flush=True)
    return {case: known[case] for case in wanted}


def _read(record: Path) -> dict[Case, list[str]]:
    if not record.exists():
        return {}
    rows = (json.loads(line) for line in record.read_text(encoding="utf-8").splitlines())
    return {Case(*row["case"]): row["faults"] for row in rows}


def main() -> None:
    """Read the command line, grade, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    every = sorted(p.parent.name for p in (ROOT / "reference").glob("*/rubric.toml"))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--exercise", action="append", choices=every)
    parser.add_argument("--kind", action="append", choices=["right", "mistakes"])
    parser.add_argument("--of", metavar="KIND", help="only the mistakes of criteria of this kind")
    parser.add_argument(
        "--variant", action="append", metavar="NAME", help="only this one; may be given again"
    )
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--record", type=Path, default=Path("fairness.jsonl"))
    chosen = parser.parse_args()
    kinds = tuple(chosen.kind or ("right", "mistakes"))
    found = cases(chosen.seeds, tuple(chosen.exercise or every), kinds, chosen.of)
    wanted = [case for case in found if chosen.variant is None or case.variant in chosen.variant]
    unknown = set(chosen.variant or ()) - {case.variant for case in wanted}
    if unknown:
        parser.error(f"--variant: there is no {', '.join(sorted(unknown))}")
    print(table(run(wanted, chosen.record, chosen.jobs)))


if __name__ == "__main__":
    main()
