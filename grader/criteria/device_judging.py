"""From what was found about devices to a judgement: points, words, place."""

from __future__ import annotations

from decimal import Decimal

from grader.criteria.device_code import Fault, Place, Reading
from grader.criteria.device_findings import Finding, Found
from grader.criteria.device_words import (
    CHOSEN_WITHOUT,
    FOUND,
    GOT,
    HOW,
    HOW_REAL,
    LEFT_BY_OPTIMIZER,
    LOOK_AT,
    NO_CHOICE,
    NOT_MOVED,
    STOPS_ONLY_WITHOUT,
    STOPS_WITHOUT,
    WANTED,
    Mode,
    fault_words,
    right_words,
)
from grader.criteria.device_worlds import Worlds
from grader.criteria.outcomes import accepted, judge_error, needs_review, share, wrong_answer
from grader.model.gpu_run import USED_UP, GpuRun
from grader.model.judgement import Judgement
from grader.model.text import Bilingual, Text, say

CPU_ALONE, BOTH, BLEMISH = Decimal("0.25"), Decimal("0.5"), Decimal("0.75")
SCORES: dict[Finding, Decimal] = {
    "hardcoded_cuda": Decimal(0),
    "stale_optimizer": BOTH,
    "elsewhere": BOTH,
    "gpu_unused": BOTH,
    "calls_differ": BOTH,
    "checkpoint_not_portable": BLEMISH,
    "loss_kept_on_gpu": BLEMISH,
}
"""Other findings stop the code where there is a GPU, and pay `CPU_ALONE`."""


def judgement_of(
    found: Found, worlds: Worlds, reading: Reading, mode: Mode, hint: Bilingual | None, run: GpuRun
) -> Judgement:
    """Judge one notebook; `hint`: the rubric's, for findings that have no advice of their own."""
    how = HOW_REAL if run.device else HOW
    match found.finding:
        case "unavailable" if run.unavailable == USED_UP:
            return needs_review(
                say(
                    "The notebook had used up its time before its run with a GPU was over. A person will look."
                )
            )
        case "unavailable":
            return judge_error("")
        case "could_not_tell":
            return needs_review(
                say("Whether the code works with a GPU could not be told. A person will look.")
                if run.device
                else say(
                    "Whether the code works with a GPU could not be told by the virtual one. A person will look."
                )
            )
        case "results_differ":
            return needs_review(
                say(
                    "With a GPU, `{name}` is not what it is without. A person will see whether chance did it.",
                    name=worlds.differing_names[0],
                )
            )
    place = _place(found, reading, worlds)
    if found.finding == "ok":
        if mode == "choose" or place is None:
            return accepted(say("{what} {how}", what=right_words(mode), how=how))
        return _wrong(found, place, say("{what} {how}", what=fault_words(place), how=how), BOTH, hint)
    words = fault_words(place) if place is not None else _words(found, worlds, reading, mode)
    score = SCORES.get(found.finding, CPU_ALONE) if found.failure is None else CPU_ALONE
    if found.finding == "hardcoded_cuda" or (words == NO_CHOICE[mode] and not reading.speaks):
        score = Decimal(0)
    return _wrong(found, place, say("{what} {how}", what=words, how=how), score, hint)


def note_of(found: Found, worlds: Worlds, run: GpuRun) -> str:
    """For the staff."""
    lines = (
        f"finding: {found.finding}{' (shortened run)' if run.is_short else ''}",
        f"on a real GPU: {run.device}" if run.device else "",
        run.unavailable,
        *(f"the virtual device refused: {what}" for what in worlds.unsupported),
        *worlds.doubts,
        f"record: {worlds.record.model_dump(exclude={'numbers'})}" if worlds.record else "",
        found.failure.traceback if found.failure else "",
    )
    return "\n".join(line for line in lines if line)


def _place(found: Found, reading: Reading, worlds: Worlds) -> Place | None:
    """What in the code shows to be the reason."""
    faults: tuple[Fault, ...] = ()
    finding = found.finding
    if finding == "hardcoded_cuda":
        is_refused = found.failure is None or found.failure.kind in ("no_gpu", "checkpoint")
        faults = ("uncalled", "unguarded", "device_in_module") if is_refused else ()
    elif finding == "ok":
        has_trained = worlds.record is not None and worlds.record.share_on_gpu is not None
        faults = ("device_in_module",) if has_trained else ("cpu_accelerator", "device_in_module")
    elif finding.startswith("mixed"):
        faults = ("thrown_away", "device_in_module")
    elif finding in ("gpu_unused", "elsewhere"):
        faults = ("cpu_accelerator", "thrown_away", "unused_parameter")
        faults += () if reading.chosen else ("hard_coded_cpu",)
    return reading.fault(*faults)


def _words(found: Found, worlds: Worlds, reading: Reading, mode: Mode) -> Text:
    record, finding = worlds.record, found.finding
    if finding == "hardcoded_cuda":
        if found.failure is None:
            return CHOSEN_WITHOUT
        return STOPS_WITHOUT if found.failure.kind in ("no_gpu", "checkpoint") else STOPS_ONLY_WITHOUT
    if finding != "gpu_unused" or record is None:
        return FOUND[finding]
    if mode == "choose" and not (reading.chosen or reading.moved):
        return NO_CHOICE[mode]
    if record.is_left_by_optimizer:
        return LEFT_BY_OPTIMIZER
    return NOT_MOVED if record.share_on_gpu is None or not reading.moved else FOUND[finding]


def _wrong(
    found: Found, place: Place | None, words: Text, score: Decimal, hint: Bilingual | None
) -> Judgement:
    failure = found.failure
    where: Text | None = None
    got = GOT.get(found.finding)
    cell = place.cell if place is not None else failure.cell if failure is not None else None
    if cell is not None:
        code = place.code if place is not None else failure.line if failure is not None else ""
        where = say("Cell {cell}: {code}", cell=cell + 1, code=code)
    if failure is not None:
        said = failure.message.partition("\n")[0][:300]
        got = (
            say("{error}: {message}", error=failure.name, message=said)
            if said
            else say("{error}", error=failure.name)
        )
    advice = LOOK_AT.get(found.finding) if place is None else None
    judgement = wrong_answer(
        words,
        expected=WANTED,
        got=got,
        where=where,
        hint=advice or hint,
        cell=cell,
    )
    return share(score, judgement)
