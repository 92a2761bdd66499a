"""`ohx retractions`: what is shown, what is asked, what is stored, and which days are synced again."""

import getpass
import re
from datetime import date
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from ohx_pipelines.cli.main import main
from ohx_pipelines.links.records import LinkState
from ohx_pipelines.outcomes import Counts, DayResult, Outcome
from tests.unit.cli.complete_settings import set_all
from tests.unit.linked import link_account

FIRST, SECOND, THIRD = (date(2026, 11, day) for day in (1, 2, 3))
RANGE = ("--from", "2026-11-01", "--to", "2026-11-02")
WHO = f"operator {getpass.getuser()}"


@pytest.fixture
def ohx(no_settings, monkeypatch, database_url, site):
    """The commands; Dagster's web server is the site."""
    site.answer_json("/graphql", {"data": {"launchPartitionBackfill": {"backfillId": "abcd"}}})
    set_all(monkeypatch, database_url, OHX_DAGSTER__PORT=str(urlsplit(site.url).port))
    return lambda *arguments, **given: CliRunner().invoke(
        main, ["retractions", *arguments], **given
    )


@pytest.fixture
def link(store):
    return link_account(store, "ada-CANARY", provider="withings").id


@pytest.fixture
def held(store, link):
    """Three days of the link: 3, 21 and 4 would be retracted."""
    _hold(store, link, {FIRST: 3, SECOND: 21, THIRD: 4})


def _hold(store, link, counts):
    results = [
        DayResult(day=day, outcome=Outcome.RETRACTION_HELD, counts=Counts(retraction_held=count))
        for day, count in counts.items()
    ]
    store.record_days(link, results, run_id="run-1")


def columns(ended):
    return [re.split(r" {2,}", line.strip()) for line in ended.stdout.splitlines()]


def launched(site):
    """The partitions of each backfill that was asked for."""
    return [one.body["variables"]["params"]["partitionNames"] for one in site.requests]


def test_the_list_tells_link_day_count_run_and_times_and_nothing_of_the_person(ohx, link, held):
    ended = ohx("list")

    head, *rows = columns(ended)
    assert ended.exit_code == 0
    assert head == ["LINK", "PROVIDER", "DAY", "HELD", "RUN", "SEEN", "LAST SUCCESS", "CONFIRMED"]
    assert [row[:5] for row in rows] == [
        [link, "withings", "2026-11-01", "3", "run-1"],
        [link, "withings", "2026-11-02", "21", "run-1"],
        [link, "withings", "2026-11-03", "4", "run-1"],
    ]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", row[5]) for row in rows)
    assert {tuple(row[6:]) for row in rows} == {("-", "-")}
    assert "CANARY" not in ended.output


def test_the_list_of_one_link_is_that_links_alone(ohx, store, link, held):
    other = link_account(store, "bob", provider="withings").id
    _hold(store, other, {FIRST: 5})

    assert [row[0] for row in columns(ohx("list", "--link", other))[1:]] == [other]
    assert len(columns(ohx("list"))) == 5


def test_when_nothing_is_held_the_list_says_so(ohx, link):
    ended = ohx("list")

    assert (ended.exit_code, ended.stdout) == (0, "Nothing is held.\n")


def test_confirming_shows_asks_stores_and_has_exactly_these_days_synced(
    ohx, store, site, link, held
):
    ended = ohx("confirm", "--link", link, *RANGE, input="y\n")

    assert ended.exit_code == 0, ended.output
    assert [row[2:4] for row in columns(ended)[1:3]] == [["2026-11-01", "3"], ["2026-11-02", "21"]]
    assert "2026-11-03" not in ended.output
    assert "Mark 24 Observations of 2 days as entered in error in the EHR? [y/N]" in ended.output
    assert store.confirmed_retractions(link) == {FIRST: 3, SECOND: 21}
    assert launched(site) == [[f"2026-11-01|{link}", f"2026-11-02|{link}"]]
    assert "Backfill abcd: 2 link-days." in ended.stdout
    assert (store.audit()[-1].who, store.audit()[-1].what) == (WHO, "retraction_allowed")


