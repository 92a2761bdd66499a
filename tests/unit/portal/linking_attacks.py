"""Attacks on the way to a vendor and back, one row each.

Belongs here: what the attacker does, and the page it ends on. Not here: what holds after every
attack (`attack_scene.py`).
"""

from __future__ import annotations

import time
from dataclasses import replace

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from ohx_pipelines.errors import VendorDown, VendorRejected
from tests.unit.portal.attack_scene import CODE, MARKER, Attack

TWICE = ["the state", "given twice"]


def replayed_state(scene):
    state = scene.victim.start()
    assert scene.victim.come_back(state=state, code="c").status_code == 303
    return scene.come_back(scene.victim, state=state, code=CODE)


def state_after_another_sign_in(scene):
    state = scene.victim.start()
    scene.victim.sign_in(patient="Patient/p2", subject="subject-2")
    return scene.come_back(scene.victim, state=state, code=CODE)


def state_after_signing_out(scene):
    state = scene.victim.start()
    scene.victim.post("/sign-out")
    return scene.come_back(scene.victim, state=state, code=CODE)


def copied_cookie_after_signing_out(scene):
    state = scene.victim.start()
    with scene.victim.http.session_transaction() as session:
        copied = dict(session)
    with scene.stranger.http.session_transaction() as session:
        session.update(copied)
    scene.victim.post("/sign-out")
    return scene.come_back(scene.stranger, state=state, code=CODE)


def state_of_an_overlong_session(scene):
    state = scene.victim.start()
    with scene.victim.http.session_transaction() as session:
        session["since"] = int(time.time()) - 30 * 60 - 1
    return scene.come_back(scene.victim, state=state, code=CODE)


def state_in_a_second_browser_of_the_victim(scene):
    other = scene.new_visit()
    other.sign_in()
    return scene.come_back(other, state=scene.victim.start(), code=CODE)


def forged_cookie(scene):
    """Sign the victim's session with a key of the attacker's own."""
    with scene.victim.http.session_transaction() as session:
        stolen = dict(session)
    forger = Flask("forger")
    for key in (scene.app.secret_key, "k" * 40):
        forger.secret_key = key
        value = SecureCookieSessionInterface().get_signing_serializer(forger).dumps(stolen)
        scene.stranger.http.set_cookie("ohx-portal", value)
        # Only the key decides: with ours, the cookie would be the victim's.
        assert ("Your devices" in scene.stranger.get("/").text) == (key != "k" * 40)
    return scene.come_back(scene.stranger, state=scene.victim.start(), code=CODE)


def linked_elsewhere(scene):
    scene.victim.link()
    return scene.come_back(scene.attacker, state=scene.attacker.start(), code=CODE)


def second_account(scene):
    scene.victim.post(f"/links/{scene.victim.link()}/confirm")
    scene.vendor.as_user("vendor-user-2")
    return scene.come_back(scene.victim, state=scene.victim.start(), code=CODE)


def not_my_account(scene):
    answer = scene.victim.post(f"/links/{scene.victim.link()}/discard")
    return scene.request(scene.victim, answer.location)


def exchange_fails(error):
    def act(scene):
        scene.vendor.exchange_error = error
        return scene.come_back(scene.victim, state=scene.victim.start(), code=CODE)

    return act


def vendor_down_at_the_question(scene):
    link = scene.victim.link()
    scene.vendor.account_error = VendorDown(MARKER)
    return scene.request(scene.victim, f"/links/{link}/confirm")


def fewer_permissions(scene):
    scene.vendor.grant = replace(scene.vendor.grant, scopes=frozenset({MARKER}))
    return scene.come_back(scene.victim, state=scene.victim.start(), code=CODE)


def back(visit="victim", vendor="withings", **changes):
    """Come back with a state that the victim just started, changed by `changes`."""

    def act(scene):
        state = scene.victim.start()
        given = {"state": state, "code": CODE} | changes
        given = {name: value for name, value in given.items() if value is not None}
        if given.get("state") == TWICE:
            given["state"] = [state, state]
        return scene.come_back(getattr(scene, visit), vendor, **given)

    return act


