"""The one exception tree, chosen by what the caller should do next.

Belongs here: every exception the product raises on purpose. Not here: texts from outside (a
vendor's or a server's answer, a URL, a value), which never enter an exception of ours.

    OhxError
    ├── ConfigurationError     the operator changes a setting, then starts again
    ├── NotFound               the caller named something that does not exist
    ├── VaultError             a stored secret cannot be opened: wrong key or changed row
    ├── AccountAlreadyLinked   another link of this deployment holds the vendor account
    ├── BreakerOpen            not asked: it just failed for others (the outcome it had for them)
    ├── VendorError            what a vendor's cloud did; ends a day with the outcome of its code
    │   ├── AuthLost           the patient links again          (auth_lost)
    │   │   └── RefusedOnce    ask once more after a pause, then believe it
    │   ├── NotConsented       nothing is asked of the vendor   (not_consented)
    │   ├── RateLimited        wait, then run the days again    (rate_limited)
    │   │   └── BudgetSpent    not asked: its turn would have come too late
    │   ├── VendorDown         run the days again later         (vendor_down)
    │   ├── VendorRejected     our request is wrong: report it  (vendor_rejected)
    │   │   ├── AccountWithoutData   the patient sets the vendor's app up, then links again
    │   │   └── ServiceDisabled      the operator turns the vendor's API on for the application
    │   └── Malformed          the answer cannot be read        (malformed)
    └── EhrError               what the EHR did
        ├── EhrDown            run the days again later         (ehr_down)
        ├── EhrConflict        another writer was there: read again, decide again
        │   └── WriterBusy     another process writes for this patient: run the days again
        ├── EhrMalformed       the answer cannot be read (malformed)
        └── EhrRejected        mapping, rights or configuration of the EHR (ehr_rejected)
            ├── SignInRefused        no token is given: client id, key, secret or scope (ehr_auth)
            ├── CredentialsRefused   401: the operator gives the credentials again
            ├── RightsMissing        403: the EHR grants this client more
            ├── ClientIdsRefused     the operator chooses another write mode (`ohx ehr check`)
            ├── DeviceRefused        the EHR refuses what all readings refer to, or has it twice
            ├── ProvenanceRefused    readings were written, why they changed could not be
            └── PagesElsewhere       the operator sets the address that the EHR uses itself
"""

from __future__ import annotations

from dataclasses import dataclass


class OhxError(Exception):
    """Root of all errors raised on purpose.

    `code` is a stable word for tables and metadata, `retryable` says whether the same call may
    succeed later, `status` is the HTTP (or vendor) status where there was one, `attempts` how often
    the call was tried, `detail` a word that says more than the code, where there is one.
    """

    code = "error"
    retryable = False
    detail: str | None = None

    def __init__(self, message: str = "", *, status: int | None = None) -> None:
        super().__init__(message or self.code)
        self.status = status
        self.attempts = 1


def word_for(error: Exception) -> str:
    """Give the word by which ledger and metadata name an error; never its text."""
    return (error.detail or error.code) if isinstance(error, OhxError) else type(error).__name__


class ConfigurationError(OhxError):
    """A setting is missing or wrong; the message names it and says what to do."""

    code = "configuration"


class NotFound(OhxError):
    """What the caller named does not exist."""

    code = "not_found"


class VaultError(OhxError):
    """A stored secret cannot be opened with the key at hand, or its row was changed."""

    code = "vault"


class AccountAlreadyLinked(OhxError):
    """The vendor account belongs to another link of this deployment."""

    code = "account_already_linked"


class BreakerOpen(OhxError):
    """Nothing was asked: vendor or EHR just failed for others. `code` is how it failed for them."""

    retryable = True
    detail = "breaker_open"

    def __init__(self, code: str) -> None:
        super().__init__("it just failed for other links")
        self.code = code
        self.attempts = 0


class VendorError(OhxError):
    """A vendor's cloud did not give what was asked."""

    code = "vendor_down"


class AuthLost(VendorError):
    """The vendor no longer accepts the link's tokens; only the patient can mend it."""

    code = "auth_lost"


class RefusedOnce(AuthLost):
    """The vendor refused to refresh the tokens, for the first time: it may be a passing fault."""

    detail = "refused_once"


