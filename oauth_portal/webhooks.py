"""What vendors tell by themselves: hints, from whoever knows the address, into the inbox.

Belongs here: the address, its limits, and which days a hint is about. Not here: reading and believing
a delivery (`providers/`), keeping hints (`links/inbox.py`), or acting on them.
No answer depends on whom a delivery names: nobody learns who has a link here.
It comes from no page of ours, so it carries no CSRF token: the address is the secret, and all that a
hint can cause is that we look for ourselves.
"""

from __future__ import annotations

import hmac
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, request

from oauth_portal.events import log_event
from oauth_portal.services import services
from ohx_pipelines.links.inbox import Said
from ohx_pipelines.local_day import local_day
from ohx_pipelines.notifying import PATH, webhook_token
from ohx_pipelines.providers.base import Delivery, Notification, Provider

# One delivery may hold many notifications.
MAX_BODY_BYTES = 64 * 1024
blueprint = Blueprint("webhooks", __name__)


@blueprint.route(f"{PATH}/<provider>/<token>", methods=["HEAD", "POST"])
def receive(provider: str, token: str) -> Response:
    """Take a notification, or answer a vendor that looks whether the address is there."""
    vendor = _vendor(provider, token)
    status = _take(vendor) if request.method == "POST" else HTTPStatus.OK
    return Response("", status, mimetype="text/plain")


def _vendor(provider: str, token: str) -> Provider:
    """Give the vendor whose address it is; a wrong token and a wrong vendor are the same 404."""
    secret = services().settings.identifier_secret.get_secret_value().encode()
    right = hmac.compare_digest(webhook_token(secret, provider).encode(), token.encode())
    vendor = services().providers.get(provider)
    if not right or vendor is None:
        abort(404)
    return vendor


def _take(vendor: Provider) -> int:
    """Put all that was delivered into the inbox; gives the status that the vendor waits for."""
    request.max_content_length = MAX_BODY_BYTES
    headers = {name.lower(): value for name, value in request.headers.items()}
    received = vendor.receive(Delivery(headers=headers, body=request.get_data()))
    if not received.notifications:
        log_event("notification_unread", code=f"http_{received.status}", provider=vendor.facts.name)
    for hint in received.notifications:
        _keep(vendor, hint)
    return received.status


def _keep(vendor: Provider, hint: Notification) -> None:
    name = vendor.facts.name
    days = _days(name, hint)
    if days is None:
        log_event("notification_unread", provider=name)
        return
    said = Said(kind=hint.kind, first_day=days[0], last_day=days[1], ended=hint.ended)
    concerned = {kind.name: kind.data_types for kind in vendor.facts.notifications}
    services().store.receive_hint(name, hint.user, said, data_types=concerned.get(hint.kind, ()))
    log_event("notification", code=f"kind_{hint.kind}", provider=name)


def _days(provider: str, hint: Notification) -> tuple[date, date] | None:
    """Give the local days that a hint is about, today where it says none; None for none of ours.

    What it says is cut to the days that can be read: a forged or faulty one may say all of time.
    Somebody without a link lives in UTC, and the same is asked for them.
    """
    zone = services().store.zone_of_account(provider, hint.user) or ZoneInfo("UTC")
    today = local_day(datetime.now(UTC), zone)
    instants = [local_day(one, zone) for one in (hint.start, hint.end) if one is not None]
    named = [one for one in (hint.day, hint.last_day) if one is not None]
    said = [*instants, *named] or [today]
    oldest = today - timedelta(days=services().settings.partition_days - 1)
    # Who travels eastwards is a day ahead of the link's zone.
    first, last = max(min(said), oldest), min(max(said), today + timedelta(days=1))
    return (first, last) if first <= last else None
