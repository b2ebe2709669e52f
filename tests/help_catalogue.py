"""What the help of all commands says; as a program, brings its French catalogue in step with it.

`python -m tests.help_catalogue` leaves an empty `msgstr` for each text that is new, and drops those that are gone.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from grader.cli import main
from grader.commands.localization import USAGE, localized
from grader.commands.usage_errors import MESSAGES

CATALOGUE = Path(__file__).parents[1] / "grader" / "locale" / "fr" / "LC_MESSAGES" / "help.po"


def in_help() -> set[str]:
    """All message ids of the help, and of click's words around it."""
    found = {USAGE, *MESSAGES}

    def collect(text: str) -> str:
        found.add(text)
        return text

    localized(main, collect)
    return found


def update() -> None:
    """Write the catalogue with all that is in the help, and nothing else."""
    wanted = Catalog()
    for message in in_help():
        wanted.add(message)
    with CATALOGUE.open("rb") as stream:
        catalogue = read_po(stream, locale="fr")
    catalogue.update(wanted, no_fuzzy_matching=True)
    with CATALOGUE.open("wb") as stream:
        write_po(stream, catalogue, width=100, sort_output=True, ignore_obsolete=True)


if __name__ == "__main__":
    update()
