"""Permissions that were not all given: what is allowed is shared, and what is not has no box to tick."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest

from ohx_pipelines.links.records import LinkState
from ohx_pipelines.providers.base import DataType
from tests.unit.portal.test_sharing import told

NEEDED, BODY, SLEEP, ECG = "settings.read", "body.read", "sleep.read", "ecg.read"
ALL = (NEEDED, BODY, SLEEP, ECG)
WHY = "not allowed at Withings: connect Withings again to allow it"


def data_type(name, scope):
    return DataType(name=name, title=f"{name} of a day", metrics=frozenset({name}), scopes=scope)


@pytest.fixture
def vendor(vendor):
    """A vendor whose permissions can be unticked one by one; one of them is needed for all."""
    vendor.facts = replace(
        vendor.facts,
        scopes=ALL,
        needed_scopes=frozenset({NEEDED}),
        data_types=(
            data_type("body", frozenset({NEEDED, BODY})),
            data_type("sleep", frozenset({NEEDED, SLEEP})),
            data_type("ecg", frozenset({NEEDED, ECG})),
        ),
    )
    return vendor


@pytest.fixture
def allow(vendor):
    """What the person ticks at the vendor, the next time they are there."""

    def give(*scopes):
        vendor.grant = replace(vendor.grant, scopes=frozenset(scopes))

    give(*ALL)
    return give


@pytest.fixture
def connect(patient, allow):
    """Links the account with some permissions, and says yes to what is ticked then."""

    def give(*scopes):
        allow(*scopes)
        link = patient.link()
        patient.post(f"/links/{link}/confirm")
        patient.get("/")
        return link

    return give


def links(visit, store):
    with visit.http.session_transaction() as session:
        return store.links_of(session["patient"])


def boxes(page):
    """Give of every box its name, its state and the words beside it."""
    found = {}
    for label in re.findall(r"<label.*?</label>", page, re.DOTALL):
        tag = re.search(r"<input[^>]*>", label)[0]
        name = re.search(r'value="(\w+)"', tag)[1]
        words = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", label)).split())
        state = "off" if " disabled" in tag else "ticked" if " checked" in tag else "empty"
        assert not (" disabled" in tag and " checked" in tag)
        found[name] = (state, words)
    return found


def share(visit, link, *names):
    return visit.post(f"/links/{link}/share", fields={"boxes": "shown", "data_type": list(names)})


def notices(page):
    return [html.unescape(one) for one in re.findall(r'role="status">(.*?)</p>', page)]


def test_a_grant_without_some_permissions_is_linked_and_shares_what_it_covers(
    patient, store, connect
):
    link = connect(NEEDED, BODY, ECG)

    assert store.link(link).data_types == ("body", "ecg")
    assert store.link(link).scopes == {NEEDED, BODY, ECG}


@pytest.mark.parametrize(
    "scopes", [{BODY, SLEEP, ECG}, {NEEDED}, set(), {NEEDED, "profile.read"}, {"sleep"}]
)
def test_without_what_is_needed_or_with_nothing_to_read_nothing_is_linked(
    patient, store, allow, scopes
):
    allow(*scopes)
    answer = patient.come_back(state=patient.start(), code="c")

    assert answer.status_code == 403
    assert "A permission is missing" in answer.text
    assert links(patient, store) == []


def test_a_vendor_that_says_nothing_of_what_it_needs_needs_all(patient, vendor, store, allow):
    vendor.facts = replace(vendor.facts, needed_scopes=None)
    allow(NEEDED, BODY, SLEEP)

    assert patient.come_back(state=patient.start(), code="c").status_code == 403
    assert links(patient, store) == []


def test_the_question_has_a_box_that_cannot_be_ticked_for_what_was_not_allowed(patient, allow):
    allow(NEEDED, SLEEP)
    page = patient.get(f"/links/{patient.link()}/confirm").text

    assert boxes(page) == {
        "body": ("off", f"body of a day {WHY}"),
        "sleep": ("ticked", "sleep of a day"),
        "ecg": ("off", f"ecg of a day {WHY}"),
    }


def test_so_has_the_card_and_it_counts_as_shared_only_what_is_allowed(patient, store, connect):
    link = connect(*ALL)
    allowed = frozenset({NEEDED, BODY, ECG})
    tokens = store.tokens(link)
    store.share(link, ["body", "sleep"], who="operator o")
    page = patient.get("/").text
    assert (told(page, "What is shared"), boxes(page)["sleep"][0]) == (
        "body of a day; sleep of a day",
        "ticked",
    )
    assert tokens.scopes > allowed

    link = connect(NEEDED, BODY, ECG)
    page = patient.get("/").text

    assert told(page, "What is shared") == "body of a day"
    assert boxes(page) == {
        "body": ("ticked", "body of a day"),
        "sleep": ("off", f"sleep of a day {WHY}"),
        "ecg": ("empty", "ecg of a day"),
    }


def test_a_yes_cannot_tick_what_was_not_allowed(patient, store, allow):
    """The form may be older than the permission: two windows, one of them connected again."""
    allow(NEEDED, BODY)
    link = patient.link()

    patient.post(
        f"/links/{link}/confirm", fields={"boxes": "shown", "data_type": ["body", "sleep"]}
    )

    assert store.link(link).state is LinkState.ACTIVE
    assert store.consent(link) == {"body"}


def test_a_yes_to_nothing_that_is_allowed_connects_nothing(patient, store, allow):
    allow(NEEDED, BODY)
    link = patient.link()

    patient.post(f"/links/{link}/confirm", fields={"boxes": "shown", "data_type": ["sleep"]})

    assert store.link(link).state is LinkState.UNCONFIRMED
    assert "Please tick what you want to share." in patient.get(f"/links/{link}/confirm").text


def test_more_permissions_do_not_widen_what_is_shared(patient, store, connect):
    link = connect(NEEDED, BODY)

    assert connect(*ALL) == link

    assert store.consent(link) == {"body"}
    assert boxes(patient.get("/").text)["sleep"] == ("empty", "sleep of a day")
    share(patient, link, "body", "sleep")
    assert store.consent(link) == {"body", "sleep"}


def test_fewer_permissions_take_what_is_no_longer_allowed_out_of_what_is_shared(
    patient, store, connect, allow
):
    link = connect(*ALL)
    who = f"patient {store.link(link).patient.id}"
    version = store.record_to_copy(link).version
    allow(NEEDED, BODY, ECG)
    patient.link()

    assert store.link(link).state is LinkState.ACTIVE
    assert store.link(link).data_types == ("body", "ecg")
    last = store.audit(link_id=link)[-1]
    assert (last.who, last.what, last.detail) == (who, "no_longer_shared", "sleep")
    assert store.record_to_copy(link).version > version
    [said] = [one for one in notices(patient.get("/").text) if "No longer shared" in one]
    assert said.endswith("No longer shared: sleep of a day.")


def test_nothing_refused_stays_shared_although_all_that_comes_after_fails(
    patient, store, connect, allow, monkeypatch
):
    """What the vendor was not let give is left out with the renewal itself, or neither happens."""
    link = connect(*ALL)
    allow(NEEDED, BODY)

    def broken(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(store, "share", broken)
    monkeypatch.setattr("oauth_portal.sharing.flash", broken)
    assert patient.come_back(state=patient.start(), code="c").status_code == 500

    assert store.link(link).state is LinkState.ACTIVE
    assert store.link(link).data_types == ("body",)
    assert store.consent(link) == {"body"}


def test_a_missing_permission_is_said_to_whoever_can_choose_among_several(patient, allow):
    allow(NEEDED)
    page = " ".join(patient.come_back(state=patient.start(), code="c").text.split())

    assert "tick at least your settings, where they are asked for, and what you want" in page
    assert "leave every box ticked" not in page


def test_a_choice_of_which_nothing_is_allowed_any_more_is_kept_and_said(
    patient, store, connect, allow
):
    link = connect(*ALL)
    share(patient, link, "sleep")
    patient.get("/")
    allow(NEEDED, BODY)
    patient.link()

    page = patient.get("/").text

    assert store.link(link).data_types == ("sleep",)
    assert told(page, "What is shared") == "nothing"
    assert any("no longer lets us read anything that you share" in one for one in notices(page))
    assert boxes(page)["body"] == ("empty", "body of a day")


def test_the_same_permissions_again_change_nothing_and_say_nothing(patient, store, connect):
    link = connect(NEEDED, BODY, SLEEP)
    share(patient, link, "sleep")
    patient.get("/")
    before = store.link(link).data_types

    patient.link()

    assert store.link(link).data_types == before
    assert notices(patient.get("/").text) == []


def test_an_account_that_was_disconnected_starts_anew_with_what_is_allowed(
    patient, store, connect, allow
):
    link = connect(*ALL)
    store.set_state(link, LinkState.UNLINKED)
    allow(NEEDED, SLEEP)
    again = patient.link()
    page = patient.get(f"/links/{again}/confirm").text

    assert [boxes(page)[name][0] for name in ("body", "sleep", "ecg")] == ["off", "ticked", "off"]