class NotConsented(VendorError):
    """Nothing was asked of the vendor: the link has ended, or its scopes do not cover the call."""

    code = "not_consented"


class ScopeMissing(NotConsented):
    """The granted scopes do not cover the call."""

    detail = "scope_missing"


class RateLimited(VendorError):
    """The vendor wants a pause of `wait_seconds` (None when it did not say how long)."""

    code = "rate_limited"
    retryable = True

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        wait_seconds: float | None = None,
    ) -> None:
        super().__init__(message, status=status)
        self.wait_seconds = wait_seconds


class BudgetSpent(RateLimited):
    """Nothing was asked: our own turn to call would have come too late.

    `free_in_seconds` is when it would come. No `wait_seconds`: the vendor asked for no pause, and
    whoever got this has waited as long as is worth while.
    """

    detail = "budget_spent"

    def __init__(self, *, free_in_seconds: float) -> None:
        super().__init__("the turn of this call would come too late")
        self.free_in_seconds = free_in_seconds
        self.attempts = 0


class VendorDown(VendorError):
    """No answer, a time-out, or an error of the vendor's own."""

    code = "vendor_down"
    retryable = True


class VendorRejected(VendorError):
    """The vendor refuses the request as it is: parameters, scope or plan."""

    code = "vendor_rejected"


class AccountWithoutData(VendorRejected):
    """The account is the vendor's, but was never set up for what we read."""

    detail = "account_not_linked"


class ServiceDisabled(VendorRejected):
    """The application is known, but the vendor's API is not turned on for it."""

    detail = "service_disabled"


class Malformed(VendorError):
    """The answer is not what the vendor documents; nothing is concluded from it."""

    code = "malformed"


@dataclass(frozen=True, kw_only=True)
class Issue:
    """What may be told of one issue of an EHR's OperationOutcome: never a text or a value.

    `code` is FHIR's issue type (`http_422` and the like where none was given), `reason` a class of
    `fhir/refusal_reasons.py`, `expression` a path of element names and indices within the resource,
    `profile` the name of an R5 profile, `entry` the Bundle's entry that it is about.
    """

    code: str
    reason: str
    expression: str | None = None
    profile: str | None = None
    entry: int | None = None


class EhrError(OhxError):
    """The EHR did not do what was asked; `issues` say why, where it said so."""

    code = "ehr_down"
    issues: tuple[Issue, ...] = ()


class EhrDown(EhrError):
    """No answer, a time-out, 408, 425, 429 or 5xx; `retry_after_seconds` where it was said."""

    code = "ehr_down"
    retryable = True

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        retry_after_seconds: float | None = None,
    ) -> None:
        super().__init__(message, status=status)
        self.retry_after_seconds = retry_after_seconds


class EhrConflict(EhrError):
    """409 or 412: another writer was there first."""

    code = "ehr_rejected"
    retryable = True


class WriterBusy(EhrConflict):
    """Another process of ours writes for the same patient, and did so longer than we wait."""

    detail = "writer_busy"


class EhrMalformed(EhrError):
    """The answer is no FHIR; what was asked may or may not have been done."""

    code = "malformed"


class EhrRejected(EhrError):
    """Any other refusal: rights, an invalid resource, an unknown reference."""

    code = "ehr_rejected"


class SignInRefused(EhrRejected):
    """Nobody gives us a token with what the connection holds; the message says what to do."""

    detail = "ehr_auth"


class CredentialsRefused(EhrRejected):
    """401, also after the token was renewed once."""

    detail = "credentials_refused"


class RightsMissing(EhrRejected):
    """403: the credentials are known, but a scope or a permission is missing."""

    detail = "rights_missing"


class ClientIdsRefused(EhrRejected):
    """The EHR lets no client choose ids: write mode `put-id` is not for it."""

    detail = "client_ids_refused"


class DeviceRefused(EhrRejected):
    """The device that a window's readings refer to is refused, or is in the EHR several times."""

    detail = "device_refused"


class ProvenanceRefused(EhrRejected):
    """Readings were written, but the EHR refuses the Provenance that says why."""

    detail = "provenance_refused"


class PagesElsewhere(EhrRejected):
    """The EHR's next page is at another address, to which our credentials do not go."""

    detail = "pages_elsewhere"
