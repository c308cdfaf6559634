"""docs/adding.md: its recipes are short, and their examples touch no more files than promised.

Each recipe lists the files of its example. The source is searched for the example's names. A file
with such a name that is not listed would make the recipe wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import pytest

from tests.arch.source import ROOT, files

LINES_MOST = 25
PROMISED = {
    "A promotion type": 6,
    "A merchant's page": 3,
    "A page of the mall": 3,
    "An answer in the chat": 1,
    "A notice": 2,
    "A periodic job": 3,
    "A payable": 3,
    "A payout source": 3,
}
UNCOUNTED = ("tests/", "bench/", "docs/", "schema/", "migrations/", "models.py", "static/vendor/")
SUFFIXES = (".py", ".html", ".txt", ".toml", ".js", ".css", ".svg", ".yaml")
HEADING = re.compile(r"(?P<what>.+?): (?:at most )?(?P<most>\d+) files?")
EXAMPLE = re.compile(r"Example (?P<names>[^:]+): (?P<files>[^:]+?)\.\n\n")
QUOTED = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Recipe:
    """A section of the page: what it adds, the promise, and the example's names and files."""

    what: str
    most: int
    lines: int
    names: tuple[str, ...]
    files: tuple[str, ...]


@cache
def recipes() -> dict[str, Recipe]:
    """The recipes of the page by what they add."""
    text = (ROOT / "docs/adding.md").read_text(encoding="utf-8")
    made = (_recipe(section) for section in text.split("\n## ")[1:])
    return {each.what: each for each in made}


def _recipe(section: str) -> Recipe:
    heading, _, rest = section.partition("\n")
    promise, example = HEADING.fullmatch(heading), EXAMPLE.search(rest)
    assert promise is not None, heading
    assert example is not None, f"{heading}: no example"
    return Recipe(
        what=promise["what"],
        most=int(promise["most"]),
        lines=len(section.strip().splitlines()),
        names=tuple(QUOTED.findall(example["names"])),
        files=tuple(QUOTED.findall(example["files"])),
    )


@cache
def sources() -> dict[str, str]:
    """Our files of code, templates and texts by path, each with its path as its first line."""
    paths = (path.as_posix() for path in files(*SUFFIXES))
    return {
        path: f"{path}\n{(ROOT / path).read_text(encoding='utf-8')}"
        for path in paths
        if not path.startswith(UNCOUNTED)
    }


def having(names: tuple[str, ...]) -> set[str]:
    """The files in whose path or text one of the names occurs."""
    whole = {name: re.compile(rf"(?<!\w){re.escape(name)}(?!\w)") for name in names}
    return {
        path for path, text in sources().items()
        if any(n in path or (n in text and whole[n].search(text)) for n in names)
    }  # fmt: skip


def test_the_page_has_every_recipe_with_its_promise() -> None:
    assert {each.what: each.most for each in recipes().values()} == PROMISED


@pytest.mark.parametrize("what", PROMISED)
def test_a_recipe_is_short(what: str) -> None:
    assert recipes()[what].lines <= LINES_MOST


@pytest.mark.parametrize("what", PROMISED)
def test_an_example_touches_exactly_the_listed_files(what: str) -> None:
    recipe = recipes()[what]
    assert recipe.names
    assert having(recipe.names) == set(recipe.files)
    assert len(recipe.files) <= recipe.most


@pytest.mark.parametrize("what", PROMISED)
def test_each_name_of_an_example_is_in_one_of_its_files(what: str) -> None:
    """A name that no longer exists would hide that the recipe is out of date."""
    recipe = recipes()[what]
    assert {name for name in recipe.names if not having((name,))} == set()
    assert {path for path in recipe.files if not (ROOT / path).is_file()} == set()


def test_a_file_that_a_recipe_does_not_list_is_found() -> None:
    assert having(("second_piece", "limited_price")) - set(recipes()["A promotion type"].files)
    assert having(("no_such_kind",)) == set()
