"""`ohx`: its commands, and how it ends when settings are missing."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from ohx_pipelines import __version__
from ohx_pipelines.cli.main import OhxGroup, main
from ohx_pipelines.errors import VaultError

OHX = Path(sys.executable).parent / "ohx"
COMMANDS = {
    "up",
    "demo",
    "backfill",
    "import",
    "links",
    "ehr",
    "mapping",
    "migrate",
    "retractions",
    "doctor",
}
REQUIRED = [
    "OHX_IDENTIFIER_SECRET",
    "OHX_TOKEN_KEY",
    "OHX_EHR__URL",
    "OHX_OIDC__ISSUER",
    "OHX_OIDC__CLIENT_ID",
    "OHX_OIDC__CLIENT_SECRET",
    "OHX_WITHINGS__CLIENT_ID",
    "OHX_WITHINGS__CLIENT_SECRET",
    "OHX_PORTAL__SECRET_KEY",
]
DAYS = ["--from", "2026-11-01", "--to", "2026-11-02"]


@pytest.fixture
def ohx():
    return lambda *arguments: CliRunner().invoke(main, arguments)


def test_the_installed_program_lists_its_commands(no_settings):
    ended = subprocess.run([OHX, "--help"], capture_output=True, text=True, check=True)

    listed = ended.stdout.split("Commands:")[1].splitlines()
    assert {line.split()[0] for line in listed if line.strip()} == COMMANDS


def test_every_command_says_what_it_does(ohx):
    for command in COMMANDS:
        ended = ohx(command, "--help")
        assert ended.exit_code == 0
        assert len(ended.output.splitlines()[2].strip()) > 15, command


@pytest.mark.parametrize(
    "arguments",
    [
        ["up"],
        ["links", "list"],
        ["ehr", "list"],
        ["migrate"],
        ["ehr", "add", "main", "https://ehr.example/fhir"],
        ["backfill", "--provider", "withings", *DAYS],
    ],
    ids=" ".join,
)
def test_a_command_without_settings_names_every_missing_variable_and_fails(
    ohx, no_settings, arguments
):
    ended = ohx(*arguments)

    assert ended.exit_code == 1
    assert [name for name in REQUIRED if name not in ended.output] == []
    assert ended.output.startswith("ohx: ")
    assert "Traceback" not in ended.output


def test_what_went_wrong_is_on_stderr_so_that_stdout_stays_a_result(ohx, no_settings):
    ended = ohx("links", "list")

    assert ended.stdout == ""
    assert "OHX_TOKEN_KEY" in ended.stderr


def test_json_of_the_demo_goes_with_once_only(ohx, no_settings):
    ended = ohx("demo", "--json")

    assert ended.exit_code == 2
    assert "--once" in ended.output


def test_the_demo_takes_one_ehr_only(ohx, no_settings):
    ended = ohx("demo", "--ehr", "hapi", "--ehr-url", "https://ehr.example/fhir")

    assert ended.exit_code == 2
    assert "two EHRs" in ended.output


def test_the_demo_sends_no_readings_over_a_connection_that_others_can_read(ohx, no_settings):
    ended = ohx("demo", "--ehr-url", "http://ehr.example/fhir")

    assert ended.exit_code == 2
    assert "https" in ended.output


def test_the_version_is_told(ohx):
    assert ohx("--version").output == f"ohx, version {__version__}\n"


def test_an_error_raised_on_purpose_is_one_sentence_and_status_1():
    @click.group(cls=OhxGroup)
    def group():
        pass

    @group.command()
    def fail():
        raise VaultError("the key does not fit")

    ended = CliRunner().invoke(group, ["fail"])

    assert (ended.exit_code, ended.output) == (1, "ohx: the key does not fit\n")
