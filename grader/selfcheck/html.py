"""A report as a small piece of HTML for a notebook: inert, with colours of its own for light and dark.

Every front end shows it as it is: no script, no link, no image; all words are escaped.
"""

from __future__ import annotations

from html import escape

from grader.i18n import render
from grader.model.check_report import CheckedCriterion, CheckReport
from grader.model.text import Language
from grader.model.verdict import Verdict
from grader.reports.numbers import points_text
from grader.reports.plain_text import code_marked
from grader.reports.words import VERDICT_MARKS, VERDICT_WORDS, colon
from grader.selfcheck.plain import verdict_words
from grader.selfcheck.reporting import details, hidden_words

_STYLE = """
.grade-check{--b:#fff;--t:#1c1f24;--m:#5b616b;--l:#d9dce1;--good:#1d6b3a;--bad:#a62b2b;--part:#8a5a00;--wait:#2a5d9c;
background:var(--b);color:var(--t);border:1px solid var(--l);border-radius:6px;padding:.7em 1em;max-width:56em;
font:14px/1.45 system-ui,sans-serif}
@media (prefers-color-scheme:dark){.grade-check{--b:#1d2025;--t:#e8e9eb;--m:#a8adb5;--l:#3a3f47;--good:#7fd39b;
--bad:#f09a93;--part:#e5b95c;--wait:#92bdf2}}
[data-jp-theme-light=true] .grade-check,.vscode-light .grade-check,html[theme=light] .grade-check{--b:#fff;--t:#1c1f24;
--m:#5b616b;--l:#d9dce1;--good:#1d6b3a;--bad:#a62b2b;--part:#8a5a00;--wait:#2a5d9c}
[data-jp-theme-light=false] .grade-check,.vscode-dark .grade-check,html[theme=dark] .grade-check{--b:#1d2025;
--t:#e8e9eb;--m:#a8adb5;--l:#3a3f47;--good:#7fd39b;--bad:#f09a93;--part:#e5b95c;--wait:#92bdf2}
.grade-check h4{margin:.6em 0 .2em;font-size:1em;color:inherit}.grade-check ul{margin:0;padding:0;list-style:none}
.grade-check li{margin:.25em 0;padding-left:1.6em;text-indent:-1.6em}.grade-check p{margin:.5em 0 0}
.grade-check dl{margin:.1em 0 .4em 1.6em;text-indent:0;display:grid;grid-template-columns:max-content 1fr;gap:.1em .8em}
.grade-check dl dt,.grade-check dl dd{float:none;width:auto;margin:0}
.grade-check dl dt{color:var(--m);font-weight:normal}.grade-check dl dd{overflow-wrap:anywhere;white-space:pre-wrap}
.grade-check .m{color:var(--m)}.grade-check .good{color:var(--good)}.grade-check .bad{color:var(--bad)}
.grade-check code{font-size:.95em}.grade-check .part{color:var(--part)}.grade-check .wait{color:var(--wait)}
""".strip()

_CLASSES = {
    Verdict.ACCEPTED: "good",
    Verdict.PARTIALLY_ACCEPTED: "part",
    Verdict.NEEDS_REVIEW: "wait",
    Verdict.JUDGE_ERROR: "wait",
    Verdict.SKIPPED: "m",
    Verdict.NOT_ATTEMPTED: "m",
}


def html(report: CheckReport) -> str:
    """One `<div>`, with its style."""
    language = report.language
    parts = [f'<style>{_STYLE}</style><div class="grade-check" lang="{language}">']
    parts += [f'<p class="part">{_prose(remark)}</p>' for remark in report.remarks]
    for task in report.tasks:
        items = "".join(_criterion(criterion, language) for criterion in task.criteria)
        parts.append(
            f'<h4>{_prose(task.title)} <span class="m">{escape(task.id)}</span></h4><ul>{items}</ul>'
        )
    outcome = "good" if report.passed else "part"
    parts.append(f'<p><strong class="{outcome}">{escape(verdict_words(report))}</strong></p>')
    parts.append(f'<p class="m">{escape(hidden_words(report))}</p></div>')
    return "".join(parts)


def notice(words: str) -> str:
    """One sentence in the same frame."""
    return f'<style>{_STYLE}</style><div class="grade-check"><span class="part">{_prose(words)}</span></div>'


def _prose(words: str) -> str:
    return code_marked(escape(words))


def _criterion(criterion: CheckedCriterion, language: Language) -> str:
    mark, words = VERDICT_MARKS[criterion.verdict], render(VERDICT_WORDS[criterion.verdict], language)
    points = f"{points_text(criterion.points, language)}/{points_text(criterion.out_of, language)}"
    head = (
        f'<span class="{_CLASSES.get(criterion.verdict, "bad")}">{mark} {_prose(criterion.title)}'
        f"{colon(language)} {escape(words)}</span>"
        f' <span class="m">{points}</span>'
    )
    if criterion.verdict is Verdict.ACCEPTED:
        return f"<li>{head}</li>"
    told = "".join(
        f"<dt>{escape(label)}</dt><dd>{_prose(value)}</dd>" for label, value in details(criterion, language)
    )
    return f"<li>{head}<br>{_prose(criterion.summary)}{f'<dl>{told}</dl>' if told else ''}</li>"
