"""The two addresses of linking: the start of an authorization and the vendor's way back.

Belongs here: state, code and tokens on their way. Not here: whose account it turned out to be
(`confirming.py`). The session was checked before anything of a request is used.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field

from flask import Blueprint, Response, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from oauth_portal import sessions
from oauth_portal.api_version import HTML, asked_for
from oauth_portal.events import log_event
from oauth_portal.messages import (
    ACCOUNT_WITHOUT_DATA,
    ANOTHER_ACCOUNT_LINKED,
    CODE_REJECTED,
    LINK_CANCELLED,
    LINKED_BY_ANOTHER,
    PERMISSION_MISSING,
    RETURN_INCOMPLETE,
    SIGN_IN_FIRST,
    SIGNED_OUT,
    STATE_EXPIRED,
    STATE_FOREIGN,
    STATE_UNKNOWN,
    STATE_USED,
    VENDOR_DOWN,
    VENDOR_REFUSED,
    PageStop,
)
from oauth_portal.security import leave_to, public_url
from oauth_portal.services import provider_or_404, services
from oauth_portal.sessions import Visitor
from oauth_portal.sharing import tell_what_is_left_out
from ohx_pipelines.errors import (
    AccountAlreadyLinked,
    AccountWithoutData,
    AuthLost,
    NotConsented,
    NotFound,
    VendorError,
    VendorRejected,
)
from ohx_pipelines.links.records import Link, OAuthState
from ohx_pipelines.providers.base import Provider, ProviderFacts, TokenGrant

STATE_PAGES = {"expired": STATE_EXPIRED, "used": STATE_USED, "foreign": STATE_FOREIGN}
blueprint = Blueprint("linking", __name__, url_prefix="/api/base/provider-links/<provider>")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a vendor's consent page sent back: a code, or an error."""

    state: str = field(repr=False)
    code: str | None = field(repr=False)
    error: str | None = field(repr=False)


@blueprint.post("/initiate_oauth2/")
def initiate_oauth2(provider: str) -> BaseResponse:
    """Start an authorization: a browser is sent on, an API client is told where to."""
    vendor = provider_or_404(provider)
    shape = asked_for()
    visitor = sessions.current()
    if visitor is None:
        raise PageStop(SIGN_IN_FIRST)
    url = _start(vendor, visitor)
    log_event("linking_started", provider=vendor.facts.name)
    if shape == HTML:
        response = make_response(leave_to(url))
    else:
        response = Response(json.dumps({"authorization_url": url}), content_type=shape)
    response.vary.add("Accept")
    return response


@blueprint.get("/oauth2_callback/")
def oauth2_callback(provider: str) -> BaseResponse:
    """Come back from the vendor; ends on an address without code and state."""
    vendor = provider_or_404(provider)
    visitor = sessions.current()
    if visitor is None:
        raise PageStop(SIGNED_OUT, provider=vendor.facts)
    answer = _read_answer(vendor)
    pending = _finish(vendor, visitor, answer)
    grant = _exchange(vendor, answer, pending)
    link = _save(vendor, visitor, grant)
    log_event("account_linked", provider=vendor.facts.name, link=link.id)
    tell_what_is_left_out(link, vendor.facts)
    return redirect(url_for("confirming.ask", link_id=link.id), 303)


def return_address(vendor: Provider) -> str:
    """Give the address to register with the vendor."""
    return public_url(url_for("linking.oauth2_callback", provider=vendor.facts.name))


def code_challenge(verifier: str) -> str:
    """Derive the S256 challenge of RFC 7636 section 4.2."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _start(vendor: Provider, visitor: Visitor) -> str:
    verifier = secrets.token_urlsafe(48) if vendor.facts.pkce else None
    state = services().store.start_authorization(
        patient_id=visitor.patient_id,
        provider=vendor.facts.name,
        session_hash=visitor.session_hash,
        code_verifier=verifier,
    )
    return vendor.authorize_url(
        state=state,
        redirect_uri=return_address(vendor),
        code_challenge=code_challenge(verifier) if verifier else None,
    )


def _read_answer(vendor: Provider) -> Answer:
    # A parameter given twice could be read differently by somebody else on the way: refused.
    given = {name: request.args.getlist(name) for name in ("state", "code", "error")}
    single = {name: values[0] for name, values in given.items() if len(values) == 1}
    repeated = any(len(values) > 1 for values in given.values())
    if repeated or not single.get("state") or not (single.get("code") or single.get("error")):
        raise PageStop(RETURN_INCOMPLETE, provider=vendor.facts)
    return Answer(state=single["state"], code=single.get("code"), error=single.get("error"))


def _finish(vendor: Provider, visitor: Visitor, answer: Answer) -> OAuthState:
    try:
        pending = services().store.finish_authorization(
            state=answer.state, session_hash=visitor.session_hash, provider=vendor.facts.name
        )
    except NotFound as error:
        reason = getattr(error, "reason", "unknown")
        stop = PageStop(STATE_PAGES.get(reason, STATE_UNKNOWN), provider=vendor.facts)
    else:
        if answer.error is None:
            return pending
        cancelled = answer.error == "access_denied"
        stop = PageStop(LINK_CANCELLED if cancelled else VENDOR_REFUSED, provider=vendor.facts)
    raise stop


def _exchange(vendor: Provider, answer: Answer, pending: OAuthState) -> TokenGrant:
    try:
        grant = vendor.exchange_code(
            code=answer.code or "",
            redirect_uri=return_address(vendor),
            code_verifier=pending.code_verifier,
        )
    except AccountWithoutData:
        stop = PageStop(ACCOUNT_WITHOUT_DATA, provider=vendor.facts)
    except NotConsented:
        # Not even whose account it is could be asked with what was ticked.
        stop = PageStop(PERMISSION_MISSING, provider=vendor.facts)
    except VendorError as error:
        rejected = isinstance(error, (AuthLost, VendorRejected))
        stop = PageStop(CODE_REJECTED if rejected else VENDOR_DOWN, provider=vendor.facts)
    else:
        if _suffices(grant, vendor.facts):
            return grant
        # The grant is dropped here and never stored.
        stop = PageStop(PERMISSION_MISSING, provider=vendor.facts)
    raise stop


def _suffices(grant: TokenGrant, facts: ProviderFacts) -> bool:
    """Tell whether anything can be read with it: a vendor may let single permissions be refused."""
    return facts.least_scopes <= grant.scopes and bool(facts.allowed_by(grant.scopes))


def _save(vendor: Provider, visitor: Visitor, grant: TokenGrant) -> Link:
    allowed = [one.name for one in vendor.facts.allowed_by(grant.scopes)]
    try:
        return services().store.save_link(
            patient_id=visitor.patient_id,
            provider=vendor.facts.name,
            grant=grant,
            data_types=allowed,
            refused=vendor.facts.shareable - set(allowed),
        )
    except AccountAlreadyLinked as error:
        own = getattr(error, "reason", None) == "other_account"
        stop = PageStop(ANOTHER_ACCOUNT_LINKED if own else LINKED_BY_ANOTHER, provider=vendor.facts)
    raise stop
