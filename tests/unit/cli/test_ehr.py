"""`ohx ehr`: connections of every kind, their write mode, the keys that sign for them."""

import json
import re

import pytest
from click.testing import CliRunner

from ohx_pipelines.cli.main import main
from ohx_pipelines.ehr_settings import AUTH_KINDS, SCOPE, WRITE_MODES
from tests.unit.cli.complete_settings import set_all

URL = "https://clinic.example/fhir"


@pytest.fixture
def ohx(no_settings, monkeypatch, database_url):
    set_all(monkeypatch, database_url, OHX_PORTAL__URL="https://links.example/portal")
    return lambda *arguments, **given: CliRunner().invoke(main, ["ehr", *arguments], **given)


@pytest.fixture
def signing(ohx):
    """A connection that signs."""
    assert ohx("add", "clinic", URL, "--auth", "smart_backend", "--client-id", "o").exit_code == 0
    return "clinic"


def jwks(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


@pytest.mark.parametrize(
    ("auth", "options", "asked", "kept"),
    [
        ("none", [], None, (None, None)),
        ("bearer", [], "Bearer token", (None, None)),
        ("basic", ["--username", "us"], "Password", ("us", None)),
        ("client_credentials_basic", ["--client-id", "o"], "Client secret", (None, "o")),
        ("client_credentials_body", ["--client-id", "o"], "Client secret", (None, "o")),
        ("smart_backend", ["--client-id", "o"], None, (None, "o")),
    ],
)
def test_a_connection_of_each_kind_is_saved_and_its_secret_asked_for(
    ohx, store, auth, options, asked, kept
):
    ended = ohx("add", "clinic", URL, "--auth", auth, *options, input="CANARY\n")

    assert ended.exit_code == 0, ended.output
    saved = store.ehr_by_name("clinic")
    assert (saved.url, saved.auth, saved.scope) == (URL, auth, SCOPE)
    assert (saved.username, saved.client_id) == kept
    assert saved.credential == ("CANARY" if asked else None)
    assert asked is None or f"{asked}:" in ended.output
    assert "CANARY" not in ended.output


def test_all_kinds_are_tried_above():
    tried = test_a_connection_of_each_kind_is_saved_and_its_secret_asked_for.pytestmark[0].args[1]

    assert tuple(one[0] for one in tried) == AUTH_KINDS


def test_the_rest_of_a_connection_is_saved_too(ohx, store):
    more = ["--scope", "system/*.cruds", "--token-url", "https://login.example/t"]
    more += ["--write-mode", "conditional-update", "--timeout-seconds", "7"]
    more += ["--leave-out", "Consent, DeviceAssociation"]
    ohx("add", "clinic", URL, "--auth", "smart_backend", "--client-id", "o", *more)

    saved = store.ehr_by_name("clinic")
    assert (saved.scope, saved.token_url) == ("system/*.cruds", "https://login.example/t")
    assert (saved.write_mode, saved.timeout_seconds) == ("conditional-update", 7)
    assert saved.leave_out == ("DeviceAssociation", "Consent")


def test_no_secret_can_be_given_as_an_argument(ohx):
    options = re.findall(r"--[a-z-]+", ohx("add", "--help").output)

    assert set(options) == {
        "--auth",
        "--username",
        "--client-id",
        "--token-url",
        "--scope",
        "--write-mode",
        "--leave-out",
        "--timeout-seconds",
        "--help",
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["http://CANARY.example/fhir"], "url: must use https"),
        ([URL, "--auth", "basic"], "--auth basic needs --username"),
        ([URL, "--auth", "smart_backend"], "--auth smart_backend needs --client-id"),
        ([URL, "--token-url", "http://CANARY.example"], "token_url: must use https"),
        ([URL, "--timeout-seconds", "0"], "timeout_seconds: Input should be greater than 0"),
        ([URL, "--leave-out", "CANARY"], "leave_out: takes DeviceDefinition, DeviceAssociation"),
        # Without readings and devices there is nothing to write.
        ([URL, "--leave-out", "Observation"], "leave_out: takes DeviceDefinition"),
    ],
)
def test_what_is_wrong_is_said_before_a_secret_is_asked_for(ohx, store, arguments, said):
    ended = ohx("add", "clinic", *arguments)

    assert ended.exit_code != 0
    assert said in ended.output
    assert "CANARY" not in ended.output
    assert store.ehrs() == []


