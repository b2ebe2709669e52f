"""The figures of the instructor's page: spread of grades, mistakes of several, slow notebooks, loss curves."""

from __future__ import annotations

import math
from decimal import Decimal

from grader.model.curve import Curve
from grader.model.mark import HandMark
from grader.model.marking import with_marks
from grader.model.report import GradeReport
from grader.model.text import say
from grader.model.verdict import Verdict
from grader.reports.clusters import clusters
from grader.reports.distribution import discrimination, distribution
from grader.reports.html import _environment, render_index
from grader.reports.index_page import index_page
from grader.reports.loss_plot import MOST, loss_plots
from grader.reports.timings import slow
from tests.reports.builders import WHEN, class_of, code, criterion, executed, execution, index_text, report
from tests.reports.pages import read_page


def graded(verdict: Verdict, other: Verdict = Verdict.ACCEPTED, **more: object) -> GradeReport:
    return report(criterion(verdict, id_="a.a", points="3"), criterion(other, id_="a.b", points="1"), **more)


def link(one: GradeReport) -> str:
    return f"{one.student}.html"


def test_grades_are_spread_by_whole_points_and_who_waits_counts_by_what_is_decided() -> None:
    spread = distribution(
        [
            [graded(Verdict.ACCEPTED)],
            [graded(Verdict.WRONG_ANSWER)],
            [graded(Verdict.ACCEPTED), graded(Verdict.WRONG_ANSWER)],
            [graded(Verdict.WRONG_ANSWER, Verdict.NEEDS_REVIEW)],
        ]
    )
    assert {at: count for at, count in enumerate(spread.counts) if count} == {0: 1, 5: 1, 12: 1, 19: 1}
    assert (spread.total, spread.open, spread.median) == (4, 1, 8.75)
    assert distribution([]).total == 0


def test_a_criterion_tells_apart_only_from_30_notebooks_on() -> None:
    alike = [graded(Verdict.ACCEPTED), graded(Verdict.WRONG_ANSWER, Verdict.WRONG_ANSWER)] * 14
    assert discrimination([*alike, graded(Verdict.ACCEPTED)], "a.a") is None
    assert discrimination(alike + alike, "a.a") == 1
    against = [graded(Verdict.ACCEPTED, Verdict.WRONG_ANSWER), graded(Verdict.WRONG_ANSWER)] * 15
    assert discrimination(against, "a.a") == -1
    assert discrimination([graded(Verdict.ACCEPTED)] * 40, "a.a") is None


def test_a_smaller_class_has_no_column_of_dashes() -> None:
    alike = [graded(Verdict.ACCEPTED), graded(Verdict.WRONG_ANSWER, Verdict.WRONG_ANSWER)] * 15
    many, few = (
        read_page(index_text(class_of(*reports), "en", link)).text for reports in (alike, alike[:29])
    )
    assert many.count("Tells apart") == 2
    assert "Tells apart" not in few


def test_what_tells_nothing_apart_has_no_sign_and_what_tells_the_wrong_way_a_minus() -> None:
    against = [graded(Verdict.ACCEPTED, Verdict.WRONG_ANSWER), graded(Verdict.WRONG_ANSWER)] * 15
    page = index_text(class_of(*against), "en", link)
    assert '<span lang="fr">\N{MINUS SIGN}1,00</span><span lang="en">\N{MINUS SIGN}1.00</span>' in page
    assert _environment("en").from_string("{{ -0.001 | figure | words }}").render() == "0.00"


def test_one_mistake_of_several_is_one_cluster_whatever_figures_its_words_hold() -> None:
    def wrong(off: float, name: str) -> GradeReport:
        summary = say("The gradient is {off} times too large.", off=off)
        return report(criterion(Verdict.WRONG_ANSWER, summary=summary), student=name, name=name)

    alone = report(criterion(Verdict.WRONG_ANSWER, summary=say("The sign is wrong.")), student="d", name="d")
    (found,) = clusters([wrong(2.0, "a"), wrong(2.0, "b"), wrong(4.0, "c"), alone, report(criterion())])
    assert [r.name for r in found.reports] == ["a", "b", "c"]
    assert found.words.args == {"off": 2.0}
    assert found.lost == Decimal(6)
    page = read_page("".join(render_index(class_of(*found.reports), "en", lambda r: f"{r.student}.html")))
    assert "The gradient is 2 times too large." in page.text
    assert "points lost: 6" in page.text


