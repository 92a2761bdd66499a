"""The subscriber of this deployment: one address that Google tells of changes, and of which data types.

Belongs here: registering it, keeping it as it should be, taking it away. Not here: whose changes it is
told of (`subscriptions.py`), or reading what is told (`delivered.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from ohx_pipelines.errors import VendorDown, VendorRejected
from ohx_pipelines.providers.google_health.administration import Administration, Order

PATH = "/subscribers"
# Not AUTOMATIC: that would tell of everybody and of everything, whatever a patient shares.
MANUAL = "MANUAL"
ACTIVE = "ACTIVE"
URI, CONFIGS, AUTHORIZATION = "endpointUri", "subscriberConfigs", "endpointAuthorization"
CONFLICT, NOT_FOUND = 409, 404


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """What Google has registered; the secret is never told back."""

    id: str
    url: str = field(repr=False)
    types: frozenset[str]
    is_active: bool

    def sends_to(self, url: str) -> bool:
        """Tell whether anything is sent to this address."""
        return self.is_active and self.url == url


class Subscribers:
    """The subscribers of the project, of which one, by its id, is ours."""

    def __init__(self, administration: Administration, *, own: str, authorization: str) -> None:
        """Take `own` as the id of ours; `authorization` is what Google shall prove itself with."""
        self._administration = administration
        self._own = own
        self._authorization = authorization

    def all(self) -> list[Subscriber]:
        """List the project's subscribers; other deployments may have theirs."""
        rows = self._administration.rows(PATH, "subscribers", {})
        return [_subscriber(row) for row in rows]

    def own(self) -> Subscriber | None:
        """Give ours, None when it is not registered."""
        return next((one for one in self.all() if one.id == self._own), None)

    def ensure(self, *, url: str, types: Collection[str]) -> None:
        """Have just these data types told to this address.

        Meanwhile Google asks the address twice, with the secret and without. Raises VendorRejected
        when it is not answered as it should be, VendorDown while Google has not taken note.
        """
        found, wanted = self.own(), frozenset(types)
        if found is None:
            self._create(url, wanted)
        elif not found.sends_to(url):
            self._change(URI, CONFIGS, AUTHORIZATION, url=url, types=wanted)
        elif found.types != wanted:
            # The address is not named, so that it is not asked again.
            self._change(CONFIGS, url=url, types=wanted)
        else:
            return
        # The answer may be of an operation that has not ended: what is listed then is what counts.
        made = self.own()
        if made is None or not made.sends_to(url) or made.types != wanted:
            message = "Google has not taken note of the subscriber yet"
            raise VendorDown(message)

    def prove(self) -> None:
        """Give Google the secret anew: which one it holds it does not tell, and ours may be another.

        Google asks the address meanwhile, as in `ensure`.
        """
        self._change(AUTHORIZATION, url="", types=frozenset())

    def delete(self) -> None:
        """Take ours away with all its subscriptions; one that is not there is as good as gone."""
        order = Order(method="DELETE", path=f"{PATH}/{self._own}", params={"force": "true"})
        try:
            _check(self._administration.request(order))
        except VendorRejected as error:
            if error.status != NOT_FOUND:
                raise

    def _create(self, url: str, types: frozenset[str]) -> None:
        order = Order(
            method="POST",
            path=PATH,
            params={"subscriberId": self._own},
            body=self._fields(url, types),
        )
        try:
            _check(self._administration.request(order))
        except VendorRejected as error:
            # Another process was faster.
            if error.status != CONFLICT:
                raise

    def _change(self, *fields: str, url: str, types: frozenset[str]) -> None:
        every = self._fields(url, types)
        order = Order(
            method="PATCH",
            path=f"{PATH}/{self._own}",
            params={"updateMask": ",".join(fields)},
            body={name: every[name] for name in fields},
        )
        _check(self._administration.request(order))

    def _fields(self, url: str, types: frozenset[str]) -> Mapping[str, Any]:
        return {
            URI: url,
            CONFIGS: [{"dataTypes": sorted(types), "subscriptionCreatePolicy": MANUAL}],
            AUTHORIZATION: {"secret": self._authorization},
        }


def _check(operation: Mapping[str, Any]) -> None:
    """Raise VendorRejected for an operation that has ended in an error, under HTTP 200."""
    if operation.get("error"):
        message = "Google refuses the subscriber"
        raise VendorRejected(message)


def _subscriber(row: Mapping[str, Any]) -> Subscriber:
    configs = row.get(CONFIGS)
    return Subscriber(
        id=str(row.get("name")).rpartition("/")[2],
        url=str(row.get(URI)),
        types=frozenset().union(*map(_types, configs if isinstance(configs, list) else [])),
        is_active=row.get("state") == ACTIVE,
    )


def _types(config: Any) -> frozenset[str]:
    """Give the data types of a configuration that asks for subscriptions; others are not ours."""
    if not isinstance(config, dict) or config.get("subscriptionCreatePolicy") != MANUAL:
        return frozenset()
    types = config.get("dataTypes")
    return frozenset(map(str, types)) if isinstance(types, list) else frozenset()
