"""Points and grades as people and spreadsheets read them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from grader.model.report import GradeReport
from grader.model.text import Language

SCALE = Decimal(20)
_CENT = Decimal("0.01")


def points_text(points: Decimal | None, language: Language = "en") -> str:
    """`2.5`, `3`, or in French `2,5`; a dash where nothing was decided."""
    if points is None:
        return "–"
    shown = f"{points.normalize():f}"
    return shown.replace(".", ",") if language == "fr" else shown


def grade(report: GradeReport) -> Decimal | None:
    """Out of 20 and at most 20, rounded half up to 0.01; None while a point waits for a person."""
    if report.points is None or not report.is_complete or report.out_of == 0:
        return None
    return min((report.points * SCALE / report.out_of).quantize(_CENT, ROUND_HALF_UP), SCALE)
