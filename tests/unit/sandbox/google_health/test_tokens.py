"""Google's token host does what the vendor's documents say: codes, lifetimes, what kills a token."""

import pytest

from tests.unit.sandbox.google_health.google_parts import (
    ACTIVITY,
    ALL,
    CALLBACK,
    SETTINGS,
    SLEEP,
    VERIFIER,
    Google,
    challenge_of,
    query_of,
)

HOUR, DAY = 3_600, 86_400
S256 = {"code_challenge": challenge_of(VERIFIER), "code_challenge_method": "S256"}


@pytest.fixture
def google():
    return Google()


def works(google, access):
    return google.get(access, "identity").status_code == 200


def refused(answer):
    return answer.status_code, answer.json["error"]


DEAD = (400, "invalid_grant")


# Codes


def test_a_code_becomes_tokens_and_no_user_id(google):
    answer = google.exchange(google.code())
    assert answer.status_code == 200
    assert answer.json.keys() == {
        "access_token", "expires_in", "refresh_token", "scope", "token_type",
    }  # fmt: skip
    assert answer.json["expires_in"] == 3_599
    assert answer.json["scope"] == ALL
    assert answer.json["token_type"] == "Bearer"
    assert len(answer.json["access_token"]) <= 2_048


@pytest.mark.parametrize(("later", "status"), [(599, 200), (600, 400)])
def test_a_code_lives_ten_minutes(google, later, status):
    code = google.code()
    google.clock.advance(later)
    assert google.exchange(code).status_code == status


def test_a_code_works_once(google):
    code = google.code()
    assert google.exchange(code).status_code == 200
    assert refused(google.exchange(code)) == DEAD


def test_a_code_is_used_up_by_a_failed_exchange_too(google):
    code = google.code()
    assert refused(google.exchange(code, redirect_uri=CALLBACK + "x"))[0] == 400
    assert refused(google.exchange(code)) == DEAD


@pytest.mark.parametrize("verifier", [None, "", "w" * 43, challenge_of(VERIFIER)])
def test_a_code_of_a_challenge_needs_its_verifier(google, verifier):
    assert refused(google.exchange(google.code(**S256), code_verifier=verifier)) == DEAD


def test_the_right_verifier_opens_a_code(google):
    assert google.exchange(google.code(**S256), code_verifier=VERIFIER).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "seen"),
    [
        ({"client_secret": "wrong"}, (401, "invalid_client")),
        ({"client_id": "other"}, (401, "invalid_client")),
        ({"client_secret": None}, (400, "invalid_request")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type")),
        ({"grant_type": None}, (400, "invalid_request")),
        ({"redirect_uri": CALLBACK + "x"}, (400, "redirect_uri_mismatch")),
        ({"redirect_uri": None}, (400, "invalid_request")),
    ],
)
def test_a_wrong_token_request_says_what_is_wrong(google, wrong, seen):
    answer = google.exchange(google.code(), **wrong)
    assert refused(answer) == seen
    assert answer.json["error_description"]


def test_a_made_up_code_is_an_invalid_grant(google):
    assert refused(google.exchange("4/0made-up")) == DEAD


# Refresh tokens


def test_a_refresh_gives_another_access_token_and_no_refresh_token(google):
    first = google.link(2)
    second = google.refresh(first["refresh_token"])
    assert second.status_code == 200
    assert second.json.keys() == {"access_token", "expires_in", "scope", "token_type"}
    assert second.json["expires_in"] == 3_599
    assert second.json["scope"] == first["scope"]
    assert second.json["access_token"] != first["access_token"]
    assert works(google, first["access_token"])
    assert works(google, second.json["access_token"])


def test_a_refresh_token_is_not_rotated(google):
    token = google.link()["refresh_token"]
    for _ in range(3):
        assert google.refresh(token).status_code == 200


def test_an_access_token_lives_an_hour(google):
    access = google.access()
    google.clock.advance(3_598)
    assert works(google, access)
    google.clock.advance(1)
    assert google.get(access, "identity").status_code == 401


@pytest.mark.parametrize("access_type", ["online", None])
def test_without_offline_access_there_is_no_refresh_token(google, access_type):
    assert "refresh_token" not in google.link(access_type=access_type)


def test_without_a_prompt_the_first_consent_alone_gives_a_refresh_token(google):
    assert "refresh_token" in google.link(prompt=None)
    assert "refresh_token" not in google.link(prompt=None)
    assert "refresh_token" in google.link(prompt="consent")
    assert "refresh_token" in google.link(1, prompt=None)


def test_the_first_consent_after_a_revocation_is_a_first_one_again(google):
    google.revoke(google.link(prompt=None)["access_token"])
    assert "refresh_token" in google.link(prompt=None)


@pytest.mark.parametrize(("days", "status"), [(180, 200), (184, 400)])
def test_a_refresh_token_dies_after_six_months_unused(google, days, status):
    token = google.link()["refresh_token"]
    google.clock.advance(100 * DAY)
    assert google.refresh(token).status_code == 200
    google.clock.advance(days * DAY)
    assert google.refresh(token).status_code == status


