"""Attacks on signing in and linking: each ends on a page of ours, and nothing has happened.

One row per attack. The addresses of the matrices come from the application itself, so that a new
one is attacked from its first day.
"""

from __future__ import annotations

import logging
import threading
from urllib.parse import urlsplit

import pytest

from ohx_pipelines.links.records import LinkState
from tests.unit.portal.attack_scene import CALLBACK, MARKER, Scene
from tests.unit.portal.linking_attacks import LINKING
from tests.unit.portal.sign_in_attacks import SIGN_IN

# For promises that do not depend on the form of the answer.
ONE_FORM = pytest.mark.parametrize("scene", ["text/html"], indirect=True)
ATTACKS = [
    pytest.param(attack, id=f"{where}: {attack.name}")
    for where, attacks in (("linking", LINKING), ("sign-in", SIGN_IN))
    for attack in attacks
]


@pytest.fixture(params=["text/html", "application/json"], ids=["page", "problem"])
def scene(request, app, store, identity, vendor, pkce_vendor, ehr, new_visit, caplog):
    caplog.set_level(logging.DEBUG)
    victim, attacker = new_visit(), new_visit()
    victim.sign_in()
    attacker.sign_in(patient="Patient/p2", subject="subject-2")
    return Scene(
        app=app,
        store=store,
        identity=identity,
        vendors=[vendor, pkce_vendor],
        ehr=ehr,
        new_visit=new_visit,
        victim=victim,
        attacker=attacker,
        stranger=new_visit(),
        accept=request.param,
    )


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_ends_on_a_page_that_says_what_to_do_and_changes_nothing(scene, attack, caplog):
    answer = attack.act(scene)

    scene.check_page(answer, code=attack.code, status=attack.status)
    scene.check_silence(answer, caplog.text)
    scene.check_nothing_happened(exchanges=attack.exchanges)


def addresses(app, method, *, link="aaaaaaaaaaaa", only=""):
    """Give the application's own addresses for the method that hold `only`."""
    found = []
    for rule in app.url_map.iter_rules():
        if method in rule.methods and rule.endpoint != "static" and only in rule.rule:
            path = rule.rule.replace("<provider>", "withings").replace("<link_id>", link)
            path = path.replace("<app>", "beurer")
            assert "<" not in path, f"say here what to put into {rule.rule}"
            found.append(path)
    assert found
    return found


