"""What the sandbox's EHR holds of a link besides readings, seen from outside, and who copies it.

Belongs here: reading Consents and DeviceAssociations by the link's tag, and LinkRecords on the real
client. Not here: what a test expects.
"""

from contextlib import ExitStack, closing
from datetime import datetime

import requests

from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.link_record import LinkRecords
from ohx_pipelines.links.writer_lock import WriterLocks
from ohx_pipelines.opening import ehr_client

LINK_TAG = "https://open-health-exchange.org/fhir/sid/link"
SECRET = b"s" * 40


class Copies:
    """LinkRecords on real clients, which are closed at the end; `wrap` may stand before each Publisher."""

    def __init__(self, store, providers, *, wrap=lambda publisher: publisher):
        self._clients = ExitStack()
        self._locks = WriterLocks(store.engine.url.render_as_string(hide_password=False))
        self._wrap = wrap
        self.records = LinkRecords(
            store=store, providers=providers, publisher=self._publisher, secret=SECRET
        )

    def _publisher(self, connection):
        client = self._clients.enter_context(closing(ehr_client(connection)))
        return self._wrap(
            Publisher(
                client,
                write_mode=connection.write_mode,
                writer_lock=self._locks.for_ehr(connection.id),
                leave_out=connection.leave_out,
            )
        )

    def close(self):
        self._clients.close()


class SeenEhr:
    """The EHR as its own staff sees it."""

    def __init__(self, url):
        self.url = url

    def of_link(self, resource_type, link):
        """Give the patient's resources of the type that carry the link's tag, oldest first."""
        answer = requests.get(
            f"{self.url}/{resource_type}",
            params={"patient": f"Patient/{link.patient.fhir_id}", "_count": 200},
            timeout=10,
        ).json()
        found = [entry["resource"] for entry in answer.get("entry", [])]
        return [one for one in found if (LINK_TAG, link.id) in _tags(one)]

    def consent(self, link):
        [found] = self.of_link("Consent", link)
        return found

    def versions(self, resource):
        """Give every version of a resource, oldest first."""
        path = f"{resource['resourceType']}/{resource['id']}/_history"
        answer = requests.get(f"{self.url}/{path}", timeout=10).json()
        found = [entry["resource"] for entry in answer["entry"]]
        return sorted(found, key=lambda one: int(one["meta"]["versionId"]))

    def is_closed(self, link, *, at):
        """Tell whether everything that the EHR holds of the link ended at that moment."""
        consent, associations = self.consent(link), self.of_link("DeviceAssociation", link)
        ends = [one["period"].get("end") for one in (consent, *associations)]
        return (
            consent["status"] == "inactive"
            and all(end and datetime.fromisoformat(end) == at for end in ends)
            and all(_reason(one) == "disconnected" for one in associations)
        )

    def is_open(self, link):
        """Tell whether everything that the EHR holds of the link goes on."""
        consent, associations = self.consent(link), self.of_link("DeviceAssociation", link)
        ends = [one["period"].get("end") for one in (consent, *associations)]
        return consent["status"] == "active" and not any(ends) and bool(associations)


def asked_at(store, link):
    """When the link's owner asked to end it, in the log's words, as FHIR carries it."""
    return store.statuses(link_id=link.id)[0].unlink_asked_at.replace(microsecond=0)


def _tags(resource):
    return [(one.get("system"), one.get("code")) for one in resource["meta"].get("tag", [])]


def _reason(association):
    return association["statusReason"][0]["coding"][0]["code"]
