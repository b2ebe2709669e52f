"""Which notebooks of an exercise resemble each other: for a person to read, never a verdict.

`write_reports` hands over each executed notebook once, while it is at hand. Compared is what students wrote themselves:
the cells handed out, pieces of the handout, and what many wrote alike are taken away first. Names do not count.
The extra `similarity` brings copydetect, which reads code into k-grams and finds where two texts share them.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from grader.model.exercise import Exercise
from grader.model.packed import Packed
from grader.model.report import GradeReport
from grader.reports.cell_views import code_cells

K = 30
"""Characters of code in a row that must be alike, where each name is one character."""
LEAST = 150
"""Pieces of one's own below which a notebook is not compared: short answers resemble each other."""
SHARE = 0.6
"""Of the pieces of the shorter one, from which on a pair is shown."""
WRITTEN_BY_MANY = 20
"""Students; in a class under 200 a tenth of it, at least 5. What more than so many wrote alike tells nothing."""
MOST = 30
"""Pairs that are shown."""
LONGEST = 30_000
"""Characters of a notebook's own code that are looked at: lexers can be slow on hostile text."""

PARTS = 16
"""Pieces are compared in so many parts, so that a large class needs little memory at a time."""

Hashes = npt.NDArray[np.int64]


class Pair(NamedTuple):
    """Two notebooks that resemble each other."""

    first: GradeReport
    second: GradeReport
    share: float
    """Of the shorter one's own code, 0 to 1."""
    is_same_file: bool
    first_cells: tuple[int, ...]
    """Where, as indices of cells."""
    second_cells: tuple[int, ...]
    others: tuple[GradeReport, ...] = ()
    """Further ones of the same file."""


class _Text(NamedTuple):
    """What one student wrote for one exercise."""

    report: GradeReport
    code: Packed
    starts: tuple[tuple[int, int], ...]
    """Of each cell: where it begins in `code`, and its index."""
    handout: str

    def hashes(self) -> Hashes:
        """Of its pieces, each once, without those of the handout; they hold in this process alone."""
        return np.setdiff1d(_hashes(self.code.text), _handout_hashes(self.handout))


@dataclass
class Similarities:
    """Gathers a class's notebooks, light, and compares them."""

    _texts: dict[str, list[_Text]] = field(default_factory=lambda: defaultdict(list))

    @staticmethod
    def available() -> bool:
        """Whether the extra is installed."""
        return find_spec("copydetect") is not None

    def add(self, report: GradeReport, light: GradeReport, exercise: Exercise | None) -> None:
        """Take what is needed of a whole grade; `light` is what is kept to name it by."""
        if report.execution is None:
            return
        handout = exercise.handout if exercise is not None else ""
        given = {_plain(text) for _, text in code_cells(handout)}
        own = [
            (index, text)
            for index, text in code_cells(report.execution.notebook)
            if _plain(text) not in given
        ]
        code, starts = "", []
        for index, text in own:
            starts.append((len(code), index))
            code += text.strip("\n") + "\n"
        if len(code) >= LEAST:  # else there are fewer pieces, too
            packed = Packed.of(code[:LONGEST])
            self._texts[report.exercise].append(_Text(light, packed, tuple(starts), handout))

    def pairs(self) -> tuple[Pair, ...]:
        """Those that resemble each other most: at most `MOST` files that several handed in, and `MOST` other pairs.

        Of one file that several handed in, as groups do that nobody told of, one is compared with the others: its
        owners fill no more than one place, and what they share is not taken for what many wrote.
        """
        files = [_by_file(texts) for texts in self._texts.values()]
        shared = sorted((own for one in files for own in one if len(own) > 1), key=lambda own: -len(own))
        found = [pair for one in files for pair in _alike([own[0] for own in one])]
        found.sort(key=lambda pair: (-pair[0], pair[1].report.student, pair[2].report.student))
        return (*map(_same_file, shared[:MOST]), *(_pair(*pair) for pair in found[:MOST]))