def test_of_more_than_a_hundred_refresh_tokens_the_oldest_dies(google):
    first, second = google.link()["refresh_token"], google.link()["refresh_token"]
    other = google.link(1)["refresh_token"]
    for _ in range(99):
        last = google.link()["refresh_token"]
    assert refused(google.refresh(first)) == DEAD
    assert google.refresh(second).status_code == 200
    assert google.refresh(last).status_code == 200
    assert google.refresh(other).status_code == 200


def test_a_dead_refresh_token_is_refused_in_the_vendors_words(google):
    answer = google.refresh("1//0made-up")
    assert answer.status_code == 400
    assert answer.json == {
        "error": "invalid_grant",
        "error_description": "Token has been expired or revoked.",
    }


# Testing mode


def test_in_testing_mode_a_refresh_token_says_and_keeps_its_seven_days(google):
    google.settings.testing_mode = True
    given = google.link()
    assert given["refresh_token_expires_in"] == 604_799
    google.clock.advance(604_798)
    assert google.refresh(given["refresh_token"]).status_code == 200
    google.clock.advance(1)
    assert refused(google.refresh(given["refresh_token"])) == DEAD


def test_use_does_not_prolong_the_seven_days(google):
    google.settings.testing_mode = True
    token = google.link()["refresh_token"]
    for _ in range(6):
        google.clock.advance(DAY)
        assert google.refresh(token).status_code == 200
    google.clock.advance(DAY)
    assert refused(google.refresh(token)) == DEAD


def test_a_consent_of_testing_mode_is_over_after_its_seven_days(google):
    google.settings.testing_mode = True
    google.link(prompt=None)
    assert google.tokens.scopes_of(google.people[0]) == set(ALL.split())
    google.clock.advance(604_799)
    assert google.tokens.scopes_of(google.people[0]) == frozenset()
    assert "refresh_token" in google.link(prompt=None)


# Scopes


def test_a_later_narrower_consent_leaves_the_earlier_tokens_alone(google):
    before = google.link(scope=f"{ACTIVITY} {SETTINGS}")
    assert google.link(scope=SLEEP)["scope"] == SLEEP
    assert google.refresh(before["refresh_token"]).json["scope"] == f"{ACTIVITY} {SETTINGS}"
    assert google.tokens.scopes_of(google.people[0]) == {ACTIVITY, SETTINGS, SLEEP}


def test_granted_scopes_are_included_when_that_is_asked_for(google):
    google.link(scope=ACTIVITY)
    given = google.link(scope=SLEEP, include_granted_scopes="true")
    assert set(given["scope"].split()) == {ACTIVITY, SLEEP}


# The end of a consent


@pytest.mark.parametrize("name", ["access_token", "refresh_token"])
def test_revoking_kills_all_tokens_of_that_person_and_of_nobody_else(google, name):
    first, second, other = google.link(), google.link(), google.link(1)
    pending = google.code()
    answer = google.revoke(first[name])
    assert (answer.status_code, answer.json) == (200, {})
    for dead in (first, second):
        assert not works(google, dead["access_token"])
        assert refused(google.refresh(dead["refresh_token"])) == DEAD
    assert refused(google.exchange(pending)) == DEAD
    assert works(google, other["access_token"])
    assert google.refresh(other["refresh_token"]).status_code == 200


def test_revoking_what_is_gone_is_an_invalid_token(google):
    given = google.link()
    assert google.revoke(given["refresh_token"]).status_code == 200
    for token in (given["refresh_token"], given["access_token"], "made-up"):
        assert refused(google.revoke(token)) == (400, "invalid_token")


def test_an_expired_access_token_revokes_nothing(google):
    given = google.link()
    google.clock.advance(HOUR)
    assert refused(google.revoke(given["access_token"])) == (400, "invalid_token")
    assert google.refresh(given["refresh_token"]).status_code == 200


def test_revoking_without_a_token_is_an_invalid_request(google):
    assert refused(google.web.post("/revoke")) == (400, "invalid_request")


def test_a_consent_can_be_removed_on_the_accounts_own_page(google):
    given, other = google.link(), google.link(1)
    google.tokens.remove_consent(google.people[0])
    assert google.get(given["access_token"], "identity").status_code == 401
    assert refused(google.refresh(given["refresh_token"])) == DEAD
    assert google.tokens.scopes_of(google.people[0]) == frozenset()
    assert works(google, other["access_token"])


def test_who_asked_for_it_hears_whose_consent_goes_while_its_scopes_are_still_known(google):
    heard = []
    google.tokens.on_removed.append(
        lambda person: heard.append((person, google.tokens.scopes_of(person)))
    )
    one, other = google.people[:2]
    google.link(scope=SLEEP)
    google.link(1, scope=ACTIVITY)
    google.tokens.remove_consent(one)
    google.tokens.remove_consent(one)
    google.revoke(google.link(1, scope=ACTIVITY)["access_token"])
    assert heard == [(one, {SLEEP}), (other, {ACTIVITY})]


def test_the_token_host_takes_posts_alone(google):
    assert google.web.get("/token").status_code == 404
    assert google.web.get("/revoke").status_code == 404


def test_the_scopes_that_came_back_with_the_code_are_those_of_the_tokens(google):
    location = google.decide(scope=f"{SLEEP} {SETTINGS}").location
    assert query_of(location)["scope"] == f"{SLEEP} {SETTINGS}"
