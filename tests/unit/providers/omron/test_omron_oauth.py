"""OMRON's OAuth dialect over real HTTP: consent, code, refresh, revocation, and what each refusal means."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from oauth_portal.linking import blueprint
from ohx_pipelines.errors import (
    AuthLost,
    Malformed,
    RateLimited,
    VendorDown,
    VendorRejected,
)
from ohx_pipelines.providers.omron import OMRON, OmronProvider
from ohx_pipelines.providers.registry import unlimited
from tests.unit.providers.omron.tiny_omron import (
    CANARY,
    DROP,
    JSON,
    SECRET,
    USER,
    Ledger,
    id_token,
    ok,
    tells_nothing,
    tiny_omron,
)

BACK = "https://portal.example/providers/omron/back/"
TOKENS = {
    "id_token": id_token(),
    "access_token": "eyJ-" + CANARY,
    "expires_in": 3600,
    "token_type": "Bearer",
    "refresh_token": "8f21c0-" + CANARY,
}
ASKED = {"bloodpressure", "activity", "weight", "openid", "offline_access"}


def routes():
    """The portal's addresses, without anything behind them."""
    app = Flask("portal")
    app.register_blueprint(blueprint)
    return list(app.url_map.iter_rules())


def said(status, word, **headers):
    return (status, {"error": word, "error_description": CANARY}, JSON | headers)


@pytest.fixture
def site():
    with tiny_omron() as one:
        yield one


def exchanged(site, **changes):
    return site.provider(**changes).exchange_code(
        code="code-1", redirect_uri=BACK, code_verifier="v" * 43
    )


def without(*names, **more):
    return ok({name: value for name, value in TOKENS.items() if name not in names} | more)


def test_the_consent_page_is_asked_for_the_contracts_types_and_a_refresh_token(site):
    url = site.provider(types="bloodpressure oxygen").authorize_url(
        state="s1", redirect_uri=BACK, code_challenge="c" * 43
    )

    query = {name: value for name, (value,) in parse_qs(urlsplit(url).query).items()}
    assert url.startswith(f"{site.url}/connect/authorize?")
    assert set(query.pop("scope").split()) == {
        "bloodpressure", "oxygen", "openid", "offline_access",
    }  # fmt: skip
    assert query == {
        "client_id": "our-application",
        "response_type": "code",
        "redirect_uri": BACK,
        "state": "s1",
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
    }


def test_a_code_becomes_tokens_that_say_whose_they_are(site):
    site.will_answer(ok(TOKENS))
    before = datetime.now(UTC)

    grant = exchanged(site)

    assert grant.user == USER
    assert grant.access_token == TOKENS["access_token"]
    assert grant.refresh_token == TOKENS["refresh_token"]
    assert timedelta(seconds=3590) < grant.expires_at - before < timedelta(seconds=3610)
    assert CANARY not in repr(grant)


def test_the_secret_goes_in_the_body_and_nowhere_else(site):
    site.will_answer(ok(TOKENS))

    exchanged(site)

    (asked,) = site.asked
    assert asked.path == "/connect/token"
    assert asked.bearer is None
    assert asked.form == {
        "grant_type": "authorization_code",
        "code": "code-1",
        "redirect_uri": BACK,
        "code_verifier": "v" * 43,
        "client_id": "our-application",
        "client_secret": SECRET,
    }


def test_without_a_word_of_scopes_those_asked_for_are_granted(site):
    site.will_answer(ok(TOKENS))

    assert exchanged(site).scopes == ASKED


def test_scopes_that_were_unticked_are_not_granted(site):
    site.will_answer(ok(TOKENS | {"scope": "bloodpressure openid offline_access"}))

    assert exchanged(site).scopes == {"bloodpressure", "openid", "offline_access"}


@pytest.mark.parametrize(
    "token",
    [None, "", "one.two", "a.b.c.d", "x.!!.y", "x.W10.y", "x.e30.y", id_token(sub=None),
     id_token(sub="a b"), id_token(sub=7), "x." + "A" * 30_000 + ".y"],
    ids=["none", "empty", "two_parts", "four_parts", "no_base64", "list", "no_claims", "null",
         "blank_within", "number", "long"],
)  # fmt: skip
def test_tokens_of_nobody_are_malformed(site, token):
    site.will_answer(without("id_token", id_token=token))

    with pytest.raises(Malformed) as caught:
        exchanged(site)

    assert tells_nothing(caught.value)