def test_the_default_connection_is_said_to_be_set_again_by_the_next_start(ohx):
    assert "next start" in ohx("add", "main", URL).stdout
    assert "next start" not in ohx("add", "clinic", URL).stdout


def test_the_list_shows_mode_kind_and_when_it_was_checked_and_no_secret(ohx, store):
    ohx("add", "clinic", URL, "--auth", "bearer", input="CANARY\n")
    ohx("add", "other", "https://other.example/fhir", "--leave-out", "Consent")
    store.save_ehr_check("clinic", write_mode="conditional-create", answer={})

    lines = [re.split(r" {2,}", line) for line in ohx("list").stdout.splitlines()]

    assert lines[0] == ["NAME", "URL", "AUTH", "WRITE MODE", "CHECKED", "LEFT OUT"]
    assert lines[1][:4] == ["clinic", URL, "bearer", "conditional-create"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\dZ", lines[1][4])
    assert lines[1][5] == "-"
    assert lines[2] == ["other", "https://other.example/fhir", "none", "put-id", "-", "Consent"]
    assert "CANARY" not in str(lines)


def test_the_write_mode_is_set_by_hand(ohx, store):
    ohx("add", "clinic", URL)

    ended = ohx("mode", "clinic", "conditional-update")

    assert ended.stdout == "EHR connection clinic is written in mode conditional-update.\n"
    assert store.ehr_by_name("clinic").write_mode == "conditional-update"


def test_a_mode_that_the_settings_overrule_is_said_to_be(ohx, monkeypatch):
    ohx("add", "main", URL)
    monkeypatch.setenv("OHX_EHR__WRITE_MODE", "put-id")

    assert "OHX_EHR__WRITE_MODE" in ohx("mode", "main", "conditional-update").stdout
    assert "OHX_EHR__WRITE_MODE" not in ohx("mode", "main", "put-id").stdout


@pytest.mark.parametrize("mode", WRITE_MODES)
def test_every_mode_can_be_chosen_blind_among_them(ohx, store, mode):
    ohx("add", "clinic", URL)

    assert ohx("mode", "clinic", mode).exit_code == 0
    assert store.ehr_by_name("clinic").write_mode == mode


def test_types_are_left_out_by_hand_and_given_again(ohx, store):
    ohx("add", "clinic", URL)

    ended = ohx("leave-out", "clinic", "Provenance,DeviceDefinition")
    assert ended.stdout == ("EHR connection clinic is not given: DeviceDefinition, Provenance.\n")
    assert store.ehr_by_name("clinic").leave_out == ("DeviceDefinition", "Provenance")

    assert ohx("leave-out", "clinic", "none").stdout.endswith("is not given: none.\n")
    assert store.ehr_by_name("clinic").leave_out == ()


def test_adding_again_without_a_word_keeps_what_was_left_out(ohx, store):
    ohx("add", "clinic", URL, "--leave-out", "Consent")
    ohx("add", "clinic", URL)
    assert store.ehr_by_name("clinic").leave_out == ("Consent",)

    ohx("add", "clinic", URL, "--leave-out", "none")
    assert store.ehr_by_name("clinic").leave_out == ()


@pytest.mark.parametrize("types", ["Observation", "Device", "Consent,CANARY"])
def test_a_type_that_cannot_be_left_out_is_refused_with_those_that_can(ohx, store, types):
    ohx("add", "clinic", URL)

    ended = ohx("leave-out", "clinic", types)

    assert ended.exit_code == 2
    assert "DeviceDefinition, DeviceAssociation, Provenance, Consent" in ended.output
    assert "CANARY" not in ended.output
    assert store.ehr_by_name("clinic").leave_out == ()


def test_left_out_types_that_the_settings_overrule_are_said_to_be(ohx, monkeypatch):
    ohx("add", "main", URL)
    monkeypatch.setenv("OHX_EHR__LEAVE_OUT", "Consent")

    assert "OHX_EHR__LEAVE_OUT" in ohx("leave-out", "main", "none").stdout
    assert "OHX_EHR__LEAVE_OUT" not in ohx("leave-out", "main", "Consent").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["mode", "nobody", "put-id"],
        ["leave-out", "nobody", "none"],
        ["keys", "nobody"],
        ["keys", "nobody", "--list"],
    ],
)
def test_a_connection_that_does_not_exist_is_one_sentence(ohx, arguments):
    ended = ohx(*arguments)

    assert ended.exit_code == 1
    assert ended.output == "ohx: there is no EHR connection called 'nobody': see `ohx ehr list`\n"


