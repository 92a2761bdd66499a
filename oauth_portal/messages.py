"""What the portal says when a visit ends on a page of its own, and with which status.

Belongs here: one StatePage per thing that can happen, in plain words: what happened, what to do.
Not here: when it happens. Nothing that came with a request ever becomes part of a text.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from ohx_pipelines.providers.base import ProviderFacts


@dataclass(frozen=True)
class StatePage:
    """A page's code, status and words; `{vendor}` and `{clinic}` stand for titles of ours."""

    code: str
    status: HTTPStatus
    heading: str
    happened: str
    advice: str


class PageStop(Exception):
    """Ends a request on a state page. `retry` is the address of its button, when it has one."""

    def __init__(
        self,
        page: StatePage,
        *,
        provider: ProviderFacts | None = None,
        retry: str | None = None,
    ) -> None:
        super().__init__(page.code)
        self.page = page
        self.provider = provider
        self.retry = retry


# Signing in.
SIGN_IN_CANCELLED = StatePage(
    "sign_in_cancelled",
    HTTPStatus.FORBIDDEN,
    "You are not signed in",
    "The sign-in was cancelled or not allowed.",
    "Start again when you are ready. If you cannot sign in, ask {clinic}.",
)
SIGN_IN_EXPIRED = StatePage(
    "sign_in_expired",
    HTTPStatus.BAD_REQUEST,
    "Please sign in again",
    "This sign-in was already used, took too long, or was started in another browser.",
    "Go back and sign in once more.",
)
SIGN_IN_FAILED = StatePage(
    "sign_in_failed",
    HTTPStatus.BAD_GATEWAY,
    "The sign-in did not work",
    "The sign-in service gave an answer that we cannot accept. This is not your fault.",
    "Try again. If it happens a second time, tell {clinic}.",
)
SIGN_IN_UNAVAILABLE = StatePage(
    "sign_in_unavailable",
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Signing in is not possible right now",
    "The sign-in service does not answer.",
    "Try again in a few minutes. Your connected devices are not affected.",
)
NO_RECORD_NAMED = StatePage(
    "no_record_named",
    HTTPStatus.FORBIDDEN,
    "We cannot tell which record is yours",
    "You are known to the sign-in service, but it does not name a patient record for you.",
    "Ask {clinic} to link your sign-in to your record, then come back.",
)
OTHER_EHR = StatePage(
    "other_ehr",
    HTTPStatus.FORBIDDEN,
    "Your record is kept somewhere else",
    "Your sign-in belongs to a record system that this page does not serve.",
    "Ask {clinic} for the address of the right page.",
)
RECORD_UNKNOWN = StatePage(
    "record_unknown",
    HTTPStatus.FORBIDDEN,
    "We cannot find your record",
    "There is no patient record for your sign-in in the record system.",
    "Ask {clinic} to check your record, then come back. Nothing was created or changed.",
)
RECORD_CHANGED = StatePage(
    "record_changed",
    HTTPStatus.CONFLICT,
    "Your sign-in now belongs to another record",
    "The last time you were here, your sign-in belonged to a different patient record.",
    "Ask {clinic} to check which one is yours. Until then nothing can be changed here.",
)
EHR_UNAVAILABLE = StatePage(
    "ehr_unavailable",
    HTTPStatus.SERVICE_UNAVAILABLE,
    "Your record cannot be checked right now",
    "The record system does not answer.",
    "Try again later. Your connected devices are not affected.",
)
EHR_REFUSED = StatePage(
    "ehr_refused",
    HTTPStatus.BAD_GATEWAY,
    "Your record cannot be checked right now",
    "The record system refused our question. This is not your fault.",
    "Try again later. If it happens again, tell {clinic}.",
)
# Connecting an account.
SIGNED_OUT = StatePage(
    "signed_out",
    HTTPStatus.FORBIDDEN,
    "You were signed out meanwhile",
    "You were away for too long, or came back in another browser. Nothing was connected.",
    "Sign in again, then connect {vendor} once more.",
)
SIGN_IN_FIRST = StatePage(
    "sign_in_first",
    HTTPStatus.UNAUTHORIZED,
    "Please sign in",
    "This needs a sign-in, and yours has ended.",
    "Sign in, then try again.",
)
RETURN_INCOMPLETE = StatePage(
    "return_incomplete",
    HTTPStatus.BAD_REQUEST,
    "Something is missing",
    "The way back from {vendor} was incomplete. Nothing was connected.",
    "Start again from your devices.",
)
STATE_UNKNOWN = StatePage(
    "state_unknown",
    HTTPStatus.BAD_REQUEST,
    "We did not start this",
    "You came back from {vendor}, but we know of no connection that was being made.",
    "Start again from your devices.",
)
STATE_USED = StatePage(
    "state_used",
    HTTPStatus.BAD_REQUEST,
    "This step was already done",
    "Each way back from {vendor} works only once, and this one was used.",
    "Look at your devices: the account may be connected already.",
)
STATE_EXPIRED = StatePage(
    "state_expired",
    HTTPStatus.BAD_REQUEST,
    "That took too long",
    "More than ten minutes passed since you left for {vendor}. Nothing was connected.",
    "Connect {vendor} once more.",
)
STATE_FOREIGN = StatePage(
    "state_foreign",
    HTTPStatus.FORBIDDEN,
    "This was started by somebody else",
    "The connection was started in another browser or another sign-in. Nothing was connected.",
    "Connect {vendor} from here, in this browser.",
)
LINK_CANCELLED = StatePage(
    "link_cancelled",
    HTTPStatus.OK,
    "You cancelled; nothing was connected",
    "{vendor} told us that you did not give permission.",
    "That is fine. You can connect whenever you like.",
)
VENDOR_REFUSED = StatePage(
    "vendor_refused",
    HTTPStatus.BAD_GATEWAY,
    "{vendor} could not do this",
    "{vendor} reported a problem of its own. Nothing was connected.",
    "Try again. If it happens a second time, tell {clinic}.",
)
VENDOR_DOWN = StatePage(
    "vendor_down",
    HTTPStatus.SERVICE_UNAVAILABLE,
    "{vendor} does not answer right now",
    "We could not finish with {vendor}. Nothing was connected.",
    "Try again in a few minutes.",
)
CODE_REJECTED = StatePage(
    "code_rejected",
    HTTPStatus.BAD_GATEWAY,
    "{vendor} did not accept the connection",
    "The permission you gave could not be used, most often because it took too long to arrive.",
    "Connect {vendor} once more. If it happens again, tell {clinic}.",
)
PERMISSION_MISSING = StatePage(
    "permission_missing",
    HTTPStatus.FORBIDDEN,
    "A permission is missing",
    "What you allowed at {vendor} is not enough to read anything. Nothing was connected.",
    "Connect {vendor} again and tick at least your settings, where they are asked for, and what you"
    " want to share. You can tick every box: what is shared, you choose here.",
)
ACCOUNT_WITHOUT_DATA = StatePage(
    "account_without_data",
    HTTPStatus.CONFLICT,
    "This account has no {vendor} data yet",
    "The account that you signed in with was never used with {vendor}. Nothing was connected.",
    "Open the {vendor} app with this account once, then connect again. If your readings are in"
    " another account, sign out at {vendor} first and connect with that one.",
)
LINKED_BY_ANOTHER = StatePage(
    "linked_by_another",
    HTTPStatus.CONFLICT,
    "Another patient has connected this account",
    "This {vendor} account already belongs to another patient's record. Nothing was connected.",
    "If someone in your family is still signed in at {vendor}, sign out there first, then connect"
    " with your own account. Otherwise ask {clinic}.",
)
ANOTHER_ACCOUNT_LINKED = StatePage(
    "another_account_linked",
    HTTPStatus.CONFLICT,
    "You have connected another account",
    "A different {vendor} account is already connected to your record, and it stays connected.",
    "To renew it, sign in at {vendor} with that same account. To change accounts, disconnect the"
    " connected one first.",
)
NOT_MINE = StatePage(
    "not_mine",
    HTTPStatus.OK,
    "The account was not connected",
    "We have deleted the access to that {vendor} account. Nothing was carried over.",
    "Sign out at {vendor} first, or open a private window, then connect with your own account.",
)
ACCOUNT_UNREADABLE = StatePage(
    "account_unreadable",
    HTTPStatus.SERVICE_UNAVAILABLE,
    "{vendor} does not answer right now",
    "We could not ask {vendor} which account this is. Your permission is kept.",
    "Try again in a few minutes; you do not need to connect again.",
)
ACCOUNT_REFUSED = StatePage(
    "account_refused",
    HTTPStatus.BAD_GATEWAY,
    "{vendor} no longer accepts the permission",
    "The permission was withdrawn or has run out before you confirmed the account.",
    "Connect {vendor} once more.",
)
# Everything else.
FORM_EXPIRED = StatePage(
    "form_expired",
    HTTPStatus.BAD_REQUEST,
    "This page is too old",
    "The form you sent was opened in another sign-in or did not come from this page.",
    "Go back to the start and try again. Nothing was changed.",
)
BAD_REQUEST = StatePage(
    "bad_request",
    HTTPStatus.BAD_REQUEST,
    "We did not understand that",
    "Something about the request was not right.",
    "Go back to the start and try again.",
)
NOT_FOUND = StatePage(
    "not_found",
    HTTPStatus.NOT_FOUND,
    "Page not found",
    "There is no such page, or it is not yours to see.",
    "If you typed the address, check it. Otherwise go back to the start.",
)
METHOD_NOT_ALLOWED = StatePage(
    "method_not_allowed",
    HTTPStatus.METHOD_NOT_ALLOWED,
    "This address cannot be opened like that",
    "The address exists, but not for this kind of request.",
    "Go back to the start and use the buttons there.",
)
NOT_ACCEPTABLE = StatePage(
    "not_acceptable",
    HTTPStatus.NOT_ACCEPTABLE,
    "Unknown version",
    "This version of the API does not exist.",
    "Ask for application/vnd.ohx.v1+json.",
)
TOO_LARGE = StatePage(
    "too_large",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "That was too much",
    "The request was larger than this page accepts.",
    "Go back to the start and try again.",
)
UNEXPECTED = StatePage(
    "unexpected",
    HTTPStatus.INTERNAL_SERVER_ERROR,
    "Sorry, there is a problem with this page",
    "Something went wrong on our side. Your connected devices are not affected.",
    "Try again later. If it happens again, tell {clinic}, with this number:",
)
HTTP_PAGES = {
    page.status.value: page
    for page in (BAD_REQUEST, NOT_FOUND, METHOD_NOT_ALLOWED, NOT_ACCEPTABLE, TOO_LARGE)
}
