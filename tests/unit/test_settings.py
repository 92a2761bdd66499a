"""Settings: named when missing, never repeated in an error, all explained in .env.example."""

import base64
import itertools
import os
import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic_core import PydanticUndefined

from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.providers.registry import (
    build_providers,
    file_providers,
    provider_facts,
    unlimited,
)
from ohx_pipelines.settings import Section, Settings, load_settings

REPOSITORY = Path(__file__).resolve().parents[2]
KEY = base64.b64encode(b"k" * 32).decode()
ENOUGH = {
    "OHX_IDENTIFIER_SECRET": "i" * 32,
    "OHX_TOKEN_KEY": KEY,
    "OHX_EHR__URL": "https://ehr.example/fhir",
    "OHX_OIDC__ISSUER": "https://login.example",
    "OHX_OIDC__CLIENT_ID": "portal",
    "OHX_OIDC__CLIENT_SECRET": "oidc-secret",
    "OHX_WITHINGS__CLIENT_ID": "app",
    "OHX_WITHINGS__CLIENT_SECRET": "app-secret",
    "OHX_PORTAL__SECRET_KEY": "p" * 32,
}


@pytest.fixture
def environment(monkeypatch):
    for name in [n for n in os.environ if n.startswith("OHX_")]:
        monkeypatch.delenv(name)

    def give(**changes):
        for name, value in (ENOUGH | changes).items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)

    return give


def test_every_missing_setting_is_named_with_what_to_do(environment, tmp_path):
    with pytest.raises(ConfigurationError) as caught:
        load_settings(tmp_path / "none.env")

    text = str(caught.value)
    assert [name for name in ENOUGH if name not in text] == []
    # Any one vendor is enough.
    assert "OHX_GOOGLE_HEALTH__CLIENT_ID" in text
    assert ".env.example" in text


GOOGLE = {"OHX_GOOGLE_HEALTH__CLIENT_ID": "g", "OHX_GOOGLE_HEALTH__CLIENT_SECRET": "g-secret"}
NO_WITHINGS = {"OHX_WITHINGS__CLIENT_ID": None, "OHX_WITHINGS__CLIENT_SECRET": None}


def test_a_deployment_needs_one_vendor_and_not_all_of_them(environment, tmp_path):
    environment(**GOOGLE, **NO_WITHINGS)
    settings = load_settings(tmp_path / "none.env")

    assert settings.withings is None
    assert settings.google_health.client_id == "g"
    assert [one.name for one in provider_facts(settings)] == ["google_health"]
    assert list(build_providers(settings, budget_for=unlimited)) == ["google_health"]


NO_VENDOR = NO_WITHINGS | {"OHX_UPLOADS__APPS": None}


def test_a_deployment_of_files_alone_is_one_when_it_says_so(environment, tmp_path):
    environment(**NO_VENDOR)
    with pytest.raises(ConfigurationError, match="OHX_OMRON__CLIENT_SECRET, or OHX_UPLOADS__APPS"):
        load_settings(tmp_path / "none.env")

    environment(**NO_VENDOR | {"OHX_UPLOADS__APPS": "omron_connect"})
    settings = load_settings(tmp_path / "none.env")

    assert provider_facts(settings) == []
    assert list(file_providers(settings)) == ["omron_connect"]


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (None, ["beurer", "omron_connect"]),
        ("omron_connect, beurer", ["beurer", "omron_connect"]),
        ("beurer", ["beurer"]),
        ("none", []),
    ],
)
def test_whose_files_are_taken_is_a_list_with_commas(environment, tmp_path, given, taken):
    environment(OHX_UPLOADS__APPS=given)

    assert list(file_providers(load_settings(tmp_path / "none.env"))) == taken


def test_a_vendor_that_is_set_up_in_part_is_named(environment, tmp_path):
    environment(OHX_WITHINGS__CLIENT_SECRET=None, **GOOGLE)

    with pytest.raises(ConfigurationError, match="OHX_WITHINGS__CLIENT_SECRET: missing"):
        load_settings(tmp_path / "none.env")


