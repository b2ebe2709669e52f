"""Reads a page as a browser would, and refuses all that could act or reach out."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_WORDS = """html head meta title style body header nav main footer section article div span p h1 h2 h3 a ul li dl dt dd
table thead tbody tr th td small strong code pre details summary img svg circle polyline line text i br bdi caption
fieldset legend input label"""
ALLOWED = frozenset(_WORDS.split())
VOID = {"meta", "img", "br", "circle", "polyline", "line", "input"}


@dataclass
class Page:
    text: str = ""
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    images: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self, language: str) -> None:
        super().__init__()
        self.page = Page()
        self._open: list[str] = []
        self._other = {"fr": "en", "en": "fr"}[language]
        self._hidden: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ALLOWED, f"<{tag}>"
        if tag not in VOID:
            self._open.append(tag)
            self._hidden.append(tag in ("span", "text") and ("lang", self._other) in attrs)
        if tag == "input":
            assert ("type", "radio") in attrs
        for name, value in attrs:
            assert not name.startswith("on"), f"{tag} {name}={value}"
            assert name not in ("srcdoc", "srcset", "action", "formaction", "background", "ping", "target")
            if name == "href":
                assert value is not None
                assert value.startswith("#") or ":" not in value.split("/")[0], value
                assert not value.startswith("/"), value
                self.page.links.append(value)
            if name == "src":
                assert tag == "img"
                assert value is not None
                assert value.startswith("data:image/png;base64,iVBOR"), value[:40]
                self.page.images.append(value)
            if name == "style":
                assert value is not None
                assert "url" not in value
                assert "(" not in value
            if name == "id":
                assert value is not None
                self.page.ids.append(value)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open, f"</{tag}>"
            assert self._open.pop() == tag, f"</{tag}>"
            self._hidden.pop()

    def handle_data(self, data: str) -> None:
        if any(self._hidden):
            return
        if "style" not in self._open:
            self.page.text += data
        if data.strip() and {"h1", "h2", "h3"} & set(self._open):
            self.page.headings.append(data.strip())

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"comment {data!r}")


def read_page(html: str, language: str = "en") -> Page:
    """The page's content, in one of the languages of a page in two.

    Fails on scripts, handlers, foreign addresses, unknown or unclosed elements.
    """
    assert html.startswith("<!doctype html>")
    assert """content="default-src 'none'; img-src data:; style-src 'unsafe-inline'""" in html
    reader = _Reader(language)
    reader.feed(html)
    reader.close()
    assert reader._open == []
    assert len(set(reader.page.ids)) == len(reader.page.ids)
    anchors = [link[1:] for link in reader.page.links if link.startswith("#")]
    assert set(anchors) <= set(reader.page.ids)
    return reader.page
