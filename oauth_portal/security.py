"""The walls around every page: headers, cookie flags, CSRF, trusted hosts, where forms may lead.

Belongs here: what holds for all responses alike. Not here: who is signed in (`sessions.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    g,
    redirect,
    render_template,
    request,
)
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response as BaseResponse

from oauth_portal.memory_uploads import take_large_bodies
from oauth_portal.messages import FORM_EXPIRED, PageStop
from oauth_portal.services import Services, services
from ohx_pipelines.setting_types import LOOPBACK
from ohx_pipelines.settings import PortalSettings

TARGETS = "OHX_FORM_TARGETS"
# Set, in `flask.g`, by pages that have our script: no other may run any.
SCRIPTED = "ohx_scripted"
WILDCARDS = {"0.0.0.0", "::"}  # noqa: S104 (compared with, not bound to)
MAX_BODY_BYTES = 16 * 1024
HSTS = "max-age=31536000; includeSubDomains"
# What everybody may see and keep for an hour; a new key of ours waits that long before it signs.
KEPT = {"static", "jwks.jwks"}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def is_https(portal: PortalSettings) -> bool:
    """Tell whether patients reach the portal by https (plain http is for loopback alone)."""
    return portal.url.startswith("https://")


def flask_config(portal: PortalSettings) -> dict[str, Any]:
    """Give Flask's configuration for these settings."""
    https = is_https(portal)
    return {
        "SECRET_KEY": portal.secret_key.get_secret_value(),
        # The prefix makes browsers refuse a cookie that a neighbouring host tries to plant.
        "SESSION_COOKIE_NAME": "__Host-ohx-portal" if https else "ohx-portal",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        # Lax, not Strict: the returns from identity provider and vendor come from other sites.
        "SESSION_COOKIE_SAMESITE": "Lax",
        "MAX_CONTENT_LENGTH": MAX_BODY_BYTES,
        "TRUSTED_HOSTS": trusted_hosts(portal),
        # The token ends with the session; a landing page left open over lunch still works.
        "WTF_CSRF_TIME_LIMIT": None,
        # It wants a Referer, which our own Referrer-Policy withholds.
        "WTF_CSRF_SSL_STRICT": False,
    }


def trusted_hosts(portal: PortalSettings) -> list[str]:
    """Give the Host names that are answered: the public one, and the machine's own for checks.

    No answer is built from the Host, so the latter open nothing. Werkzeug's list cannot name an
    IPv6 address.
    """
    public = urlsplit(portal.url).hostname or ""
    local = LOOPBACK | WILDCARDS if {public, portal.host} & (LOOPBACK | WILDCARDS) else set()
    return sorted(host for host in {public, portal.host} | local if ":" not in host)


def protect(app: Flask, own: Services) -> None:
    """Put CSRF checks before and headers after every request."""
    app.before_request(_refuse_foreign_posts)
    # Before the form is read, which the CSRF check does.
    app.before_request(take_large_bodies)
    CSRFProtect(app)
    app.before_request(_refuse_impossible_addresses)
    app.config[TARGETS] = form_targets(own)
    policy = content_security_policy(app.config[TARGETS])
    scripted = f"{policy}; script-src 'self'; connect-src 'self'"
    https = is_https(own.settings.portal)

    @app.after_request
    def add_headers(response: Response) -> Response:
        response.headers.update(HEADERS)
        response.headers["Content-Security-Policy"] = scripted if SCRIPTED in g else policy
        if https:
            response.headers["Strict-Transport-Security"] = HSTS
        kept = request.endpoint in KEPT and response.status_code < 400  # noqa: PLR2004
        response.headers["Cache-Control"] = "public, max-age=3600" if kept else "no-store"
        return response


def take_unprotected(app: Flask, blueprint: Blueprint) -> None:
    """Register pages whose forms come from programs: they carry no CSRF token, and need none.

    They must not look at who is signed in.
    """
    app.extensions["csrf"].exempt(blueprint)
    app.register_blueprint(blueprint)


def _refuse_foreign_posts() -> None:
    # Browsers say where a request comes from; the CSRF token alone would do, this costs nothing.
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "none") not in {
        "same-origin",
        "none",
    }:
        raise PageStop(FORM_EXPIRED)


def _refuse_impossible_addresses() -> None:
    # PostgreSQL takes no NUL in a text: looked up, such an id would read as a defect of ours.
    if "\0" in request.path:
        abort(404)


def content_security_policy(targets: Iterable[str]) -> str:
    """Give the policy; forms may lead to ourselves and to `targets`."""
    return "; ".join(
        [
            "default-src 'none'",
            "style-src 'self'",
            "img-src 'self'",
            " ".join(["form-action 'self'", *sorted(targets)]),
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ]
    )


def form_targets(own: Services) -> set[str]:
    """Give the origins that a form's redirect may lead to: Chromium applies form-action to it."""
    asked = [
        provider.authorize_url(state="-", redirect_uri="-", code_challenge=None)
        for provider in own.providers.values()
    ]
    return {origin(url) for url in [own.settings.oidc.issuer, *asked]}


def origin(url: str) -> str:
    """Give scheme and authority of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def public_url(path: str) -> str:
    """Give the address of one of our paths as patients and vendors see it."""
    return origin(services().settings.portal.url) + path


def leave_to(url: str) -> BaseResponse | str:
    """Send a browser that posted a form to another site.

    An identity provider may keep its sign-in page on another host than its issuer, which
    form-action would stop without a word: then a page with a link stands in between.
    """
    if origin(url) in current_app.config[TARGETS]:
        return redirect(url, 303)
    return render_template("leaving.html", url=url)
