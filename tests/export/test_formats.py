"""Canvas, Gradescope, Apogée, the plain table and JUnit."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.errors import ExportError
from grader.export.apogee import fill_apogee
from grader.export.canvas import fill_gradebook, render_gradebook
from grader.export.gradescope import results_of
from grader.export.junit import render_junit
from grader.export.marks import marks_of
from grader.export.numbers import read_numbers, renumbered
from grader.export.rounding import Scale
from grader.export.table import render_table
from grader.i18n import render
from grader.model.text import Bilingual, say
from grader.model.verdict import Verdict
from tests.reports.builders import REGRESSION, XOR, criterion, report

HALF = criterion(Verdict.PARTIALLY_ACCEPTED, points="7", share="0.6")
WAITING = criterion(Verdict.NEEDS_REVIEW, id_="b.b")
STEP = Decimal("0.01")
CANVAS = (
    "\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,XOR (avancé) (11),03 XOR PyTorch (12),Final Score\r\n"
    "    Points Possible,,,,,10,20.0,(read only)\r\n"
    '"Lefèvre, Zoé",4021,0021,zoe,A,,,33\r\n'
    '"D\'Arc, Chloé",4022,0022,chloe,A,,8.0,\r\n'
    '"Martin, Jean",4023,0023,jean,A,,,\r\n'
    '"Student, Test",,,,,,,\r\n'
)


def remarks(filling) -> dict[str, str]:
    return {whose: render(text, "en") for whose, text in filling.remarks}


def canvas_marks():
    return marks_of(
        [
            report(HALF, student="4021", name="lefèvrezoé"),
            report(HALF, student="4022", name="darcchloé"),
            report(HALF, WAITING, student="4023", name="martinjean"),
            report(HALF, student="9", name="personne"),
        ]
    )


def test_canvass_own_gradebook_is_filled_and_nothing_else_changes() -> None:
    raw = CANVAS.encode()
    filling = fill_gradebook(raw, canvas_marks(), [XOR], {}, STEP, replaces=False)
    changed = CANVAS.replace("zoe,A,,,33", "zoe,A,,12.00,33")
    assert filling.content() == changed.encode()
    assert set(remarks(filling)) == {"D'Arc, Chloé (4022)", "Martin, Jean (4023)", "personne (9)"}
    replaced = fill_gradebook(raw, canvas_marks(), [XOR], {XOR: "XOR (avancé)"}, STEP, replaces=True)
    assert "chloe,A,6.00,8.0," in replaced.content().decode()


def test_canvas_columns_that_are_not_told_are_asked_for() -> None:
    with pytest.raises(ExportError, match=r"No column for 01_regression_lineaire.*XOR \(avancé\) \(11\)"):
        fill_gradebook(CANVAS.encode(), canvas_marks(), [REGRESSION], {}, STEP, replaces=False)
    with pytest.raises(ExportError, match="no grade book of Canvas"):
        fill_gradebook(b"a,b\n", canvas_marks(), [XOR], {}, STEP, replaces=False)
    with pytest.raises(ExportError, match="Points Possible"):
        fill_gradebook(b"Student,ID,03_XOR_pytorch (3)\n", canvas_marks(), [XOR], {}, STEP, replaces=False)


def test_a_canvas_number_of_another_name_is_left() -> None:
    marks = marks_of([report(HALF, student="4021", name="martinjean")])
    filling = fill_gradebook(CANVAS.encode(), marks, [XOR], {}, STEP, replaces=False)
    assert filling.cells == {}
    assert "calls number 4021 martinjean" in remarks(filling)["Lefèvre, Zoé (4021)"]


def test_a_new_canvas_file_has_no_grade_for_what_is_open() -> None:
    marks = marks_of(
        [report(HALF, student="1", name="=1+1"), report(HALF, WAITING, student="2"), report(student="x")]
    )
    rows = list(csv.reader(io.StringIO(render_gradebook(marks, [XOR], Scale()))))
    assert rows == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", XOR],
        ["    Points Possible", "", "", "", "", "20.00"],
        ["'=1+1", "1", "", "", "", "12.00"],
        ["Zoé Lefèvre", "2", "", "", "", ""],
    ]


APOGEE = (
    "XX-APO_TITRES-XX\r\napoC_annee\t2026/2027\r\napoC_lib_dip\tLicence d'été\r\n\r\n"
    "XX-APO_COLONNES-XX\r\n"
    "apoL_a01_code\tType Objet\tCode\tVersion\tAnnée\tSession\tAdmission/Admissibilité\tType Rés.\t"
    "\tEtudiant\tNuméro\r\n"
    "apoL_a02_nom\t\t\t\t\t\t\t\t\tEtudiant\tNom\r\n"
    "apoL_c0001\tELP\tINF501\t\t2026\t0\t1\tN\tINF501 - Apprentissage\t0\t1\tNote\r\n"
    "apoL_c0002\tELP\tINF501\t\t2026\t0\t1\tB\t\t0\t1\tBarème\r\n"
    "apoL_c0003\tELP\tINF502\t\t2026\t0\t1\tN\tINF502 - Projet\t0\t1\tNote\r\n"
    "APO_COL_VAL_FIN\r\n\r\n"
    "XX-APO_VALEURS-XX\r\n"
    "apoL_a01_code\tapoL_a02_nom\tapoL_a03_prenom\tapoL_a04_naissance\tapoL_c0001\tapoL_c0002\tapoL_c0003\r\n"
    "21001\tLEFEVRE\tZOE\t 01/02/2004\t\t20\t\r\n"
    "21002\tD'ARC\tCHLOÉ\t 01/02/2004\t\t20\t\r\n"
    "21003\tMARTIN\tJEAN\t 01/02/2004\t\t20\t\r\n"
    "21004\tMARTIN\tJEAN\t 01/02/2004\t\t40\t\r\n"
    "21005\tABSENT\tPAUL\t 01/02/2004\tABJ\t20\t\r\n"
    "21006\tABSENT\tANNE\t 01/02/2004\t\t20\t\r\n"
).encode("latin-1")


def apogee_marks():
    return marks_of(
        [
            report(HALF, student="21001", name="Zoé Lefèvre"),
            report(HALF, WAITING, student="21002", name="Chloé DArc"),
            report(HALF, student="21004", name="Jean Martin"),
            report(HALF, student="21003", name="Ольга Иванова"),
            report(HALF, student="777", name="Ali"),
        ]
    )


def test_apogees_note_column_is_filled_and_nothing_else_changes() -> None:
    filling = fill_apogee(APOGEE, apogee_marks(), Scale(), column="INF501")
    expected = APOGEE.replace(b"ZOE\t 01/02/2004\t\t", b"ZOE\t 01/02/2004\t12,00\t").replace(
        b"21004\tMARTIN\tJEAN\t 01/02/2004\t\t", b"21004\tMARTIN\tJEAN\t 01/02/2004\t24,00\t"
    )
    assert filling.content() == expected
    assert filling.untouched == ["ABSENT PAUL (21005)", "ABSENT ANNE (21006)"]
    assert set(remarks(filling)) == {"D'ARC CHLOÉ (21002)", "MARTIN JEAN (21003)", "Ali (777)"}


def test_absences_are_written_only_when_told_and_never_over_a_reason() -> None:
    filling = fill_apogee(APOGEE, apogee_marks(), Scale(), column="apoL_c0001", absent="ABI")
    lines = filling.content().decode("latin-1").split("\r\n")
    noted = {line.split("\t")[0]: line.split("\t")[4] for line in lines if line.startswith("2100")}
    assert noted == {
        "21001": "12,00",
        "21002": "",
        "21003": "",
        "21004": "24,00",
        "21005": "ABJ",
        "21006": "ABI",
    }


def test_an_apogee_column_is_never_guessed() -> None:
    with pytest.raises(ExportError, match=r"Several columns.*apoL_c0001 \(INF501\), apoL_c0003 \(INF502\)"):
        fill_apogee(APOGEE, apogee_marks(), Scale())
    with pytest.raises(ExportError, match="no column 'INF9'"):
        fill_apogee(APOGEE, apogee_marks(), Scale(), column="INF9")
    with pytest.raises(ExportError, match="XX-APO_COLONNES-XX is missing"):
        fill_apogee(b"a\tb\n", apogee_marks(), Scale())


def test_student_numbers_come_from_a_worksheet_or_a_table() -> None:
    raw = "Identifiant;Nom complet;Numéro d’identification;Note\nParticipant40211;Zoé;0021;\nParticipant2;Ali;;\n"
    assert read_numbers(raw.encode()) == {"40211": "0021"}
    assert read_numbers(b"student,number\nzoe,21\n") == {"zoe": "21"}
    with pytest.raises(ExportError, match="two columns"):
        read_numbers(b"name,points\nzoe,21\n")


def test_one_students_identifiers_of_two_assignments_come_together() -> None:
    own = [report(HALF, student="40211"), report(HALF, student="50377", exercise_id=REGRESSION)]
    (mark,) = marks_of(renumbered(own, {"40211": "21", "50377": "21"}))
    assert (mark.student, mark.points, mark.out_of) == ("21", Decimal("8.4"), Decimal(14))
    with pytest.raises(ExportError, match="Number 21 has two grades"):
        renumbered([report(student="1"), report(student="2")], {"1": "21", "2": "21"})


def test_the_table_shows_the_grade_and_what_it_was_rounded_from() -> None:
    third = criterion(Verdict.PARTIALLY_ACCEPTED, points="7", share="0.3333")
    marks = marks_of(
        [report(third, student="=1", late=True), report(HALF, WAITING, student="2"),
         report(HALF, student="3", exercise_id=REGRESSION)]
    )  # fmt: skip
    text = render_table(marks[:2], Scale(step=Decimal("0.5")), "fr", excel=True)
    first, second = csv.DictReader(io.StringIO(text), delimiter=";")
    assert (first["étudiant"], first["note /20"], first["avant l’arrondi"], first["en retard"]) == (
        "'=1",
        "",
        "",
        "true",
    )
    assert first["en suspens"] == f"pas de notebook pour {REGRESSION}"
    assert second["en suspens"].startswith("points en attente")
    (alone,) = csv.DictReader(io.StringIO(render_table(marks_of([report(third)]), Scale(), "fr")))
    assert (alone["points"], alone["grade /20"], alone["unrounded"], alone[XOR]) == (
        "2.3331",
        "6.67",
        "6.666",
        "2.3331",
    )


def test_gradescope_gets_scores_of_every_criterion_and_hides_what_is_hidden() -> None:
    hidden = criterion(Verdict.WRONG_ANSWER, id_="b.b", summary=say("right"), got=say("right")).model_copy(
        update={"public": False}
    )
    results = results_of([report(HALF, hidden)], "en")
    assert json.loads(json.dumps(results)) == results
    assert results["score"] == pytest.approx(4.2)
    first, second = results["tests"]
    assert (first["score"], first["max_score"], first["status"], first["visibility"]) == (
        pytest.approx(4.2),
        7.0,
        "failed",
        "visible",
    )
    assert (second["visibility"], second["number"], second["output"]) == (
        "after_published",
        "2",
        "right\nGot: right",
    )


def test_gradescope_gets_no_score_at_all_while_one_is_open() -> None:
    for verdict in (Verdict.NEEDS_REVIEW, Verdict.JUDGE_ERROR):
        results = results_of([report(HALF, criterion(verdict, id_="b.b")), report(HALF)], "fr")
        assert "score" not in results
        assert all("score" not in test and "status" not in test for test in results["tests"])
        assert "en attente d’une personne" in results["output"]


@given(st.text(max_size=30), st.sampled_from(list(Verdict)))
def test_junit_is_xml_whatever_a_student_wrote_and_counts_faults_by_whose_they_are(
    text: str, verdict: Verdict
) -> None:
    one = criterion(
        verdict, summary=say("{x}", x=text), got=say("{x}", x=text), title=Bilingual(fr=text, en=text)
    )
    root = ET.fromstring(render_junit([report(one, name=text)], "en"))
    (case,) = root.iter("testcase")
    (tag, *_) = [child.tag for child in case if child.tag != "properties"] or ["passed"]
    expected = {
        Verdict.ACCEPTED: "passed",
        Verdict.JUDGE_ERROR: "error",
        Verdict.NEEDS_REVIEW: "skipped",
        Verdict.SKIPPED: "skipped",
    }.get(verdict, "failure")
    assert tag == expected
    counts = {"failure": "failures", "error": "errors", "skipped": "skipped"}
    assert {name: root.get(name) for name in ("tests", *counts.values())} == {
        "tests": "1",
        **{name: str(int(expected == child)) for child, name in counts.items()},
    }
    points = {p.get("name"): p.get("value") for p in case.iter("property")}
    assert points["points"] == ("" if one.points is None else str(one.points))


def test_several_exercises_of_one_gradescope_submission_add_up() -> None:
    results = results_of([report(HALF), report(HALF, exercise_id=REGRESSION)], "en")
    assert results["score"] == pytest.approx(8.4)
    assert [test["number"] for test in results["tests"]] == ["1", "2"]
    assert results["output"] == f"{XOR}: 4.2 points of 7\n{REGRESSION}: 4.2 points of 7"
    assert "score" not in results_of([], "en")
