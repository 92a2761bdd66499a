"""The page about erasing says what the program does: commands, types, order, sentences, deeds."""

import re
import shlex
from pathlib import Path

import pytest

from ohx_pipelines.cli import ehr_erase, ehr_erase_text
from ohx_pipelines.cli.main import main
from ohx_pipelines.fhir.erasable import ERASED_TYPES
from ohx_pipelines.links.audit import Deed

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "erasing.md").read_text()
FILES = (Path(one.__file__).read_text() for one in (ehr_erase, ehr_erase_text))
SOURCE = " ".join(" ".join(FILES).replace('"', " ").split())


@pytest.mark.parametrize(
    "line", re.findall(r"^\.venv/bin/ohx (.+?)(?:\s+#.*)?$", PAGE, re.MULTILINE)
)
def test_every_command_of_the_page_is_one_with_those_options(line):
    command, arguments = main, shlex.split(line)
    while hasattr(command, "commands"):
        command = command.commands[arguments.pop(0)]
    assert command.make_context("ohx", arguments).args == []


def test_every_option_that_is_named_is_one():
    known = {name for one in ehr_erase.erase.params for name in one.opts}

    named = set(re.findall(r"`(--[a-z-]+)", PAGE))
    assert named - known == set()
    assert {"--retract-only", "--json", "--yes"} <= named


@pytest.mark.parametrize("kind", ERASED_TYPES)
def test_every_type_that_is_erased_is_named(kind):
    assert re.search(rf"\b{kind}s?\b", PAGE.partition("## What goes")[2].partition("What stays")[0])


def test_the_sentences_are_the_programs():
    rows = re.findall(r"^\| ([A-Zds][^|]+) \|[^|]+\| ([01]) \|$", PAGE, re.MULTILINE)

    assert len(rows) == 7
    for sentence, _ in rows:
        for part in sentence.split(" … "):
            assert part in SOURCE, part


def test_the_deeds_in_the_log_are_the_programs():
    named = re.findall(r"\(`(erase\w+)`\)", PAGE)

    assert named == [Deed.ERASE_ASKED, Deed.ERASE_MARKED, Deed.ERASED]