def test_what_was_not_tried_or_rests_on_something_else_is_no_mistake() -> None:
    for verdict in (Verdict.SKIPPED, Verdict.NOT_ATTEMPTED, Verdict.NEEDS_REVIEW, Verdict.ACCEPTED):
        assert clusters([graded(verdict), graded(verdict)]) == ()


def test_a_mark_by_hand_is_nobodys_mistake() -> None:
    wrong = graded(Verdict.WRONG_ANSWER)
    given = HandMark(
        student=wrong.student,
        exercise=wrong.exercise,
        criterion="a.a",
        points=Decimal(1),
        out_of=Decimal(3),
        reason="Copied.",
        author="marie",
        given_at=WHEN,
        notebook_sha256=wrong.notebook_sha256,
    )
    assert len(clusters([wrong, wrong])) == 1
    assert clusters([with_marks(wrong, [given])] * 2) == ()


def test_slow_is_far_beyond_the_median_of_the_exercise() -> None:
    ran = execution(executed(code("x")))
    usual = [graded(Verdict.ACCEPTED, execution=ran, wall_s=4.0, student=str(n)) for n in range(5)]
    late = graded(Verdict.ACCEPTED, execution=ran, wall_s=15.0, student="late")
    nearly = graded(Verdict.ACCEPTED, execution=ran, wall_s=13.0, student="nearly")
    assert [(one.report.student, one.median_s) for one in slow([*usual, late, nearly])] == [("late", 4.0)]


def test_curves_lie_over_the_reference_and_who_diverged_is_counted() -> None:
    falls = Curve(criterion="a.h", values=(1.0, 0.1, 0.01), length=3, reference=(1.0, 0.05, 0.005))
    rises = Curve(criterion="a.h", values=(1.0, 2.0, math.nan), length=3, reference=falls.reference)
    (plot,) = loss_plots([graded(Verdict.ACCEPTED, curves=(c,)) for c in (falls, rises, falls)])
    assert (plot.count, plot.diverged, len(plot.lines), plot.logarithmic) == (3, 1, 2, True)
    assert plot.reference.startswith("0,0 ")
    assert plot.reference.endswith("640,260")
    many = loss_plots([graded(Verdict.ACCEPTED, curves=(falls,))] * 500)
    assert len(many[0].lines) == MOST
    none = Curve(criterion="a.h", values=(math.inf, math.nan), length=2)
    assert loss_plots([graded(Verdict.ACCEPTED, curves=(none,))])[0].lines == ()


def test_where_all_losses_ended_in_no_number_no_figure_is_told() -> None:
    none = Curve(criterion="a.h", values=(1.0, math.nan), length=2)
    page = read_page(index_text(class_of(graded(Verdict.ACCEPTED, curves=(none,))), "en", link))
    assert "Curves: 1. Ending above their start, or in no number: 1." in page.text


def test_losses_across_the_plot_have_the_languages_decimal_sign() -> None:
    curve = Curve(criterion="a.h", values=(400.0, 300.0, 0.0), length=3)
    ticks = loss_plots([graded(Verdict.ACCEPTED, curves=(curve,))])[0].ticks
    assert [tick.label.en for tick in ticks] == ["0", "100", "200", "300", "400"]
    falls = Curve(criterion="a.h", values=(1.0, 0.5, 0.2), length=3)
    html = index_text(class_of(graded(Verdict.ACCEPTED, curves=(falls,))), "fr", link)
    assert "0,4" in read_page(html, "fr").text
    assert "0.4" in read_page(html, "en").text
    assert "0,4" not in read_page(html, "en").text