@pytest.mark.parametrize(("options", "kind"), [([], "EC"), (["--algorithm", "RS384"], "RSA")])
def test_a_key_is_made_and_its_public_part_and_address_printed(ohx, store, signing, options, kind):
    ended = ohx("keys", signing, *options)

    assert ended.exit_code == 0, ended.output
    [public] = jwks(ended.stdout)
    assert public["kty"] == kind
    assert not {"d", "p", "q", "dp", "dq", "qi", "oth", "k"} & set(public)
    assert store.published_keys() == [public]
    assert "https://links.example/.well-known/jwks.json" in ended.stdout
    assert json.loads(store.ehr_by_name(signing).private_key)["kid"] == public["kid"]


def test_asking_again_shows_the_same_key(ohx, signing):
    first = ohx("keys", signing).stdout

    assert ohx("keys", signing).stdout == first
    assert ohx("keys", signing, "--algorithm", "ES384").stdout == first


def test_another_algorithm_wants_a_word(ohx, signing):
    ohx("keys", signing)
    ended = ohx("keys", signing, "--algorithm", "RS384")

    assert ended.exit_code == 1
    assert "--rotate" in ended.output


def test_a_rotated_key_is_shown_with_the_one_that_still_signs(ohx, signing):
    [old] = jwks(ohx("keys", signing).stdout)
    ended = ohx("keys", signing, "--rotate").stdout

    assert next(one["kid"] for one in jwks(ended)) == old["kid"]
    assert len(jwks(ended)) == 2
    assert f"{old['kid']}: signs." in ended
    assert re.search(r": signs from \d{4}-\d\d-\d\d \d\d:\d\dZ\.", ended)


def test_at_once_only_the_new_key_is_left(ohx, signing, store):
    [old] = jwks(ohx("keys", signing).stdout)
    [new] = jwks(ohx("keys", signing, "--rotate", "--at-once").stdout)

    assert old["kid"] != new["kid"]
    assert store.published_keys() == [new]


def test_at_once_goes_with_rotate_only(ohx, signing):
    ended = ohx("keys", signing, "--at-once")

    assert (ended.exit_code, "--rotate" in ended.output) == (2, True)


def test_the_list_of_keys_tells_kid_algorithm_age_and_state_and_makes_none(ohx, store, signing):
    assert ohx("keys", signing, "--list").stdout.split() == ["KID", "ALGORITHM", "AGE", "STATE"]
    assert store.published_keys() == []
    ohx("keys", signing)
    ohx("keys", signing, "--rotate", "--algorithm", "RS384")

    rows = [re.split(r" {2,}", line) for line in ohx("keys", signing, "--list").stdout.splitlines()]

    assert [row[1:3] for row in rows[1:]] == [["ES384", "0 hours"], ["RS384", "0 hours"]]
    assert rows[1][3] == "signs"
    assert rows[2][3].startswith("signs from ")


def test_no_key_is_made_beside_the_operators_own_file(ohx, signing, store, monkeypatch):
    ohx("add", "main", URL, "--auth", "smart_backend", "--client-id", "o")
    monkeypatch.setenv("OHX_EHR__PRIVATE_KEY_FILE", "/run/secrets/key.pem")

    for arguments in (["keys", "main"], ["keys", "main", "--rotate"]):
        ended = ohx(*arguments)
        assert ended.exit_code == 1
        assert "OHX_EHR__PRIVATE_KEY_FILE" in ended.output
    assert store.published_keys() == []
    # It is the default connection's file: others have keys of their own.
    assert ohx("keys", signing).exit_code == 0
