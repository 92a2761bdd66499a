"""The page that connects an EHR says what the program does: kinds, scopes, modes, commands, sentences."""

import itertools
import re
import shlex
from pathlib import Path

import pytest
from pydantic import ValidationError

from ohx_pipelines.cli import ehr_check
from ohx_pipelines.cli.ehr_keys import JWKS_PATH
from ohx_pipelines.cli.main import main
from ohx_pipelines.ehr_settings import (
    AUTH_KINDS,
    WRITE_MODES,
    EhrSettings,
    left_out_types,
)
from ohx_pipelines.fhir.signing_in import endpoint as auth_endpoint
from ohx_pipelines.fhir.signing_in import tokens as auth_tokens
from ohx_pipelines.links import ehr_keys
from ohx_pipelines.written_types import WRITTEN_TYPES

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "connect-your-ehr.md").read_text()
URL = "https://ehr.example/fhir"


def table(heading):
    """The rows of the table whose head begins with this."""
    head = f"| {heading} |"
    lines = itertools.dropwhile(lambda line: not line.startswith(head), PAGE.splitlines())
    rows = list(itertools.takewhile(lambda line: line.startswith("|"), lines))[2:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_every_kind_of_auth_has_its_row():
    assert [row[0].strip("`") for row in table("auth")] == list(AUTH_KINDS)


@pytest.mark.parametrize(("kind", "needed"), [(row[0], row[1]) for row in table("auth")])
def test_a_kind_needs_the_settings_of_its_row_and_no_others(kind, needed):
    names = [name.lower() for name in re.findall(r"`OHX_EHR__(\w+)`", needed)]
    given = {"url": URL, "auth": kind.strip("`")} | dict.fromkeys(names, "x")

    assert EhrSettings(**given).auth == kind.strip("`")
    for name in names:
        with pytest.raises(ValidationError):
            EhrSettings(**{key: value for key, value in given.items() if key != name})


def test_the_default_scope_is_the_pages():
    assert f"```\n{EhrSettings(url=URL).scope}\n```" in PAGE


def test_every_write_mode_has_its_row_and_the_first_is_the_default():
    assert [row[0].strip("`") for row in table("mode")] == list(WRITE_MODES)


def test_every_setting_that_is_named_is_one():
    known = set(re.findall(r"OHX_[A-Z0-9_]+", (DOCS.parent / ".env.example").read_text()))

    named = set(re.findall(r"\bOHX_\w*[A-Z0-9]\b", PAGE))
    assert named - known == set()
    assert len(named) > 8


def commands():
    return re.findall(r"^\.venv/bin/ohx (.+?)(?:\s+#.*)?$", PAGE, re.MULTILINE)


@pytest.mark.parametrize("line", commands())
def test_every_command_of_the_page_is_one_with_those_options(line):
    command, arguments = main, shlex.split(line)
    while hasattr(command, "commands"):
        command = command.commands[arguments.pop(0)]
    # Parsed as it would be run, and not run: a wrong name or choice raises.
    assert command.make_context("ohx", arguments).args == []


def test_commands_within_the_text_are_there_too():
    named = set(re.findall(r"`ohx ehr ([\w-]+)", PAGE))

    assert named == {"add", "check", "keys", "mode", "leave-out", "erase"}
    assert named <= set(main.commands["ehr"].commands)


def test_the_types_that_can_be_left_out_are_those_that_the_program_takes():
    rows = {row[0]: row[2] for row in table("type")}

    assert tuple(rows) == WRITTEN_TYPES
    assert tuple(kind for kind, answer in rows.items() if answer == "yes") == left_out_types(
        ",".join(kind for kind, answer in rows.items() if answer == "yes")
    )
    for kind in (kind for kind, answer in rows.items() if answer == "no"):
        with pytest.raises(ValueError, match="DeviceDefinition"):
            left_out_types(kind)


def test_what_blind_mode_cannot_do_is_what_a_check_says():
    section = PAGE.partition("### Blind mode")[2].partition("\n## ")[0]
    items = re.findall(r"^- (.+)", section, re.MULTILINE)

    said = [one.split(":")[0] for one in ehr_check.BLIND_CANNOT]
    assert [one.startswith(said[number]) for number, one in enumerate(items)] == [True] * len(said)


def test_no_scope_asks_for_deletion_and_the_page_says_who_needs_it():
    rights = {one.rpartition(".")[2] for one in EhrSettings(url=URL).scope.split()}

    assert rights == {"crus", "rs"}
    assert "[`ohx ehr erase`](erasing.md) needs `d`" in PAGE


def test_every_finding_of_a_check_is_explained_in_its_words():
    assert [row[0] for row in table("it says")] == list(ehr_check._FOUND.values())


def test_the_sentences_of_a_refused_token_are_the_programs():
    said = " ".join([*auth_tokens._REFUSALS.values(), Path(auth_endpoint.__file__).read_text()])
    shown = [row[0] for row in table("it says | look at")]

    assert len(shown) == 5
    assert [one for one in shown if one not in said] == []


def test_the_times_and_the_address_of_keys_are_the_programs():
    assert "signs after an hour" in PAGE
    assert "published for a day after" in PAGE
    assert (ehr_keys.PUBLISHED_BEFORE.total_seconds(), ehr_keys.PUBLISHED_AFTER.days) == (3600, 1)
    assert f"`https://<your portal>{JWKS_PATH}`" in PAGE
    assert "30 seconds before" in PAGE
    assert auth_tokens.MARGIN_SECONDS == 30
