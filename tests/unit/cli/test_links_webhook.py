"""`ohx links webhook`: the address that a vendor registers by hand."""

import pytest
from click.testing import CliRunner

from ohx_pipelines.cli.main import main
from ohx_pipelines.notifying import webhook_token
from tests.unit.cli.complete_settings import SETTINGS, set_all


@pytest.fixture
def ohx(no_settings, monkeypatch, database_url):
    set_all(monkeypatch, database_url)
    return lambda *arguments: CliRunner().invoke(main, ["links", "webhook", *arguments])


def test_the_address_is_the_portals_with_what_nobody_can_guess(ohx, monkeypatch):
    monkeypatch.setenv("OHX_PORTAL__NOTIFICATIONS", "True")
    monkeypatch.setenv("OHX_PORTAL__URL", "https://portal.example")

    told = ohx("omron")

    secret = SETTINGS["OHX_IDENTIFIER_SECRET"].encode()
    assert told.exit_code == 0, told.output
    assert (
        told.stdout == f"https://portal.example/webhooks/omron/{webhook_token(secret, 'omron')}\n"
    )


def test_without_notifications_it_says_how_to_turn_them_on(ohx):
    told = ohx("omron")

    assert told.exit_code == 1
    assert "OHX_PORTAL__NOTIFICATIONS=True" in told.output
