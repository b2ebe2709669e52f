"""HTML pages from templates: escaped throughout, no script, no request to anywhere, one file each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

from babel.dates import format_datetime
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from grader.i18n import render
from grader.model.exercise import Exercise
from grader.model.report import ClassReport, GradeReport
from grader.model.text import Bilingual, Language, Text
from grader.reports.index_page import index_page, standing
from grader.reports.numbers import points_text
from grader.reports.plain_text import fit
from grader.reports.student_page import details, student_page
from grader.reports.words import OUTCOME_WORDS, STANDINGS, VERDICT_MARKS, VERDICT_WORDS, colon

_CODE = re.compile(r"`([^`\n]+)`")

Link = Callable[[GradeReport], str]


def render_student_page(report: GradeReport, exercise: Exercise | None, language: Language) -> str:
    """One student's feedback on one exercise."""
    return _environment(language).get_template("student.html").render(page=student_page(report, exercise))


def render_index(class_report: ClassReport, language: Language, link: Link) -> Iterator[str]:
    """The instructor's page, in pieces; `link` tells where a report's page lies."""
    page = index_page(class_report)
    stream = _environment(language).get_template("index.html").stream(page=page, link=link)
    stream.enable_buffering(100)
    return stream


@cache
def _environment(language: Language) -> Environment:
    environment = Environment(
        loader=PackageLoader("grader.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: fit(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def translate(msgid: str, **args: int | float | str | Text | Bilingual) -> str:
        return render(Text(msgid=msgid, args=args), language)

    def words(text: Text | Bilingual) -> str:
        return render(text, language)

    def prose(text: Text | Bilingual) -> Markup:
        return Markup(_CODE.sub(r"<code>\1</code>", str(escape(fit(render(text, language))))))  # noqa: S704 - escaped

    def points(value: Decimal | None) -> str:
        return points_text(value, language)

    def date(moment: datetime) -> str:
        utc = moment.astimezone(UTC) if moment.tzinfo else moment
        pattern = "d MMMM y 'à' HH:mm 'UTC'" if language == "fr" else "d MMMM y, HH:mm 'UTC'"
        return format_datetime(utc, pattern, locale=language)

    environment.globals.update(
        {
            "_": translate,
            "lang": language,
            "details": details,
            "standing": standing,
            "standings": STANDINGS,
            "verdict_words": VERDICT_WORDS,
            "verdict_marks": VERDICT_MARKS,
            "outcomes": [(key, words(text)) for key, text in OUTCOME_WORDS.items()],
            "colon": colon(language),
        }
    )
    environment.filters.update({"words": words, "prose": prose, "points": points, "date": date, "fit": fit})
    return environment