def _by_file(texts: Sequence[_Text]) -> list[list[_Text]]:
    files: dict[str, list[_Text]] = {}
    for text in texts:
        files.setdefault(text.report.notebook_sha256, []).append(text)
    return list(files.values())


def _same_file(texts: Sequence[_Text]) -> Pair:
    one, other, *more = texts
    return Pair(one.report, other.report, 1.0, True, (), (), tuple(text.report for text in more))


def _alike(texts: Sequence[_Text]) -> Iterator[tuple[float, _Text, _Text, Hashes]]:
    """Share, both texts, and the pieces that too many wrote; time grows with students times `WRITTEN_BY_MANY`."""
    count = len(texts)
    if count < 2:
        return
    pieces = [text.hashes() for text in texts]
    limit = min(WRITTEN_BY_MANY, max(5, count // 10))
    sizes = np.zeros(count, dtype=np.int64)
    shared = np.zeros(count * count, dtype=np.int32)
    excluded: list[Hashes] = []
    for part in range(PARTS):
        hashes, owner = _sorted([own[own % PARTS == part] for own in pieces])
        values, times = np.unique(hashes, return_counts=True)
        excluded.append(values[times > limit])
        kept = np.repeat(times <= limit, times)
        hashes, owner = hashes[kept], owner[kept]
        sizes += np.bincount(owner, minlength=count)
        for distance in range(1, limit):
            same = hashes[distance:] == hashes[:-distance]
            np.add.at(shared, owner[:-distance][same] * count + owner[distance:][same], 1)
    many = np.concatenate(excluded)
    for place in np.flatnonzero(shared >= SHARE * LEAST):
        one, other = divmod(int(place), count)
        least = min(sizes[one], sizes[other])
        share = shared[place] / max(least, 1)
        if least >= LEAST and share >= SHARE:
            yield float(share), texts[one], texts[other], many


def _sorted(hashes: Sequence[Hashes]) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """The pieces of all, equal ones side by side, and whose each is: the earlier one's first."""
    owner = np.repeat(np.arange(len(hashes)), [len(own) for own in hashes])
    every = np.concatenate(hashes)
    order = np.argsort(every, kind="stable")
    return every[order], owner[order]


def _pair(share: float, one: _Text, other: _Text, many: Hashes) -> Pair:
    from copydetect import compare_files

    common = np.setdiff1d(np.intersect1d(one.hashes(), other.hashes()), many)
    _, _, slices = compare_files(_only(one.code.text, common), _only(other.code.text, common))
    return Pair(
        one.report,
        other.report,
        share,
        False,
        _cells(one, slices[0]),
        _cells(other, slices[1]),
    )


def _cells(text: _Text, slices: npt.NDArray[Any]) -> tuple[int, ...]:
    """The cells in which the greatest part of a slice lies, for each slice."""
    if not slices.size:
        return ()
    begins = np.array([start for start, _ in text.starts])
    middles = (slices[0] + slices[1]) / 2
    places = np.searchsorted(begins, middles, side="right") - 1
    return tuple(sorted({text.starts[int(place)][1] for place in places}))


def _only(code: str, hashes: Hashes) -> Any:
    """A fingerprint with no pieces but these."""
    found = _fingerprint(code)
    wanted = set(hashes.tolist())
    found.hash_idx = {value: at for value, at in found.hash_idx.items() if int(value) in wanted}
    found.hashes = set(found.hash_idx)
    return found


def _fingerprint(code: str) -> Any:
    """With a window of 1 every piece counts: which ones winnowing takes hangs on Python's hashes of the day."""
    from copydetect import CodeFingerprint

    return CodeFingerprint("code.py", K, 1, language="python", fp=io.StringIO(code))


@lru_cache(maxsize=64)
def _handout_hashes(handout: str) -> Hashes:
    return _hashes("".join(f"{text}\n" for _, text in code_cells(handout)))


def _hashes(code: str) -> Hashes:
    from copydetect.utils import filter_code, hashed_kgrams

    plain, _ = filter_code(code, "code.py", "python")
    return np.unique(hashed_kgrams(plain, K).astype(np.int64))


def _plain(text: str) -> str:
    return "".join(text.split())