def test_a_curve_that_runs_away_takes_no_line_across_from_the_others() -> None:
    stays = Curve(criterion="a.h", values=(0.2, 0.15), length=2)
    runs_away = Curve(criterion="a.h", values=(0.2, 1000.0), length=2)
    (plot,) = loss_plots([graded(Verdict.ACCEPTED, curves=(c,)) for c in (stays, runs_away)])
    assert len(plot.ticks) > 1


def test_a_loss_of_exactly_0_lies_on_the_lowest_line_of_a_logarithmic_scale() -> None:
    to_zero = Curve(criterion="a.h", values=(1.0, 0.001, 0.0), length=3)
    (plot,) = loss_plots([graded(Verdict.ACCEPTED, curves=(to_zero,))])
    assert plot.logarithmic
    assert plot.lines == ("0,0 320,260 640,260",)
    flat = Curve(criterion="a.h", values=(0.0, 0.0), length=2)
    assert not loss_plots([graded(Verdict.ACCEPTED, curves=(flat,))])[0].logarithmic


def test_map_keeps_each_criterion_in_its_column_where_rubrics_differ() -> None:
    older = report(criterion(Verdict.WRONG_ANSWER, id_="a.b"), student="1", rubric_version="older")
    newer = report(
        criterion(id_="a.a"), criterion(id_="a.b"), criterion(Verdict.NOT_ATTEMPTED, id_="a.c"), student="2"
    )
    (column,) = index_page(class_of(newer, older)).columns
    assert [rate.criterion.id for rate in column.rates] == ["a.a", "a.b", "a.c"]
    assert [marks for _, marks in column.heat] == [("right", "right", "blank"), (None, "wrong", None)]


def test_rubrics_told_are_those_that_the_grades_were_given_by() -> None:
    reports = [
        report(student=str(n), rubric_version=version) for n, version in enumerate(("old", "new", "old"))
    ]
    text = read_page(index_text(class_of(*reports), "en", link)).text
    assert "03_XOR_pytorch old (Notebooks: 2), new (Notebooks: 1)." in text
    assert "0123456789ab" not in text


def test_that_no_notebooks_are_alike_is_said_where_somebody_looked() -> None:
    none = "Similar notebooks were looked for: there are none."
    assert none in read_page(index_text(class_of(report()), "en", link, ())).text
    assert none not in read_page(index_text(class_of(report()), "en", link)).text


def test_page_of_nothing_promises_nothing() -> None:
    page = read_page(index_text(class_of(), "en", link))
    assert page.headings == ["Class report", "What needs a person"]
    assert page.links == ["#person", "grades.csv", "results.json"]
    assert "Nothing was graded." in page.text
    assert "all points are decided" not in page.text


def test_page_has_both_languages_and_either_is_whole() -> None:
    ran = execution(executed(code("x")))
    curve = Curve(criterion="a.h", values=(1.0, 0.5), length=2, reference=(1.0, 0.25))
    one = graded(Verdict.PARTIALLY_ACCEPTED, execution=ran, wall_s=90.0, curves=(curve,))
    others = [graded(Verdict.ACCEPTED, execution=ran, student=str(n), name=f"n{n}") for n in range(4)]
    class_report = class_of(one, *others).model_copy(update={"unsteady": (("12", one.exercise),)})
    html = "".join(render_index(class_report, "fr", lambda r: f"{r.student}.html"))
    french, english = read_page(html, "fr"), read_page(html, "en")
    assert "Répartition des notes sur 20" in french.headings
    assert "Distribution of the grades out of 20" in english.headings
    assert "Répartition" not in english.text
    assert "la médiane est de 2,2" in french.text.replace("\u202f", " ")
    assert "; the reference's is 0.25" in english.text
    assert "did not always get the same points" in english.text
    assert len(french.headings) == len(english.headings)
    assert '<html lang="fr">' in html