def test_a_grant_without_a_refresh_token_is_refused(site):
    site.will_answer(without("refresh_token"))

    with pytest.raises(VendorRejected):
        exchanged(site)


def test_an_answer_that_says_no_lifetime_is_taken_for_the_usual_hour(site):
    site.will_answer(without("expires_in"))

    left = exchanged(site).expires_at - datetime.now(UTC)

    assert timedelta(minutes=59) < left <= timedelta(minutes=60)


HOUR, YEAR = 3_600, 365 * 86_400


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        *((one, HOUR) for one in (0, -1, "soon", "", True, [], {}, None, "-5", 0.5, "3600 s")),
        *((one, 7_200) for one in (7_200, 7_200.0, 7_200.9, "7200", " 7200 ", "7200.0")),
        *((one, YEAR) for one in (YEAR, YEAR + 1, 2**31 - 1, 10**30, 1e300, "9" * 40)),
    ],
    ids=repr,
)
@pytest.mark.parametrize("call", ["code", "refresh"])
def test_whatever_lifetime_an_answer_says_it_costs_no_tokens(site, told, seconds, call):
    site.will_answer(without("expires_in", expires_in=told))

    grant = exchanged(site) if call == "code" else site.provider().refresh("old-one")

    left = (grant.expires_at - datetime.now(UTC)).total_seconds()
    assert seconds - 30 < left <= seconds
    assert grant.refresh_token == TOKENS["refresh_token"]


def test_tokens_that_came_prove_their_scopes(site):
    site.will_answer(ok(TOKENS | {"scope": "bloodpressure"}), ok(TOKENS | {"scope": "weight"}))

    assert exchanged(site).scopes == {"bloodpressure", "openid", "offline_access"}
    assert site.provider().refresh("old-one").scopes == {"weight", "openid", "offline_access"}


def test_a_refresh_says_where_patients_come_back_to(site):
    site.will_answer(ok(TOKENS))

    OmronProvider(site.settings(), return_address=BACK).refresh("old-one")

    assert site.asked[0].form["redirect_uri"] == BACK


def test_the_portals_own_return_address_is_what_a_refresh_says(site):
    site.will_answer(ok(TOKENS))
    portal = SimpleNamespace(url="https://portal.example/")
    settings = SimpleNamespace(omron=site.settings(), portal=portal)

    OMRON.build(settings, unlimited).refresh("old-one")

    (path,) = (rule.rule for rule in routes() if rule.endpoint == "linking.oauth2_callback")
    back = "https://portal.example" + path.replace("<provider>", "omron")
    assert site.asked[0].form["redirect_uri"] == back


def test_a_refresh_sends_the_secret_in_the_body_and_takes_the_new_token(site):
    site.will_answer(ok(TOKENS | {"refresh_token": "new-one"}))

    grant = site.provider().refresh("old-one")

    assert grant.refresh_token == "new-one"
    form = site.asked[0].form
    assert form.pop("scope", "") == ""
    assert form == {
        "grant_type": "refresh_token",
        "refresh_token": "old-one",
        "client_id": "our-application",
        "client_secret": SECRET,
    }


