"""`ohx links share`: looking at what a link shares, and changing it."""

import getpass
import re

import pytest
from click.testing import CliRunner

from ohx_pipelines.cli.main import main
from ohx_pipelines.links.records import ENDED, LinkState
from tests.unit.cli.complete_settings import set_all
from tests.unit.linked import link_account, link_file


@pytest.fixture
def ohx(no_settings, monkeypatch, database_url):
    set_all(monkeypatch, database_url)
    return lambda *arguments: CliRunner().invoke(main, ["links", "share", *arguments])


@pytest.fixture
def link(store):
    """An active Withings link that shares body and blood_pressure."""
    return link_account(store, "71234567", provider="withings").id


def shown(result):
    rows = [re.split(r" {2,}", line) for line in result.stdout.splitlines()]
    head = rows.index(["DATA TYPE", "SHARED", "WHAT"])
    return {row[0]: row[1] for row in rows[head + 1 :]}


def test_what_is_named_is_shared_and_nothing_else(ohx, store, link):
    ended = ohx(link, "--types", "blood_pressure")

    assert ended.exit_code == 0, ended.output
    assert store.consent(link) == {"blood_pressure"}
    assert f"Link {link} shares this from now on." in ended.stdout
    assert [name for name, is_shared in shown(ended).items() if is_shared == "yes"] == [
        "blood_pressure"
    ]
    assert shown(ended).keys() > {"body", "sleep", "ecg"}
    last = store.audit(link_id=link)[-1]
    assert (last.who, last.what, last.detail) == (
        f"operator {getpass.getuser()}",
        "no_longer_shared",
        "body",
    )


def test_without_types_it_only_shows(ohx, store, link):
    store.share(link, ["body"], who="operator o")
    before = store.audit(link_id=link)

    table = shown(ohx(link))
    assert (table["body"], table["blood_pressure"], table["sleep"]) == ("yes", "no", "no")
    assert store.audit(link_id=link) == before


def test_several_are_named_with_commas_in_any_order(ohx, store, link):
    store.share(link, ["body"], who="operator o")

    assert ohx(link, "--types", " blood_pressure, body,").exit_code == 0
    assert store.link(link).data_types == ("body", "blood_pressure")


def test_the_same_again_says_that_nothing_was_changed(ohx, store, link):
    before = store.record_to_copy(link).version

    ended = ohx(link, "--types", "blood_pressure,body")

    assert (ended.exit_code, "Nothing was changed" in ended.stdout) == (0, True)
    assert store.record_to_copy(link).version == before


def test_what_needs_a_paid_plan_can_be_named_where_the_settings_say_so(
    ohx, store, link, monkeypatch
):
    assert ohx(link, "--types", "pulse_wave_velocity").exit_code == 2
    monkeypatch.setenv("OHX_WITHINGS__PAID_TYPES", "true")

    assert ohx(link, "--types", "pulse_wave_velocity").exit_code == 0
    assert store.consent(link) == {"pulse_wave_velocity"}


@pytest.mark.parametrize("types", ["steps", "body,steps", "Body"])
def test_a_type_that_the_vendor_does_not_have_is_refused_with_those_it_has(ohx, store, link, types):
    ended = ohx(link, "--types", types)

    assert ended.exit_code == 2
    assert "--types takes body, blood_pressure, temperature, oxygen, activity," in ended.stderr
    assert store.consent(link) == {"body", "blood_pressure"}


@pytest.mark.parametrize("types", ["", " , "])
def test_to_share_nothing_one_is_told_to_unlink(ohx, store, link, types):
    ended = ohx(link, "--types", types)

    assert ended.exit_code == 2
    assert f"`ohx links unlink {link}`" in ended.stderr
    assert store.consent(link) == {"body", "blood_pressure"}


@pytest.mark.parametrize("state", sorted(ENDED))
@pytest.mark.parametrize("types", [(), ("--types", "body")])
def test_of_an_ended_link_nothing_is_shared(ohx, store, link, state, types):
    store.set_state(link, state)

    ended = ohx(link, *types)

    assert ended.exit_code == 1
    assert ended.output == f"ohx: Link {link} is {state}: nothing of it is shared.\n"


def test_a_link_of_a_vendor_that_this_version_has_not_is_one_sentence(ohx, store):
    link = link_account(store, "1", provider="acme").id

    assert ohx(link).output == ("ohx: acme is not set up here: nothing of the link is read.\n")


def test_a_link_that_does_not_exist_is_one_sentence(ohx):
    ended = ohx("aaaaaaaaaaaa", "--types", "body")

    assert (ended.exit_code, ended.output) == (
        1,
        "ohx: There is no link aaaaaaaaaaaa: see `ohx links list`.\n",
    )


def test_a_link_that_waits_for_a_new_permission_can_be_changed(ohx, store, link):
    store.set_state(link, LinkState.NEEDS_RELINK)

    assert ohx(link, "--types", "body").exit_code == 0
    assert store.link(link).data_types == ("body",)


def test_what_a_link_of_files_shares_is_chosen_in_the_same_way(ohx, store):
    link = link_file(store, "ada", data_types=("body", "blood_pressure")).id

    ended = ohx(link, "--types", "body")

    assert ended.exit_code == 0, ended.output
    assert store.consent(link) == {"body"}
    table = shown(ended)
    assert (table["body"], table["blood_pressure"]) == ("yes", "no")
