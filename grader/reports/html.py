"""HTML pages from templates: escaped throughout, no script, no request to anywhere, one file each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
from grader.reports.index_page import index_page, outcome, standing
from grader.reports.numbers import points_text
from grader.reports.plain_text import code_marked, fit
from grader.reports.similarity import Pair
from grader.reports.student_page import details, student_page
from grader.reports.words import (
    MARK_WORDS,
    OUTCOME_SIGNS,
    OUTCOME_WORDS,
    STANDINGS,
    VERDICT_MARKS,
    VERDICT_WORDS,
    colon,
)

Link = Callable[[GradeReport], str]
Phrase = Callable[[Language], str]


def render_student_page(report: GradeReport, exercise: Exercise | None, language: Language) -> str:
    """One student's feedback on one exercise."""
    return _environment(language).get_template("student.html").render(page=student_page(report, exercise))


def render_index(
    class_report: ClassReport, language: Language, link: Link, similar: Sequence[Pair] | None = None
) -> Iterator[str]:
    """The instructor's page, in pieces, in both languages with a switch; `language` is the one shown first.

    `link` tells where a report's page lies. `similar` is None where nobody looked for similar notebooks.
    """
    page = index_page(class_report, similar)
    stream = _environment(language, both=True).get_template("index.html").stream(page=page, link=link)
    stream.enable_buffering(100)
    return stream


@cache
def _environment(language: Language, *, both: bool = False) -> Environment:
    """With `both`, every phrase is there in French and English; a style sheet shows one of them."""
    environment = Environment(
        loader=PackageLoader("grader.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: fit(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def told(phrase: Phrase) -> Markup:
        """What it says, escaped, in the page's languages."""
        if not both:
            return Markup(phrase(language))  # noqa: S704 - escaped
        french, english = phrase("fr"), phrase("en")
        if french == english:
            return Markup(french)  # noqa: S704 - escaped
        return Markup(f'<span lang="fr">{french}</span><span lang="en">{english}</span>')  # noqa: S704 - escaped

    def translate(msgid: str, **args: int | float | str | Text | Bilingual) -> Markup:
        return words(Text(msgid=msgid, args=args))

    def words(text: Text | Bilingual) -> Markup:
        return told(lambda lang: str(escape(fit(render(text, lang)))))

    def prose(text: Text | Bilingual) -> Markup:
        return told(lambda lang: code_marked(str(escape(fit(render(text, lang))))))

    def points(value: Decimal | None) -> Markup:
        return told(lambda lang: str(escape(points_text(value, lang))))

    def figure(value: float, digits: int = 2) -> Bilingual:
        shown = f"{round(value, digits) + 0.0:.{digits}f}".replace("-", "\N{MINUS SIGN}")
        return Bilingual(fr=shown.replace(".", ","), en=shown)

    environment.globals.update(
        {
            "_": translate,
            "lang": language,
            "details": details,
            "standing": standing,
            "standings": STANDINGS,
            "outcome": outcome,
            "outcome_signs": OUTCOME_SIGNS,
            "verdict_words": VERDICT_WORDS,
            "verdict_marks": VERDICT_MARKS,
            "mark_words": MARK_WORDS,
            "outcomes": [(key, words(text)) for key, text in OUTCOME_WORDS.items()],
            "colon": told(colon),
        }
    )
    environment.filters.update(
        {
            "words": words,
            "prose": prose,
            "points": points,
            "amount": lambda value: Bilingual(fr=points_text(value, "fr"), en=points_text(value, "en")),
            "figure": figure,
            "date": lambda moment: told(lambda lang: _date(moment, lang)),
            "fit": fit,
        }
    )
    return environment


def _date(moment: datetime, language: Language) -> str:
    utc = moment.astimezone(UTC) if moment.tzinfo else moment
    pattern = "d MMMM y 'à' HH:mm 'UTC'" if language == "fr" else "d MMMM y, HH:mm 'UTC'"
    return str(escape(format_datetime(utc, pattern, locale=language)))
