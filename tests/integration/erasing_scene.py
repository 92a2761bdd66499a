"""An EHR with what was written for two links of one patient, and what others wrote beside it.

Belongs here: writing it as the product does, and reading it as anybody can. Not here: erasing.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import requests
from werkzeug.wrappers import Request, Response

from ohx_pipelines.fhir.client import connect
from ohx_pipelines.fhir.connection import FhirConnection
from ohx_pipelines.fhir.context import PublishContext
from ohx_pipelines.fhir.governance.associations import build_association
from ohx_pipelines.fhir.governance.consent import build_consent
from ohx_pipelines.fhir.governance.definitions import build_definition
from ohx_pipelines.fhir.governance.devices import build_device, build_software
from ohx_pipelines.fhir.governance.provenance import Activity, build_provenance
from ohx_pipelines.fhir.mapping import load_mapping
from ohx_pipelines.fhir.observations import build_observations
from ohx_pipelines.fhir.publish import Publisher
from ohx_pipelines.measurements import Metric, to_frame
from ohx_pipelines.unlinking import finish_without_vendor
from tests.unit.made_up import SCALE, cuff, grant, weighing

SECRET = b"i" * 40
WHO = "operator test"
FIRST = date(2026, 11, 1)
SINCE = datetime(2026, 11, 1, 8, tzinfo=UTC)
UNTIL = datetime(2026, 11, 20, 8, tzinfo=UTC)
# By hand: a day has a weighing with a BMI, another weighing and a blood pressure.
A_DAY = 4
ERASED = ("Observation", "Provenance", "DeviceAssociation", "Consent")
SHARED = ("Device", "DeviceDefinition")
MAPPING = load_mapping()


def readings(days):
    return [one for n in range(days) for one in _day(FIRST + timedelta(days=n))]


def _day(day):
    morning = weighing(day)
    index = replace(morning, metric=Metric.BODY_MASS_INDEX, value=Decimal("23.1"), unit="kg/m2")
    return [morning, index, weighing(day, "72.10", record="2", hour=20), *cuff(day)]


def linked(store, url, patient, *, vendor="acme", account="ada", ended=True, **connection):
    """Give the id of a link in the store that has ended, or of one that lives."""
    ehr = store.save_ehr(
        name="clinic", url=url, auth="none", username=None, credential=None, timeout_seconds=30
    )
    store.set_write_mode("clinic", connection.get("mode", "put-id"))
    who = store.patient_signed_in(
        ehr_connection_id=ehr.id, fhir_id=patient, issuer="https://login.example", subject=account
    )
    link = store.save_link(
        patient_id=who.id, provider=vendor, grant=grant(account), data_types=["body"]
    )
    store.confirm_link(link.id, zone=ZoneInfo("Europe/Berlin"))
    if ended:
        end(store, link.id)
    return link.id


def end(store, link, *, told=True):
    """End a link; `told` is whether the EHR knows of it."""
    store.begin_unlink(link, who=WHO)
    finish_without_vendor(store, link, who=WHO)
    if told:
        store.note_record_written(link, store.record_to_copy(link).version)


def write(url, patient, link, *, vendor="acme", mode="put-id", days=3):
    """Write all that the product writes for a link; gives the resources as they were built."""
    context = PublishContext(
        vendor=vendor,
        vendor_user=f"user-{patient}",
        patient=patient,
        secret=SECRET,
        source=f"https://open-health-exchange.org/fhir/source/{vendor}",
        now=datetime(2027, 1, 1, tzinfo=UTC),
        link=link,
        run="run-1",
    )
    built = build_observations(to_frame(readings(days)), mapping=MAPPING, context=context)
    observations = [one.resource for one in built.desired]
    maker = {"model": SCALE.model, "kind": SCALE.kind, "manufacturer": "Acme", "context": context}
    device = {"device": SCALE.device, "kind": SCALE.kind, "context": context, "since": SINCE}
    resources = [
        build_software(context=context),
        build_definition(**maker),
        build_device(device=SCALE.device, **maker),
        build_association(**device, until=UNTIL),
        build_consent(
            context=context,
            title="Acme",
            data_types=[("body", "weight")],
            since=SINCE,
            until=UNTIL,
        ),
        *observations,
        build_provenance(
            activity=Activity.CREATE,
            targets=[f"Observation/{one['id']}" for one in observations],
            revisions={},
            context=context,
            title="Acme",
            mapping_version=1,
            recorded=UNTIL,
        ),
    ]
    client = connect(FhirConnection(url=url))
    try:
        written = Publisher(client, write_mode=mode).ensure(_in_turn(resources))
    finally:
        client.close()
    assert written.reasons == {}
    return resources


def _in_turn(resources):
    """Those that others refer to first."""
    derived = [one for one in resources if "derivedFrom" in one]
    last = [one for one in resources if one["resourceType"] == "Provenance"]
    first = [one for one in resources if one not in derived and one not in last]
    return [*first, *derived, *last]


class Ehr:
    """The EHR as any client sees it: what it holds of a patient, and putting something there."""

    def __init__(self, url):
        self.url = url

    def call(self, method, path, **more):
        return requests.request(method, f"{self.url}/{path}", timeout=60, **more)

    def new_patient(self, name):
        self.put({"resourceType": "Patient", "id": name})
        return name

    def put(self, resource):
        name = f"{resource['resourceType']}/{resource['id']}"
        answer = self.call("PUT", name, json=resource)
        assert answer.status_code in {200, 201}, answer.text
        return name

    def read(self, name):
        answer = self.call("GET", name)
        return answer.json() if answer.status_code == 200 else None

    def held(self, kind, **query):
        """Every resource of a type, by name."""
        query.setdefault("_count", "500")
        page = self.call("GET", kind, params=query).json()
        found = [one["resource"] for one in page.get("entry", [])]
        assert not [one for one in page["link"] if one["relation"] == "next"]
        return {f"{kind}/{one['id']}": one for one in found}

    def of_link(self, patient, link):
        """All that carries a link's tag, by name."""
        found = {}
        for kind in ERASED:
            found |= self.held(kind, patient=f"Patient/{patient}")
        tag = {"system": "https://open-health-exchange.org/fhir/sid/link", "code": link}
        return {
            name: one
            for name, one in found.items()
            if any(tag.items() <= label.items() for label in one["meta"].get("tag", []))
        }


