"""The calls about an account itself: identity, settings, paired devices, rhythm notifications.

Belongs here: scopes and the shape of the answers. Not here: what they say (`store.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.google_health.abilities import IRN, SETTINGS
from sandbox.google_health.callers import allow
from sandbox.google_health.data_calls import STANDARD, check_names
from sandbox.google_health.paging import SIZE, TOKEN, Question
from sandbox.google_health.settings import Settings
from sandbox.google_health.store import Store
from sandbox.google_health.tokens import Grant

Json = dict[str, Any]
IDENTITY, OWN_SETTINGS, PAIRED, IRN_PROFILE = "identity", "settings", "pairedDevices", "irnProfile"
USUAL_DEVICES, MOST_DEVICES = 5, 100


@dataclass(frozen=True, kw_only=True)
class AccountCalls:
    """The calls, over the store."""

    store: Store
    settings: Settings

    def identity(self, grant: Grant, fields: Mapping[str, str]) -> Json:
        """Answer `identity`, for which any scope does."""
        check_names(fields, STANDARD)
        return self.store.identity(grant.person)

    def own_settings(self, grant: Grant, fields: Mapping[str, str]) -> Json:
        """Answer `settings`."""
        check_names(fields, STANDARD)
        return self.store.settings(allow(grant, SETTINGS))

    def paired_devices(self, grant: Grant, fields: Mapping[str, str]) -> Json:
        """Answer `pairedDevices`."""
        check_names(fields, STANDARD | {SIZE, TOKEN})
        person = allow(grant, SETTINGS)
        question = Question(login=person.login, call=PAIRED, fields=fields)
        size = question.size(USUAL_DEVICES, MOST_DEVICES, self.settings.page_size)
        return question.page(PAIRED, self.store.paired(person), size)

    def irn_profile(self, grant: Grant, fields: Mapping[str, str]) -> Json:
        """Answer `irnProfile`: everybody here is enrolled."""
        check_names(fields, STANDARD)
        allow(grant, IRN)
        return {"name": "users/me/irnProfile", "onboardingStatus": True, "enrollmentStatus": True}
