"""JUnit's XML as data: suites of cases, each with at most one outcome other than success; and the file of them.

Used by `grade export junit` for grades, and by `grade exercise verify` for exercises.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Outcome:
    """Why a case is not simply good."""

    kind: Literal["failure", "error", "skipped"]
    message: str
    """One line."""
    type: str | None = None
    text: str | None = None
    """More, over several lines."""


@dataclass(frozen=True)
class Case:
    """One thing that was tested."""

    name: str
    classname: str
    wall_s: float | None = None
    """None where it was not measured."""
    properties: Mapping[str, str] = field(default_factory=dict)
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Suite:
    """Cases that belong together."""

    name: str
    cases: tuple[Case, ...]
    wall_s: float
    timestamp: str | None = None
    """ISO 8601."""
    properties: Mapping[str, str] = field(default_factory=dict)
    out: str | None = None
    """What was said beside."""


def render_suites(suites: Iterable[Suite], name: str) -> bytes:
    """The whole file, UTF-8."""
    root = ET.Element("testsuites", name=name)
    root.extend(_suite(suite) for suite in suites)
    for count in ("tests", "failures", "errors", "skipped"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _suite(suite: Suite) -> ET.Element:
    element = ET.Element("testsuite", name=_fit(suite.name), time=f"{suite.wall_s:.3f}")
    if suite.timestamp is not None:
        element.set("timestamp", suite.timestamp)
    if suite.properties:
        element.append(_properties(suite.properties))
    element.extend(_case(case) for case in suite.cases)
    if suite.out is not None:
        ET.SubElement(element, "system-out").text = _fit(suite.out)
    counts = Counter(str(case.outcome.kind) for case in suite.cases if case.outcome)
    element.set("tests", str(len(suite.cases)))
    for count, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(count, str(counts[kind]))
    return element


def _case(case: Case) -> ET.Element:
    time = "0" if case.wall_s is None else f"{case.wall_s:.3f}"
    element = ET.Element("testcase", name=_fit(case.name), classname=_fit(case.classname), time=time)
    if case.properties:
        element.append(_properties(case.properties))
    if case.outcome is not None:
        what = ET.SubElement(element, case.outcome.kind, message=_fit(case.outcome.message))
        if case.outcome.type is not None:
            what.set("type", case.outcome.type)
        what.text = _fit(case.outcome.text or "") or None
    return element


def _properties(values: Mapping[str, str]) -> ET.Element:
    element = ET.Element("properties")
    for name, value in values.items():
        ET.SubElement(element, "property", name=name, value=_fit(value))
    return element


def _fit(text: str) -> str:
    """What XML 1.0 can hold."""
    return _NOT_XML.sub("", text)
