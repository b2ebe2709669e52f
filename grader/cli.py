"""The command `grade`: finds the subcommand, calls it, and turns errors into one line and an exit code.

Exit codes: 0 all is judged, or waits only for a mark by hand; 1 the grader could not judge something
(`judge_error`), grades would move and nobody agreed, or a self-check found something; 2 wrong usage or configuration;
130 interrupted; 70 a fault of `grade` itself.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import rich_click as click
from click.exceptions import Exit
from rich.console import Console
from rich.markup import escape

from grader.commands import localization, usage_errors
from grader.commands.check import check
from grader.commands.doctor import doctor
from grader.commands.exercise import exercise
from grader.commands.explain import explain
from grader.commands.export import export
from grader.commands.mark import mark
from grader.commands.membership import people
from grader.commands.report import report
from grader.commands.rubric import rubric
from grader.commands.run import run
from grader.commands.show import show
from grader.errors import GraderError
from grader.i18n import render
from grader.model.text import Language, Text, say
from grader.reports.plain_text import fit

COMMANDS = (run, check, report, show, explain, mark, people, export, rubric, exercise, doctor)

EXAMPLES = """
Examples: `grade submissions/` grades a class; `grade submissions/ --dry-run` only says what would be graded;
`grade submissions/ --only 02_autograd --lang fr` grades one exercise; `grade show ada` prints one student's grades.

Exit codes: 0 when all is judged or waits only for a mark by hand; 1 when the grader could not judge something
(`judge_error`), or when grades would move and nobody said yes; 2 for wrong usage or configuration; 130 when
interrupted; 70 for a fault of grade itself.
"""


class DefaultGroup(click.RichGroup):
    """A group in which `grade SUBMISSIONS…` is short for `grade run SUBMISSIONS…`."""

    language: Language = "en"

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        """Run in the user's language: help and wrong usage, too."""
        group = self
        if localization.language_of(sys.argv[1:] if args is None else args) == "fr":
            group = localization.in_french(self)
            group.language = "fr"
        return super(DefaultGroup, group).main(args, *rest, **extra)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `run` before arguments that begin with no command and with no option of the group."""
        own = {name for parameter in self.get_params(ctx) for name in parameter.opts}
        first = next((place for place, arg in enumerate(args) if arg not in own), None)
        if first is not None and args[first] not in self.commands:
            args = [*args[:first], "run", *args[first:]]
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of ours becomes a line in red, without a traceback."""
        shows_traceback = ctx.params["traceback"] or bool(os.environ.get("GRADE_DEBUG"))
        try:
            return super().invoke(ctx)
        except GraderError as error:
            if shows_traceback:
                traceback.print_exc()
            _complain(error.text, self.language)
            ctx.exit(2)
        except KeyboardInterrupt:
            _complain(say("Interrupted."), self.language)
            ctx.exit(130)
        except click.UsageError as error:
            raise (usage_errors.in_french(error) if self.language == "fr" else error) from None
        except (click.ClickException, click.Abort, Exit, BrokenPipeError):
            raise
        except Exception:  # noqa: BLE001  the last line of defence: whatever it is, it is our fault
            traceback.print_exc()
            fault = say(
                "This is a fault of grade itself, not of a submission: please report it with the lines above."
            )
            _complain(fault, self.language)
            ctx.exit(70)


@click.group(cls=DefaultGroup, epilog=EXAMPLES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="grade", prog_name="grade")
@click.option("--traceback", is_flag=True, hidden=True, help="Show where an error came from.")
def main(traceback: bool) -> None:
    """Grade notebooks: execute them, ask them questions, judge outside, report.

    `grade SUBMISSIONS…` is short for `grade run SUBMISSIONS…`.
    """


for command in COMMANDS:
    main.add_command(command)


def _complain(text: Text, language: Language) -> None:
    words = fit(render(text, language))
    Console(stderr=True).print(f"[bold red]grade:[/] {escape(words)}", highlight=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
