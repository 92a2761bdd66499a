"""What the processes' logs say at each level: never what a library was given."""

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
QUIET = "from ohx_pipelines.quiet_logs import log_to_stderr; log_to_stderr({level!r})\n"
CANARY = "weight 187.65432109"

SETTINGS = {
    "OHX_ENV_FILE": "",
    "OHX_IDENTIFIER_SECRET": "i" * 32,
    "OHX_TOKEN_KEY": base64.b64encode(b"k" * 32).decode(),
    "OHX_EHR__URL": "https://ehr.example/fhir",
    "OHX_OIDC__ISSUER": "https://login.example",
    "OHX_OIDC__CLIENT_ID": "portal",
    "OHX_OIDC__CLIENT_SECRET": "oidc-secret",
    "OHX_WITHINGS__CLIENT_ID": "app",
    "OHX_WITHINGS__CLIENT_SECRET": "app-secret",
    "OHX_PORTAL__SECRET_KEY": "p" * 32,
}
STEP = """
import dagster as dg, logging

@dg.asset
def reading():
    try:
        raise KeyError("187.65432109 of the cause")
    except KeyError:
        raise ValueError("weight 187.65432109")

# As in a deployment: the usual one copies what is printed by a process of its own, which may be late.
compute_logs = {
    "module": "dagster._core.storage.noop_compute_log_manager",
    "class": "NoOpComputeLogManager",
}
with dg.instance_for_test(overrides={"compute_logs": compute_logs}) as instance:
    result = dg.materialize([reading], instance=instance, raise_on_error=False)
    assert not result.success
    for record in instance.all_logs(result.run_id):
        print(record.to_json() if hasattr(record, "to_json") else repr(record))
"""
LIBRARIES = """
import logging
for name in ("requests_oauthlib.oauth2_session", "oauthlib.oauth2.rfc6749", "urllib3.connectionpool",
             "authlib.integrations.base_client.sync_app", "flask_wtf.csrf", "sqlalchemy.engine.Engine"):
    logging.getLogger(name).debug("token CANARY")
    logging.getLogger(name).info("token CANARY")
logging.getLogger("ohx_pipelines.sync").debug("ours at DEBUG")
logging.getLogger("ohx_pipelines.sync").info("ours at INFO")
"""


def printed(text, level="DEBUG"):
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    given = {**inherited, **SETTINGS, "DAGSTER_REDACT_USER_CODE_ERRORS": "1"}
    code = (QUIET.format(level=level) if level else "") + text
    answer = subprocess.run(
        [sys.executable, "-c", code],
        cwd=REPOSITORY,
        env=given,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout + answer.stderr


def test_a_step_that_raises_the_unexpected_says_type_and_place_and_not_the_text():
    said = printed(STEP)

    assert "187.65432109" not in said
    assert "ValueError@" in said
    assert "error ID" in said


def test_whoever_loads_the_definitions_has_the_set_up():
    """A run worker does nothing else before its step."""
    said = printed("from ohx_pipelines.definitions import defs; defs()\n" + STEP, level=None)

    assert CANARY not in said
    assert "ValueError@" in said


def test_without_the_set_up_dagster_prints_the_text_that_it_keeps_out_of_its_log():
    """The reason for the set-up: when this turns green by itself, the set-up can go."""
    assert CANARY in printed(STEP, level=None)


@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
def test_libraries_that_print_tokens_stay_quiet_at_every_level(level):
    said = printed(LIBRARIES, level=level)

    assert "CANARY" not in said
    assert ("ours at DEBUG" in said) == (level == "DEBUG")
    assert "ours at INFO" in said


def test_at_warning_the_usual_is_left_unsaid():
    assert "ours" not in printed(LIBRARIES, level="WARNING")


def test_dagsters_own_set_up_afterwards_changes_nothing():
    set_up = "from dagster._utils.log import configure_loggers; configure_loggers()\n"

    said = printed(set_up + STEP)

    assert CANARY not in said
    assert "ValueError@" in said


def test_what_dagster_shows_by_itself_is_not_shown_twice():
    text = (
        "from dagster._utils.log import configure_loggers; configure_loggers()\n"
        "import logging; logging.getLogger('dagster').warning('once')\n"
    )

    assert printed(text).count("once") == 1