FAULTS = {
    "no token": ({}, {}),
    "a made-up token": ({"csrf_token": MARKER}, {}),
    "a token in the address": ({}, {}),
    "a made-up token in a header": ({}, {"X-CSRFToken": MARKER}),
    "a token of another session": ({"csrf_token": "attacker"}, {}),
    "from another site": ({"csrf_token": "victim"}, {"Sec-Fetch-Site": "cross-site"}),
    "from a neighbouring site": ({"csrf_token": "victim"}, {"Sec-Fetch-Site": "same-site"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_form_that_did_not_come_from_our_page_is_refused(scene, app, fault, caplog):
    form, headers = FAULTS[fault]
    tokens = {"victim": scene.victim.csrf(), "attacker": scene.attacker.csrf()}
    form = {name: tokens.get(value, value) for name, value in form.items()}
    query = {"csrf_token": tokens["victim"]} if "address" in fault else {}
    for path in addresses(app, "POST", link=scene.victim.link()):
        answer = scene.request(
            scene.victim, path, method="POST", data=form, headers=headers, query=query
        )

        scene.check_page(answer, code="form_expired", status=400)
        scene.check_silence(answer, caplog.text)
        scene.check_nothing_happened()


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_what_changes_something_is_reached_by_post_alone(scene, app, method, caplog):
    override = {"X-HTTP-Method-Override": "POST", "X-CSRFToken": scene.victim.csrf()}
    link = scene.victim.link()
    asking = set(addresses(app, "GET", link=link))
    for path in addresses(app, "POST", link=link):
        query = {"_method": "POST", "csrf_token": override["X-CSRFToken"]}
        answer = scene.request(scene.victim, path, method=method, headers=override, query=query)

        if path not in asking or method not in {"GET", "HEAD"}:
            assert answer.status_code == 405
            if method != "HEAD":
                scene.check_page(answer, code="method_not_allowed", status=405)
        scene.check_silence(answer, caplog.text)
        scene.check_nothing_happened()


@ONE_FORM
def test_opening_an_address_changes_nothing(scene, app, caplog):
    for path in addresses(app, "GET", link=scene.victim.link()):
        for visit in (scene.victim, scene.attacker, scene.stranger):
            answer = scene.request(visit, path)

            assert answer.status_code < 500
            scene.check_silence(answer, caplog.text)
            scene.check_nothing_happened()


MADE_UP = ["aaaaaaaaaaaa", f"{MARKER}", MARKER * 500, "a%00", "%FF", "..", "' OR 1=1--", "%0d%0a"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_somebody_elses_link_does_not_exist(scene, app, method, caplog):
    links = [scene.victim.link(), *MADE_UP]
    for link in links:
        for path in addresses(app, method, link=link, only="<link_id>"):
            form = {"csrf_token": scene.attacker.csrf()} if method == "POST" else None
            answer = scene.request(scene.attacker, path, method=method, data=form)

            scene.check_page(answer, code="not_found", status=404)
            scene.check_silence(answer, caplog.text)
            scene.check_nothing_happened()
    assert scene.store.link(links[0]).state is LinkState.UNCONFIRMED


TARGETS = [
    "//evil.example",
    "///evil.example",
    "https://evil.example",
    "https:evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\t//evil.example",
    "/%09/evil.example",
    "https://127.0.0.1:8400@evil.example",
    "https://127.0.0.1:8400.evil.example",
    "javascript:alert(1)//evil.example",
    "/\r\nLocation: https://evil.example",
]
NAMES = ["next", "return_to", "redirect_uri", "redirect", "url", "continue", "goto", "target", "r"]


def check_leads_nowhere_else(scene, answer):
    """Promise: a redirect leads to ourselves, to a vendor or to the sign-in, and to no other."""
    location = answer.headers.get("Location", "")
    others = {"withings.example", "pulse.example", urlsplit(scene.identity.issuer).netloc}
    parts = urlsplit(location)
    assert not location.startswith(("//", "/\\", "\\"))
    assert parts.netloc in {"", "127.0.0.1:8400", "localhost"} | others, location
    assert parts.scheme in {"", "http", "https"}


@ONE_FORM
@pytest.mark.parametrize("target", TARGETS)
def test_no_address_leads_where_a_parameter_says(scene, app, target):
    told = dict.fromkeys(NAMES, target)
    link = scene.victim.link()
    for path in addresses(app, "GET", link=link):
        for visit in (scene.victim, scene.stranger):
            answer = scene.request(visit, path, query=told)
            check_leads_nowhere_else(scene, answer)
            assert "evil.example" not in answer.text + answer.headers.get("Location", "")
    for path in addresses(app, "POST", link=link):
        scene.victim.sign_in()
        for visit in (scene.victim, scene.stranger):
            form = told | {"csrf_token": visit.csrf()}
            answer = scene.request(visit, path, method="POST", data=form, query=told)
            check_leads_nowhere_else(scene, answer)
            assert "evil.example" not in answer.text + answer.headers.get("Location", "")


@ONE_FORM
@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "///evil.example/..",
        "/\\evil.example",
        "//evil.example/connect/withings",
        "//evil.example//api/base/provider-links/withings/oauth2_callback",
        "/connect//evil.example",
        "/connect/withings//",
        "/links//evil.example/confirm",
        "/.//evil.example",
        CALLBACK.format("withings").rstrip("/"),
    ],
)
def test_no_crooked_address_leads_to_another_host(scene, path):
    answer = scene.victim.http.get("/", environ_overrides={"PATH_INFO": path})

    assert answer.status_code in {200, 308, 400, 404}
    check_leads_nowhere_else(scene, answer)


def session_of(visit):
    with visit.http.session_transaction() as session:
        return dict(session)


def test_a_session_id_that_was_planted_before_the_sign_in_is_not_the_one_after_it(
    new_visit, identity, store
):
    victim, planted = new_visit(), {"id": "planted", "csrf_token": "planted", "since": 1}
    with victim.http.session_transaction() as session:
        session.update(planted)

    assert victim.sign_in().status_code == 303

    after = session_of(victim)
    assert not set(planted.values()) & set(after.values())
    assert set(after) == {"id", "patient", "since"}


def at_once(count, act):
    """Call `act(n)` in as many threads at the same moment; gives what each gave."""
    barrier, answers = threading.Barrier(count), [None] * count

    def run(n):
        barrier.wait()
        answers[n] = act(n)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_the_same_return_many_times_at_once_makes_one_exchange_and_one_link(
    patient, new_visit, vendor, store
):
    state, session = patient.start(), session_of(patient)
    copies = [new_visit() for _ in range(4)]
    for copy in copies:
        with copy.http.session_transaction() as other:
            other.update(session)

    answers = at_once(4, lambda n: copies[n].come_back(state=state, code="c"))

    assert sorted(answer.status_code for answer in answers) == [303, 400, 400, 400]
    refused = [answer.text for answer in answers if answer.status_code == 400]
    assert all("This step was already done" in text for text in refused)
    assert len(vendor.exchanged) == 1
    assert len(store.links_of(session["patient"])) == 1


def test_a_code_of_the_attackers_account_ends_at_the_question_whose_account_it_is(
    patient, vendor, store
):
    state = patient.start()
    vendor.as_user("account-of-the-attacker")

    answer = patient.come_back(state=state, code="the-attackers-code")

    [link] = store.links_of(session_of(patient)["patient"])
    assert answer.location == f"/links/{link.id}/confirm"
    question = patient.get(answer.location).text
    for text in (
        "Is this your Withings account?",
        "Nothing is carried over before you say yes",
        "Body+",
        "Europe/Berlin",
        "No, this is not me",
    ):
        assert text in question
    assert (link.state, link.zone) == (LinkState.UNCONFIRMED, None)
    assert store.active_link_ids("withings") == []
    assert patient.post(f"/links/{link.id}/discard").status_code == 303
    assert store.links_of(session_of(patient)["patient"]) == []
