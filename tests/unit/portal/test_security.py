"""The walls: headers on every answer, cookie flags, CSRF, hosts."""

from __future__ import annotations

import pytest

from oauth_portal.app import create_app
from oauth_portal.security import trusted_hosts

HTTPS = "https://links.example"


@pytest.fixture
def https_http(services, settings):
    """A test client of a portal that patients reach by https."""
    public = settings.portal.model_copy(update={"url": HTTPS, "host": "0.0.0.0"})
    own = type(services)(
        settings=settings.model_copy(update={"portal": public}),
        store=services.store,
        providers=services.providers,
        ehr_client=services.ehr_client,
    )
    return create_app(own).test_client()


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/nowhere", 404), ("/sign-out", 405), ("/broken", 500)]
)
def test_every_answer_carries_the_headers(app, visit, path, status):
    app.add_url_rule("/broken", view_func=lambda: 1 / 0, endpoint="broken")
    answer = visit.get(path)

    assert answer.status_code == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in answer.headers


def test_the_policy_lets_forms_lead_to_the_sign_in_and_the_vendors_alone(visit, identity):
    policy = visit.get("/").headers["Content-Security-Policy"].split("; ")

    assert policy[:3] == ["default-src 'none'", "style-src 'self'", "img-src 'self'"]
    assert set(policy[3].split()) == {
        "form-action",
        "'self'",
        identity.issuer,
        "https://withings.example",
        "https://pulse.example",
    }
    assert policy[4:] == ["frame-ancestors 'none'", "base-uri 'none'"]


def test_static_files_may_be_cached(visit):
    with visit.get("/static/portal.css") as answer:
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert visit.get("/static/none.css").headers["Cache-Control"] == "no-store"


def test_the_cookie_on_loopback_is_http_only_and_lax(visit):
    cookie = visit.get("/").headers["Set-Cookie"]

    assert cookie.startswith("ohx-portal=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_the_cookie_on_https_is_bound_to_the_host(https_http):
    answer = https_http.get("/", base_url=HTTPS)
    cookie = answer.headers["Set-Cookie"]

    assert cookie.startswith("__Host-ohx-portal=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_a_form_on_https_needs_no_referer(https_http, identity):
    token = https_http.get("/", base_url=HTTPS).text.split('name="csrf_token" value="')[1]
    answer = https_http.post("/sign-in", base_url=HTTPS, data={"csrf_token": token.split('"')[0]})

    assert answer.status_code == 303
    assert "redirect_uri=https%3A%2F%2Flinks.example%2Fsign-in%2Freturn" in answer.location


POSTS = [
    "/sign-in",
    "/sign-out",
    "/api/base/provider-links/withings/initiate_oauth2/",
    "/links/aaaaaaaaaaaa/confirm",
    "/links/aaaaaaaaaaaa/discard",
    "/links/aaaaaaaaaaaa/disconnect",
    "/links/aaaaaaaaaaaa/share",
    "/upload/beurer/check",
    "/upload/beurer/publish",
]


def test_the_list_of_posts_is_complete(app):
    rules = [rule for rule in app.url_map.iter_rules() if "POST" in rule.methods]
    assert len(rules) == len(POSTS)


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("data", [{}, {"csrf_token": "made-up"}])
def test_a_post_without_its_csrf_token_is_refused(patient, path, data):
    answer = patient.http.post(path, data=data, headers={"Accept": "text/html"})

    assert answer.status_code == 400
    assert "This page is too old" in answer.text


def test_a_token_of_another_session_is_refused(patient, other_patient):
    data = {"csrf_token": other_patient.csrf()}
    assert patient.http.post("/sign-out", data=data).status_code == 400


@pytest.mark.parametrize(
    ("site", "status"),
    [("same-origin", 303), ("none", 303), ("cross-site", 400), ("same-site", 400)],
)
def test_a_post_that_another_site_caused_is_refused(patient, site, status):
    answer = patient.http.post(
        "/sign-out", data={"csrf_token": patient.csrf()}, headers={"Sec-Fetch-Site": site}
    )
    assert answer.status_code == status


def test_a_host_that_is_not_ours_is_refused(visit):
    answer = visit.get("/", base_url="http://evil.example")

    assert answer.status_code == 400
    assert "evil" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("host", "trusted"),
    [
        ("192.0.2.7", ["192.0.2.7", "links.example"]),
        ("127.0.0.1", ["0.0.0.0", "127.0.0.1", "links.example", "localhost"]),
        ("0.0.0.0", ["0.0.0.0", "127.0.0.1", "links.example", "localhost"]),
    ],
)
def test_a_public_portal_answers_to_its_name_and_to_checks_on_its_machine(settings, host, trusted):
    portal = settings.portal.model_copy(update={"url": HTTPS, "host": host})
    assert trusted_hosts(portal) == trusted
