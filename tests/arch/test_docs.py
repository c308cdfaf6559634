"""Files, links, functions, commands and make targets that the documentation names exist."""

from __future__ import annotations

import re
from functools import cache
from typing import get_args

import pytest

from app.arguments import parser
from domain.notices.registry import Occasion
from kernel import catalogues
from tests.arch.source import ROOT, files

GUIDES = ("docs/tour.md", "docs/adding.md", "docs/testing.md", "templates/README.md")
QUOTED = re.compile(r"`([^`\n]+)`")
FENCED = re.compile(r"^ *```sh\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
FOLDER = r"[\w.-]+(?:/[\w.-]+)*"
PATH = re.compile(rf"{FOLDER}\.(?:py|html|txt|toml|md|yaml|css|js|sh)|{FOLDER}/")
DEFINED_IN = re.compile(r"`([\w.]+)`(?: and `([\w.]+)`)? in `([\w/]+\.py)`")
COMMAND = re.compile(r"python -m app(?: --config \S+)? ([a-z]+)")
TARGET = re.compile(r"^make ([a-z]+)", re.MULTILINE)


@cache
def pages() -> dict[str, str]:
    """Every page of the documentation by its path."""
    return {
        path.as_posix(): (ROOT / path).read_text(encoding="utf-8")
        for path in files(".md")
        if "vendor" not in path.parts
    }


@cache
def names() -> frozenset[str]:
    """The names of our files, without their folders."""
    kinds = (".py", ".html", ".txt", ".toml", ".md", ".yaml", ".css", ".js", ".sh")
    return frozenset(path.name for path in files(*kinds))


def is_there(page: str, named: str) -> bool:
    """True for a path from the root, the page or the templates; a bare name may be anywhere."""
    if any((start / named).exists() for start in (ROOT, (ROOT / page).parent, ROOT / "templates")):
        return True
    return "/" not in named and named in names()


@pytest.mark.parametrize("page", GUIDES)
def test_each_path_that_a_guide_names_exists(page: str) -> None:
    """Newcomers read the tour with the files open, so a moved file would mislead them."""
    named = {each for each in QUOTED.findall(pages()[page]) if PATH.fullmatch(each)}
    assert named
    assert {each for each in named if not is_there(page, each)} == set()


def test_each_link_between_pages_leads_somewhere() -> None:
    links = [
        (page, link)
        for page, text in pages().items()
        for link in LINK.findall(text)
        if "://" not in link
    ]
    assert len(links) > 20
    assert [(p, link) for p, link in links if not (ROOT / p).parent.joinpath(link).exists()] == []


def test_names_are_in_the_files_where_the_tour_says() -> None:
    flat = re.sub(r"\s+", " ", pages()["docs/tour.md"])
    found = [
        (name.rpartition(".")[2], path)
        for first, second, path in DEFINED_IN.findall(flat)
        for name in (first, second)
        if name
    ]
    assert len(found) > 6
    wrong = [
        (name, path)
        for name, path in found
        if not re.search(rf"\b(?:def|class) {name}\b", (ROOT / path).read_text(encoding="utf-8"))
    ]
    assert wrong == []


def test_each_command_and_each_target_of_make_exists() -> None:
    everything = "\n".join(pages().values())
    typed = [*FENCED.findall(everything), *QUOTED.findall(everything)]
    commands = {command for each in typed for command in COMMAND.findall(each)}
    (known,) = (action.choices for action in parser()._actions if action.dest == "command")
    assert known is not None
    assert commands > {"serve", "doctor"}
    assert commands - set(known) == set()
    targets = {target for each in typed for target in TARGET.findall(each)}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert targets > {"demo", "test", "check", "rows"}
    assert targets - set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE)) == set()


def test_go_live_lists_exactly_the_templates_that_are_sent() -> None:
    """Earlier, it listed 预约提醒 and 会员等级变更, which are never sent."""
    text = (ROOT / "docs" / "go-live.md").read_text(encoding="utf-8")
    table = text.partition("| 用途 |")[2].partition("\n\n")[0]
    named = {line.split("|")[1].strip() for line in table.splitlines()[2:]}
    purposes = catalogues.of("admin").names("purpose")
    assert named == {purposes[occasion] for occasion in get_args(Occasion)}