@pytest.mark.parametrize("left_out", ["PROJECT", "SERVICE_ACCOUNT_FILE", "WEBHOOK_SECRET"])
def test_half_of_what_googles_notifications_need_is_refused(environment, tmp_path, left_out):
    needed = {"PROJECT": "12", "SERVICE_ACCOUNT_FILE": "key.json", "WEBHOOK_SECRET": "w" * 32}
    given = {f"OHX_GOOGLE_HEALTH__{name}": value for name, value in needed.items()}
    environment(**GOOGLE, **given)
    assert load_settings(tmp_path / "none.env").google_health.has_notifications

    environment(**GOOGLE, **given | {f"OHX_GOOGLE_HEALTH__{left_out}": None})
    with pytest.raises(ConfigurationError, match=f"OHX_GOOGLE_HEALTH__{left_out}"):
        load_settings(tmp_path / "none.env")


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("OHX_IDENTIFIER_SECRET", "short-CANARY"),
        ("OHX_PORTAL__SECRET_KEY", "changeme-CANARY-changeme-CANARY-changeme"),
        ("OHX_TOKEN_KEY", "CANARY-not-base64"),
        ("OHX_EHR__URL", "http://CANARY.example/fhir"),
        ("OHX_EHR__AUTH", "CANARY"),
        ("OHX_EHR__TOKEN_URL", "http://CANARY.example/token"),
        ("OHX_EHR__WRITE_MODE", "CANARY"),
        ("OHX_EHR__LEAVE_OUT", "Consent,CANARY"),
        ("OHX_DATABASE_URL", "mysql://CANARY:pw@db/x"),
        ("OHX_PORTAL__PORT", "CANARY"),
        ("OHX_UPLOADS__APPS", "beurer,CANARY"),
        ("OHX_OMRON__TYPES", "CANARY;x"),
        ("OHX_SYNC__LOOK_BACK_DAYS", "0"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_never_repeated(environment, tmp_path, name, wrong):
    environment(**{name: wrong})

    with pytest.raises(ConfigurationError, match=name) as caught:
        load_settings(tmp_path / "none.env")

    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize(
    ("auth", "needs"),
    [
        ("bearer", ("TOKEN",)),
        ("basic", ("USERNAME", "PASSWORD")),
        ("client_credentials_basic", ("CLIENT_ID", "CLIENT_SECRET")),
        ("client_credentials_body", ("CLIENT_ID", "CLIENT_SECRET")),
        ("smart_backend", ("CLIENT_ID",)),
    ],
)
def test_sign_in_to_the_ehr_needs_its_credential(environment, tmp_path, auth, needs):
    given = {f"OHX_EHR__{name}": "CANARY" for name in needs}
    environment(OHX_EHR__AUTH=auth, **given)
    assert load_settings(tmp_path / "none.env").ehr.auth == auth

    for name in given:
        environment(OHX_EHR__AUTH=auth, **given | {name: None})
        with pytest.raises(ConfigurationError, match=" and ".join(needs)) as caught:
            load_settings(tmp_path / "none.env")
        assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize(
    ("portal", "vendor", "taken"),
    [
        ("https://links.example", "https://wbsapi.withings.net", True),
        ("http://127.0.0.1:8400", "https://wbsapi.withings.net", False),
        # A vendor's stand-in on this machine reaches what no vendor does.
        ("http://127.0.0.1:8400", "http://127.0.0.1:9000", True),
    ],
)
def test_notifications_need_an_address_that_vendors_send_to(
    environment, tmp_path, portal, vendor, taken
):
    environment(OHX_PORTAL__URL=portal, OHX_WITHINGS__API_URL=vendor)
    assert load_settings(tmp_path / "none.env").portal.notifications is False

    environment(
        OHX_PORTAL__URL=portal, OHX_WITHINGS__API_URL=vendor, OHX_PORTAL__NOTIFICATIONS="true"
    )
    if taken:
        assert load_settings(tmp_path / "none.env").portal.notifications is True
        return
    with pytest.raises(ConfigurationError, match=r"OHX_PORTAL__NOTIFICATIONS.*OHX_PORTAL__URL"):
        load_settings(tmp_path / "none.env")


OMRON_ALONE = NO_VENDOR | {
    "OHX_OMRON__CLIENT_ID": "o",
    "OHX_OMRON__CLIENT_SECRET": "o-secret",
    "OHX_PORTAL__URL": "http://127.0.0.1:8400",
    "OHX_PORTAL__NOTIFICATIONS": "true",
}


def test_notifications_of_omron_alone_need_an_address_that_it_sends_to(environment, tmp_path):
    environment(**OMRON_ALONE)
    with pytest.raises(ConfigurationError, match=r"OHX_PORTAL__NOTIFICATIONS.*OHX_PORTAL__URL"):
        load_settings(tmp_path / "none.env")

    environment(**OMRON_ALONE | {"OHX_OMRON__API_URL": "http://127.0.0.1:9000"})
    settings = load_settings(tmp_path / "none.env")

    assert settings.portal.notifications is True
    assert [one.name for one in provider_facts(settings)] == ["omron"]


def test_a_type_of_omron_that_nobody_knows_is_named_at_the_start(environment, tmp_path):
    environment(**OMRON_ALONE | {"OHX_OMRON__TYPES": "weight bodypressure"})

    with pytest.raises(ConfigurationError, match=r"OHX_OMRON__TYPES.*bloodpressure, activity"):
        load_settings(tmp_path / "none.env")


def test_the_environment_wins_over_the_file(environment, tmp_path):
    environment(OHX_PORTAL__CLINIC="From the environment")
    file = tmp_path / "some.env"
    file.write_text("OHX_PORTAL__CLINIC=From the file\nOHX_PORTAL__CONTACT=Call the ward.\n")

    settings = load_settings(file)

    assert settings.portal.clinic == "From the environment"
    assert settings.portal.contact == "Call the ward."


def test_a_bare_postgresql_address_gets_its_driver_named(environment, tmp_path):
    environment(OHX_DATABASE_URL="postgresql://u:p%40w@db.example/ohx?sslmode=require")

    url = load_settings(tmp_path / "none.env").database_url

    assert url == "postgresql+psycopg2://u:p%40w@db.example/ohx?sslmode=require"


def test_secrets_stay_out_of_the_settings_text(environment, tmp_path):
    environment(OHX_OIDC__CLIENT_SECRET="CANARY-secret", OHX_EHR__CLIENT_SECRET="CANARY-other")

    assert "CANARY" not in repr(load_settings(tmp_path / "none.env"))


def section_of(annotation):
    """The Section that a setting is, also one that may be left out; None for any other."""
    kinds = [annotation, *get_args(annotation)]
    return next((one for one in kinds if isinstance(one, type) and issubclass(one, Section)), None)


def leaves(model=Settings, prefix="OHX_"):
    for name, field in model.model_fields.items():
        if section_of(field.annotation) is not None:
            yield from leaves(section_of(field.annotation), f"{prefix}{name.upper()}__")
        else:
            yield prefix + name.upper(), field


def test_the_example_file_lists_every_setting_with_its_meaning_and_default():
    lines = (REPOSITORY / ".env.example").read_text().splitlines()
    entries = {}
    for before, line in itertools.pairwise(lines):
        found = re.fullmatch(r"#? ?(OHX_[A-Z0-9_]+)=(.*)", line)
        if found:
            entries[found[1]] = (before, found[2], line.startswith("#"))
    entries.pop("OHX_ENV_FILE", None)

    assert set(entries) == {name for name, _ in leaves()}
    for name, field in leaves():
        meaning, value, commented = entries[name]
        assert meaning == f"# {field.description}", name
        assert commented != field.is_required(), name
        default = "" if field.default in {None, PydanticUndefined} else field.default
        default = ",".join(default) if isinstance(default, tuple) else str(default)
        assert value == default, name