def test_the_log_of_the_links_tells_who_allowed_what(ohx, link, held):
    ohx("confirm", "--link", link, *RANGE, "--yes")

    log = CliRunner().invoke(main, ["links", "log", link])

    assert re.split(r" {2,}", log.stdout.splitlines()[-1])[1:] == [
        WHO,
        "retraction_allowed",
        link,
        "withings",
        "2026-11-01 to 2026-11-02: 24",
    ]


def test_the_list_shows_what_was_confirmed(ohx, link, held):
    ohx("confirm", "--link", link, *RANGE, "--yes")

    assert [row[7] for row in columns(ohx("list"))[1:]] == ["at most 3", "at most 21", "-"]


def test_without_a_yes_nothing_is_stored_and_nothing_launched(ohx, store, site, link, held):
    ended = ohx("confirm", "--link", link, *RANGE, input="n\n")

    assert ended.exit_code == 1
    assert store.confirmed_retractions(link) == {}
    assert site.requests == []


def test_with_yes_nobody_is_asked_and_what_is_confirmed_is_still_shown(ohx, store, link, held):
    ended = ohx("confirm", "--link", link, *RANGE, "--yes")

    assert "[y/N]" not in ended.output
    assert [row[3] for row in columns(ended)[1:3]] == ["3", "21"]
    assert store.confirmed_retractions(link) == {FIRST: 3, SECOND: 21}


def test_without_a_web_server_the_word_is_kept_and_the_next_sync_named(
    ohx, store, link, held, monkeypatch, closed_port
):
    monkeypatch.setenv("OHX_DAGSTER__PORT", str(closed_port))

    ended = ohx("confirm", "--link", link, *RANGE, "--yes")

    assert ended.exit_code == 0
    assert store.confirmed_retractions(link) == {FIRST: 3, SECOND: 21}
    assert "is `ohx up` running?" in ended.stdout
    assert "The next sync of these days does it" in ended.stdout
    assert (
        f"ohx backfill --provider withings --link {link} --from 2026-11-01 --to 2026-11-02"
        in ended.stdout
    )


def test_a_link_that_must_be_connected_again_is_not_synced_now(ohx, store, site, link, held):
    store.set_state(link, LinkState.NEEDS_RELINK)

    ended = ohx("confirm", "--link", link, *RANGE, "--yes")

    assert ended.exit_code == 0
    assert store.confirmed_retractions(link) == {FIRST: 3, SECOND: 21}
    assert site.requests == []
    assert f"Link {link} is needs_relink: its next sync" in ended.stdout


@pytest.mark.parametrize("state", [LinkState.UNLINKING, LinkState.UNLINKED])
def test_of_an_ended_link_nothing_can_be_confirmed(ohx, store, site, link, held, state):
    store.set_state(link, state)

    ended = ohx("confirm", "--link", link, *RANGE, "--yes")

    assert ended.exit_code == 1
    assert ended.stderr == (
        f"ohx: Link {link} is {state.value}: nothing is retracted for it any more.\n"
    )
    assert store.confirmed_retractions(link) == {}
    assert site.requests == []


def test_days_of_which_nothing_is_held_are_one_sentence(ohx, store, site, link, held):
    ended = ohx("confirm", "--link", link, "--from", "2026-12-01", "--to", "2026-12-02", "--yes")

    assert ended.exit_code == 1
    assert ended.stderr == (
        f"ohx: Nothing of link {link} is held from 2026-12-01 to 2026-12-02: "
        "see `ohx retractions list`.\n"
    )
    assert site.requests == []


@pytest.mark.parametrize("command", [("list",), ("confirm", *RANGE, "--yes")], ids=lambda c: c[0])
def test_a_link_that_does_not_exist_is_one_sentence(ohx, command):
    ended = ohx(*command, "--link", "aaaaaaaaaaaa")

    assert (ended.exit_code, ended.output) == (
        1,
        "ohx: There is no link aaaaaaaaaaaa: see `ohx links list`.\n",
    )


def test_a_range_that_ends_before_it_begins_is_refused(ohx, link):
    ended = ohx("confirm", "--link", link, "--from", "2026-11-02", "--to", "2026-11-01")

    assert ended.exit_code == 2
    assert "--to lies before --from" in ended.output


def test_the_longest_name_of_a_vendor_leaves_a_space_to_the_next_column(ohx, store):
    link = link_account(store, "bob", provider="google_health").id
    _hold(store, link, {FIRST: 3})

    assert f"{link}  google_health  2026-11-01" in ohx("list").stdout
