"""How long the instructor's page takes to make and to open, and what it costs to look for similar notebooks.

    python -m benchmarks.class_page                   # 12, 200 and 1000 made-up students by four exercises
    python -m benchmarks.class_page --similar 500     # besides: notebooks of so many students compared

Opened by Chromium without a window: `parsed` and `laid out` are milliseconds from the start of the navigation until
the whole page was read, and until everything on its first screen had its place.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from benchmarks.measuring import machine
from benchmarks.sample_class import ROOT, class_of
from grader.catalog import read_catalog
from grader.criteria import KINDS
from grader.model.execution import Execution
from grader.model.exercise import Exercise
from grader.model.judgement import Judgement
from grader.model.report import ClassReport, CriterionResult, GradeReport, RunInfo
from grader.model.rubric import Criterion
from grader.model.text import say
from grader.model.verdict import Verdict
from grader.reports.html import render_index
from grader.reports.similarity import Similarities

_SAID = re.compile(r'<pre id="said">(.*?)</pre>')
_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
_ASK = """<script>const parsed = performance.now(); document.body.offsetHeight;
const said = document.createElement("pre"); said.id = "said";
said.textContent = `${parsed.toFixed(0)} ${performance.now().toFixed(0)}`; document.body.append(said);</script>"""
WRONG = tuple(say(f"Mistake {n} of this criterion.") for n in range(5))
VERDICTS = (Verdict.ACCEPTED, Verdict.ACCEPTED, Verdict.PARTIALLY_ACCEPTED, Verdict.WRONG_ANSWER)


def made_up(students: int, exercises: tuple[Exercise, ...]) -> ClassReport:
    """A class with every rubric's criteria, right three times in four."""
    rng = random.Random(0)
    reports = [graded(f"{n:05}", e, rng) for n in range(students) for e in exercises]
    info = RunInfo(seed=0, tier="strong", versions={}, rubrics={e.id: e.rubric_version for e in exercises})
    return ClassReport(run=info, exercises=exercises, reports=tuple(reports))


def graded(student: str, exercise: Exercise, rng: random.Random) -> GradeReport:
    """One grade."""
    results = tuple(judged(criterion, rng) for criterion in exercise.rubric.criteria)
    points = sum((r.points for r in results if r.points is not None), Decimal(0))
    return GradeReport(
        student=student,
        name=f"Student {student}",
        exercise=exercise.id,
        path=f"{student}/{exercise.id}.ipynb",
        notebook_sha256="0" * 64,
        rubric_version=exercise.rubric_version,
        seed=0,
        tier="strong",
        verdict=Verdict.PARTIALLY_ACCEPTED,
        points=points,
        undecided=sum((r.out_of for r in results if r.points is None), Decimal(0)),
        out_of=exercise.rubric.out_of,
        criteria=results,
        graded_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def judged(criterion: Criterion, rng: random.Random) -> CriterionResult:
    """One judgement; what a person marks waits."""
    verdict = Verdict.NEEDS_REVIEW if criterion.kind == "manual" else rng.choice(VERDICTS)
    score = {Verdict.ACCEPTED: Decimal(1), Verdict.PARTIALLY_ACCEPTED: Decimal("0.5")}.get(
        verdict, Decimal(0)
    )
    share = score if verdict.is_judged else None
    return CriterionResult(
        id=criterion.id,
        task=criterion.task,
        kind=criterion.kind,
        title=criterion.title,
        public=True,
        judgement=Judgement(verdict=verdict, score=share, summary=rng.choice(WRONG)),
        points=None if share is None else criterion.points * share,
        out_of=criterion.points,
    )


def opened(page: str, chromium: str) -> tuple[int, int]:
    """Milliseconds until parsed, and until laid out; the least of three times."""
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "index.html"
        file.write_text(_POLICY.sub("", page).replace("</body>", f"{_ASK}</body>"), encoding="utf-8")
        line = [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--dump-dom",
        ]
        line += [f"--user-data-dir={name}/profile", "--window-size=1300,1000", file.as_uri()]
        times = []
        for _ in range(3):
            said = _SAID.search(subprocess.run(line, capture_output=True, text=True, check=True).stdout)
            assert said is not None
            parsed, laid_out = map(int, said[1].split())
            times.append((parsed, laid_out))
        return min(times, key=lambda pair: pair[1])


def similar(students: int, exercises: dict[str, Exercise]) -> str:
    """Time and number of pairs for a class of right variants and known mistakes."""
    graded_ = [
        graded(one.student, exercises[one.exercise], random.Random(0)).model_copy(
            update={"execution": Execution(ended="completed", notebook=one.notebook, tier="strong")}
        )
        for one in class_of(students, seed=0, exercises=tuple(exercises))
    ]
    found = Similarities()
    began = time.process_time()
    for report in graded_:
        found.add(report, report, exercises[report.exercise])
    pairs = found.pairs()
    took = time.process_time() - began
    return f"{len(graded_)} notebooks: {took:.1f} CPU s; pairs {len(pairs)}"


def main() -> None:
    """Read the command line, make and open, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=[12, 200, 1000])
    parser.add_argument("--similar", type=int, default=0, metavar="STUDENTS")
    chosen = parser.parse_args()
    exercises = read_catalog(ROOT / "exercises", ROOT / "reference", KINDS)
    print(f"{machine()}\n\n| students | file | made in | parsed | laid out |\n|---|---|---|---|---|")
    chromium = shutil.which("chromium") or shutil.which("google-chrome") or ""
    for size in chosen.sizes:
        report = made_up(size, tuple(exercises))
        began = time.process_time()
        page = "".join(render_index(report, "fr", lambda r: f"students/{r.student}/{r.exercise}.html", ()))
        made = time.process_time() - began
        parsed, laid_out = opened(page, chromium)
        print(
            f"| {size} | {len(page.encode()) / 1e6:.1f} MB | {made:.1f} s | {parsed} ms | {laid_out} ms |",
            flush=True,
        )
    if chosen.similar:
        print(similar(chosen.similar, {exercise.id: exercise for exercise in exercises}))


if __name__ == "__main__":
    main()