LINKING = [
    Attack(name="a state once more", act=replayed_state, code="state_used", status=400),
    Attack(
        name="the victim's state in the attacker's browser",
        act=back("attacker"),
        code="state_foreign",
        status=403,
    ),
    Attack(
        name="the attacker's state and code in the victim's browser",
        act=lambda s: s.come_back(s.victim, state=s.attacker.start(), code=CODE),
        code="state_foreign",
        status=403,
    ),
    Attack(
        name="a state in a second browser of the same patient",
        act=state_in_a_second_browser_of_the_victim,
        code="state_foreign",
        status=403,
    ),
    Attack(
        name="a state after somebody else signed in in that browser",
        act=state_after_another_sign_in,
        code="state_foreign",
        status=403,
    ),
    Attack(
        name="a state older than ten minutes",
        act=lambda s: s.come_back(s.victim, state=s.expired_state(), code=CODE),
        code="state_expired",
        status=400,
    ),
    Attack(
        name="a state of another provider",
        act=back(vendor="pulse"),
        code="state_foreign",
        status=403,
    ),
    Attack(
        name="a state of a browser that is not signed in",
        act=back("stranger"),
        code="signed_out",
        status=403,
    ),
    Attack(
        name="a state after signing out",
        act=state_after_signing_out,
        code="signed_out",
        status=403,
    ),
    Attack(
        name="a cookie that was copied before signing out",
        act=copied_cookie_after_signing_out,
        code="signed_out",
        status=403,
    ),
    Attack(
        name="a state of a session over thirty minutes old",
        act=state_of_an_overlong_session,
        code="signed_out",
        status=403,
    ),
    Attack(
        name="a session cookie signed with another key",
        act=forged_cookie,
        code="signed_out",
        status=403,
    ),
    Attack(name="a made-up state", act=back(state=MARKER), code="state_unknown", status=400),
    Attack(
        name="a state with a NUL", act=back(state=f"\0{MARKER}"), code="state_unknown", status=400
    ),
    Attack(
        name="a state of ten thousand characters",
        act=back(state=MARKER * 1000),
        code="state_unknown",
        status=400,
    ),
    Attack(
        name="a made-up state that says cancelled",
        act=back(state=MARKER, code=None, error="access_denied"),
        code="state_unknown",
        status=400,
    ),
    Attack(name="no state", act=back(state=None), code="return_incomplete", status=400),
    Attack(name="an empty state", act=back(state=""), code="return_incomplete", status=400),
    Attack(name="no code", act=back(code=None), code="return_incomplete", status=400),
    Attack(name="an empty code", act=back(code=""), code="return_incomplete", status=400),
    Attack(name="two states", act=back(state=TWICE), code="return_incomplete", status=400),
    Attack(name="two codes", act=back(code=[CODE, "c"]), code="return_incomplete", status=400),
    Attack(name="two errors", act=back(error=[MARKER, "e"]), code="return_incomplete", status=400),
    Attack(
        name="a code and an error at once",
        act=back(error=MARKER),
        code="vendor_refused",
        status=502,
    ),
    Attack(
        name="a return to a vendor that we do not know",
        act=back(vendor=f"no-{MARKER}"),
        code="not_found",
        status=404,
    ),
    Attack(
        name="cancelled at the vendor",
        act=back(code=None, error="access_denied"),
        code="link_cancelled",
        status=200,
    ),
    Attack(
        name="an account that another patient linked",
        act=linked_elsewhere,
        code="linked_by_another",
        status=409,
        exchanges=1,
    ),
    Attack(
        name="a second account beside an active one",
        act=second_account,
        code="another_account_linked",
        status=409,
        exchanges=1,
    ),
    Attack(name="not my account", act=not_my_account, code="not_mine", status=200),
    Attack(
        name="a vendor that is down when the code arrives",
        act=exchange_fails(VendorDown(MARKER)),
        code="vendor_down",
        status=503,
        exchanges=1,
    ),
    Attack(
        name="a code that the vendor refuses",
        act=exchange_fails(VendorRejected(MARKER)),
        code="code_rejected",
        status=502,
        exchanges=1,
    ),
    Attack(
        name="a vendor that is down at the question whose account it is",
        act=vendor_down_at_the_question,
        code="account_unreadable",
        status=503,
    ),
    Attack(
        name="fewer permissions than asked for",
        act=fewer_permissions,
        code="permission_missing",
        status=403,
        exchanges=1,
    ),
]
