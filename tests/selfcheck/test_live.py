"""`%load_ext grader` and `%check` in a real kernel: words for right and wrong, and nothing is changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager

from grader.authoring.check_bundle import make_bundle
from grader.errors import ConfigError
from grader.model.probe import Probe
from grader.selfcheck.html import html
from grader.selfcheck.live.respondent import LiveRespondent
from grader.selfcheck.plain import text
from grader.selfcheck.reporting import report_of
from tests.conftest import ROOT
from tests.grading import course as squares
from tests.grading.damages import as_markdown, damaged
from tests.selfcheck.course import RIGHT, TRIPLE


class Session:
    """A notebook that somebody works in."""

    def __init__(self, client) -> None:
        self.client = client

    def run(self, code: str) -> list[dict]:
        """The messages that a cell led to."""
        heard: list[dict] = []
        self.client.execute_interactive(code, output_hook=heard.append, timeout=300)
        assert not [m["content"] for m in heard if m["msg_type"] == "error"], code
        return heard

    def shown(self, code: str) -> dict[str, str]:
        """What the one output of a cell is, by MIME type."""
        [message] = [m for m in self.run(code) if m["msg_type"] in ("display_data", "execute_result")]
        return message["content"]["data"]

    def printed(self, code: str) -> str:
        return "".join(m["content"]["text"] for m in self.run(code) if m["msg_type"] == "stream").strip()


@pytest.fixture(scope="module")
def session(tmp_path_factory, bundle_file: Path) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("student")
    (folder / bundle_file.name).write_bytes(bundle_file.read_bytes())
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(folder), env={**os.environ, "PYTHONPATH": str(ROOT)})
    client = manager.client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=120)
        found = Session(client)
        found.run("%load_ext grader")
        yield found
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


def test_a_right_answer_is_shown_as_html_and_as_text(session):
    session.run(RIGHT)
    shown = session.shown("%check")
    assert "✓ La fonction double" in shown["text/plain"]
    assert "Il reste des critères cachés\u202f: 1 (points\u202f: 1)." in shown["text/plain"]
    assert "Non vérifié ici" in shown["text/plain"]
    assert '<span class="good">✓ La fonction double' in shown["text/html"]
    assert "<script" not in shown["text/html"]


def test_a_mistake_is_named_in_the_language_asked_for(session):
    session.run(TRIPLE)
    shown = session.shown("%check double --lang en")
    assert "This is the triple." in shown["text/plain"]
    assert "✗ The function double: wrong answer (0/2)" in shown["text/plain"]
    assert "This is the triple." in shown["text/html"]
    assert "C’est le triple." in session.shown("%check double")["text/plain"]


def test_what_is_not_asked_for_stays_as_it_was(session):
    session.run(f"{RIGHT}\nimport random, numpy as np\ntotal = []")
    session.run("random.seed(3); np.random.seed(3); torch.manual_seed(3)")
    session.run(
        "def double(x):\n    total.append(torch.rand(1)); random.random(); np.random.rand()\n    return 2 * x"
    )
    assert "✓" in session.shown("%check double")["text/plain"]
    assert session.printed("print(len(total))") == "0"
    drawn = session.printed("print(random.random(), np.random.rand(), torch.rand(1).item())")
    session.run("random.seed(3); np.random.seed(3); torch.manual_seed(3)")
    assert session.printed("print(random.random(), np.random.rand(), torch.rand(1).item())") == drawn


def test_what_colab_has_not_is_not_needed(session):
    """docs/students.md lets them install grade there without what it depends on, but for rapidfuzz."""
    needed = ["alembic", "landlockpy", "nbclient", "pyseccomp", "rich_click", "sqlalchemy", "tomlkit"]
    assert session.printed(f"import sys; print([name for name in {needed} if name in sys.modules])") == "[]"


def test_wrong_usage_is_one_sentence(session):
    assert "no task 'doubel'; there are double" in session.shown("%check doubel --lang en")["text/plain"]
    in_the_language_of_the_kit = session.shown("%check doubel")["text/plain"].replace("\u202f", " ")
    assert "il n’y a pas de tâche « doubel » ; il y a double" in in_the_language_of_the_kit
    assert "%check: unrecognized arguments" in session.shown("%check double --fast")["text/plain"]
    assert "cannot be read" in session.shown("%check --kit nowhere.check.json")["text/plain"]
    assert "lecture impossible" in session.shown("%check --kit nowhere.check.json --lang fr")["text/plain"]


class Shell:
    """As much of IPython's as the agent looks at."""

    def __init__(self, **names) -> None:
        self.user_ns, self.user_ns_hidden, self.compile = names, {}, object()


def test_a_question_that_takes_too_long_is_stopped():
    observation = LiveRespondent(Shell()).ask(Probe(id="a/0", code="while True: pass", timeout_s=0.3))
    assert observation.outcome == "timed_out"


def test_the_users_own_interrupt_is_no_answer():
    with pytest.raises(KeyboardInterrupt):
        LiveRespondent(Shell()).ask(Probe(id="a/0", code="raise KeyboardInterrupt"))


def test_missing_names_errors_and_answers_come_as_over_the_wire():
    respondent = LiveRespondent(Shell(y=2.0))
    assert respondent.ask(Probe(id="a/0", code="return y", requires=("y",))).value.made_of == "float"
    missing = respondent.ask(Probe(id="a/1", code="return z", requires=("z",)))
    assert (missing.outcome, missing.missing, missing.defined) == ("missing", "z", ("y",))
    assert respondent.ask(Probe(id="a/2", code="return 1 / 0")).error.name == "ZeroDivisionError"
    assert respondent.ask(Probe(id="a/3", code="return torch.zeros(2 << 20)")).outcome == "refused"


def test_an_unknown_task_names_those_that_there_are(public):
    with pytest.raises(ConfigError, match="there are double"):
        public.of_task("train")


def test_where_nothing_can_be_checked_nothing_is_praised(public):
    report = report_of(public, [], mode="live", language="en", tier="live", versions={})
    assert "Nothing could be checked here." in text(report)
    assert "Nothing could be checked here." in html(report)


def test_damage_of_the_saved_file_is_told(session, tmp_path):
    exercise = squares.make_exercise(tmp_path)
    kit = make_bundle(exercise, tier="local", lang="en").model_dump_json(by_alias=True)
    (tmp_path / f"{squares.ID}.check.json").write_text(kit, encoding="utf-8")
    file = tmp_path / f"{squares.ID}.ipynb"
    file.write_text(damaged(squares.REFERENCE, (as_markdown, 5)), encoding="utf-8")
    session.run(f"def square(x):\n    return x * x\n__session__ = {str(file)!r}")
    try:
        told = session.shown("%check square")["text/plain"]
    finally:
        session.run("del __session__")
    assert "In the saved file: Cell 6, the code cell `square`, is a text cell." in told
    assert "✓ square" in told
