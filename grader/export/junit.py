"""JUnit's XML, which CI servers show: a suite for each student and exercise, a case for each criterion.

A student's fault is a `failure`, the grader's an `error`; what was skipped, or waits for a person, is `skipped`.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable

from grader.i18n import render
from grader.model.report import CriterionResult, GradeReport
from grader.model.text import Language
from grader.model.verdict import Verdict

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SKIPPED = (Verdict.SKIPPED, Verdict.NEEDS_REVIEW)


def render_junit(reports: Iterable[GradeReport], language: Language) -> bytes:
    """The whole file, UTF-8."""
    root = ET.Element("testsuites", name="grade")
    for report in reports:
        root.append(_suite(report, language))
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _suite(report: GradeReport, language: Language) -> ET.Element:
    name = f"{report.name} ({report.student}) · {report.exercise}"
    suite = ET.Element("testsuite", name=_fit(name), time=f"{report.wall_s:.3f}")
    suite.set("timestamp", report.graded_at.isoformat(timespec="seconds"))
    properties = {
        "student": report.student,
        "exercise": report.exercise,
        "verdict": report.verdict.value,
        "points": "" if report.points is None or not report.is_complete else str(report.points),
        "out_of": str(report.out_of),
        "rubric_version": report.rubric_version,
        "notebook_sha256": report.notebook_sha256,
        "late": "true" if report.late else "false",
    }
    suite.append(_properties(properties))
    cases = [_case(result, report, language) for result in report.criteria]
    suite.extend(cases)
    if report.problem is not None:
        ET.SubElement(suite, "system-out").text = _fit(render(report.problem, language))
    counts = Counter(child.tag for case in cases for child in case)
    suite.set("tests", str(len(cases)))
    for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(counts[tag]))
    return suite


def _case(result: CriterionResult, report: GradeReport, language: Language) -> ET.Element:
    judgement = result.judgement
    case = ET.Element(
        "testcase", name=_fit(result.id), classname=_fit(f"{report.exercise}.{result.task}"), time="0"
    )
    score = "" if judgement.score is None else str(judgement.score)
    points = "" if result.points is None else str(result.points)
    case.append(_properties({"score": score, "points": points, "out_of": str(result.out_of)}))
    if judgement.verdict is Verdict.ACCEPTED:
        return case
    tag = "skipped" if judgement.verdict in _SKIPPED else "failure"
    tag = "error" if judgement.verdict is Verdict.JUDGE_ERROR else tag
    what = ET.SubElement(case, tag, message=_fit(render(judgement.summary, language)))
    if tag != "skipped":
        what.set("type", judgement.verdict.value)
    more = [
        words for words in (judgement.expected, judgement.got, judgement.where, judgement.look_at) if words
    ]
    what.text = _fit("\n".join(render(words, language) for words in more)) or None
    return case


def _properties(values: dict[str, str]) -> ET.Element:
    element = ET.Element("properties")
    for name, value in values.items():
        ET.SubElement(element, "property", name=name, value=_fit(value))
    return element


def _fit(text: str) -> str:
    """What XML 1.0 can hold."""
    return _NOT_XML.sub("", text)