def test_a_refresh_without_another_refresh_token_keeps_the_old_one(site):
    site.will_answer(without("refresh_token", "id_token"))

    grant = site.provider().refresh("old-one")

    assert (grant.refresh_token, grant.user, grant.scopes) == ("old-one", "", frozenset())


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (said(400, "invalid_grant"), AuthLost),
        (said(400, "invalid_client"), VendorRejected),
        (said(401, "invalid_client"), VendorRejected),
        (said(401, "invalid_grant"), VendorRejected),
        (said(400, "invalid_request"), VendorRejected),
        ((400, b"invalid_grant", {"Content-Type": "text/html"}), VendorRejected),
        ((400, {"error": "invalid_grant"}, {"Content-Type": "text/html"}), VendorRejected),
        (said(403, "x"), VendorRejected),
        (said(429, "x"), RateLimited),
        (said(500, "x"), VendorDown),
        (said(503, "x"), VendorDown),
        ((200, b"<html>" + CANARY.encode(), {"Content-Type": "text/html"}), Malformed),
        ((200, b"[]", JSON), Malformed),
        ((200, b'{"expires_in": 5}', JSON), Malformed),
        (DROP, VendorDown),
    ],
    ids=[
        "invalid_grant", "invalid_client", "401_client", "401_grant", "invalid_request", "page_400",
        "json_page_400", "403", "429", "500", "503", "page", "list", "no_token", "dropped",
    ],
)  # fmt: skip
def test_each_refusal_of_a_refresh_is_the_error_that_says_what_to_do(site, answer, error):
    site.will_answer(answer, answer)

    with pytest.raises(error) as caught:
        site.provider().refresh("token-" + CANARY)

    assert type(caught.value) is error
    assert tells_nothing(caught.value)


def test_a_refused_code_costs_no_link(site):
    site.will_answer(said(400, "invalid_grant"))

    with pytest.raises(VendorRejected) as caught:
        exchanged(site)

    assert caught.value.status == 400


def test_a_pause_is_everybodys(site):
    ledger = Ledger()
    site.will_answer(said(429, "x", **{"Retry-After": "7"}))

    with pytest.raises(RateLimited) as caught:
        site.provider(budget=ledger).refresh("one")

    assert caught.value.wait_seconds == 7
    assert ledger.pauses == [7]


def test_a_redirect_is_not_followed_with_the_secret(site):
    site.will_answer((302, b"", {"Location": f"{site.url}/elsewhere"}))

    with pytest.raises(VendorRejected):
        site.provider().refresh("one")

    assert len(site.asked) == 1


def test_credentials_are_proven_without_a_user(site):
    site.will_answer(said(400, "invalid_grant"))

    site.provider().check()

    assert site.asked[0].form["grant_type"] == "refresh_token"


def test_credentials_that_are_not_taken_are_told(site):
    site.will_answer(said(400, "invalid_client"))

    with pytest.raises(VendorRejected):
        site.provider().check()


def test_revoking_names_the_refresh_token(site):
    site.will_answer((200, b"", {}))

    site.provider().revoke(user=USER, refresh_token="the-token")

    assert site.asked[0].path == "/connect/revocation"
    assert site.asked[0].form == {
        "client_id": "our-application",
        "client_secret": SECRET,
        "token": "the-token",
        "token_type_hint": "refresh_token",
    }


def test_a_token_that_omron_no_longer_knows_is_at_its_end(site):
    site.will_answer(said(400, "invalid_grant"))

    site.provider().revoke(user=USER, refresh_token="the-token")

    assert len(site.asked) == 1


@pytest.mark.parametrize("status", [404, 405, 410])
def test_where_revocation_is_gone_there_is_nobody_to_tell(site, status):
    site.will_answer((status, b"gone", {}))

    site.provider().revoke(user=USER, refresh_token="the-token")

    assert len(site.asked) == 1


def test_nothing_is_asked_where_the_contract_knows_no_revocation(site):
    site.provider(revokes=False).revoke(user=USER, refresh_token=None)

    assert site.asked == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((500, b"", {}), VendorDown),
        ((503, b"", {}), VendorDown),
        ((429, b"", {}), RateLimited),
        (said(401, "invalid_client"), VendorRejected),
        (said(400, "unsupported_token_type"), VendorRejected),
        (said(401, "invalid_grant"), VendorRejected),
        ((200, b"<html>sign in to the network</html>", {"Content-Type": "text/html"}), Malformed),
        (DROP, VendorDown),
    ],
    ids=["500", "503", "429", "401", "400", "401_grant", "page", "dropped"],
)
def test_a_revocation_that_was_not_heard_is_an_error(site, answer, error):
    site.will_answer(answer, answer)

    with pytest.raises(error):
        site.provider().revoke(user=USER, refresh_token="the-token")


def test_without_a_token_nobody_was_told(site):
    with pytest.raises(VendorRejected):
        site.provider().revoke(user=USER, refresh_token=None)

    assert site.asked == []