def status(resource):
    found = resource.get("status")
    return found["coding"][0]["code"] if isinstance(found, dict) else found


class Forwarder:
    """A WSGI application that asks the real EHR; `before` and `after` hear each POST.

    They are given its number and what was sent. `unknown` are resource types that it does not keep;
    `refuse` gives the status that a request is refused with, by method and what was sent.
    """

    def __init__(self, url, before=None, after=None, unknown=(), refuse=lambda *_: None):
        self.base, self.posts, self.unknown = url.removesuffix("/fhir"), 0, unknown
        self.refuse, self.asked = refuse, []
        self.before, self.after = before, after

    def __call__(self, environ, start_response):
        request = Request(environ)
        body = request.get_data(cache=True)
        if request.method == "POST":
            self.posts += 1
            if self.before:
                self.before(self.posts, request.get_json(force=True))
        if request.path.rpartition("/")[2] in self.unknown:
            return Response(status=404)(environ, start_response)
        self.asked.append(request.method)
        refused = self.refuse(request.method, body.decode())
        if refused:
            return Response(status=refused)(environ, start_response)
        kept = {"Host": request.host} | {
            name: value
            for name, value in request.headers.items()
            if name in {"Accept", "Content-Type", "If-Match"}
        }
        answer = requests.request(
            request.method,
            self.base + request.full_path.rstrip("?"),
            data=body,
            headers=kept,
            timeout=60,
        )
        if request.method == "POST" and self.after:
            self.after(self.posts, request.get_json(force=True))
        response = Response(
            answer.content,
            answer.status_code,
            content_type=answer.headers["Content-Type"] if answer.content else None,
        )
        return response(environ, start_response)
