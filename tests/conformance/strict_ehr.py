"""A FHIR server as any client sees it, over plain HTTP: what it holds of a patient, and history.

Belongs here: reading, and making the Patients that tests need. Not here: anything of the product,
which is what these tests judge.
"""

from collections import Counter
from decimal import Decimal

import requests
import simplejson

PAGE = "200"
TIMEOUT_SECONDS = 60
CONTENT = {"Content-Type": "application/fhir+json", "Cache-Control": "no-cache"}


class StrictEhr:
    """One server; every call raises when the server refuses it."""

    def __init__(self, url):
        self.url = url

    def new_patient(self, number):
        self.call("PUT", f"Patient/{number}", json={"resourceType": "Patient", "id": number})
        return number

    def observations(self, patient):
        """Give every Observation of the patient."""
        query = {"patient": f"Patient/{patient}", "_count": PAGE}
        page = self.call("GET", "Observation", params=query)
        found = []
        while True:
            found += [entry["resource"] for entry in page.get("entry", [])]
            following = [one["url"] for one in page["link"] if one["relation"] == "next"]
            if not following:
                return found
            page = self.call("GET", following[0])

    def versions(self, patient):
        """Count the patient's Observations by version."""
        return Counter(one["meta"]["versionId"] for one in self.observations(patient))

    def history(self, observation):
        """Give every version of an Observation, the oldest first."""
        page = self.call("GET", f"Observation/{observation}/_history")
        return [entry["resource"] for entry in page["entry"]][::-1]

    def put(self, resource):
        """Write a resource as somebody else would."""
        text = simplejson.dumps(resource, use_decimal=True)
        self.call("PUT", f"{resource['resourceType']}/{resource['id']}", data=text)

    def call(self, method, path, **more):
        url = path if path.startswith("http") else f"{self.url}/{path}"
        answer = requests.request(method, url, headers=CONTENT, timeout=TIMEOUT_SECONDS, **more)
        answer.raise_for_status()
        return answer.json(parse_float=Decimal)


def errors_of(referee, resource_text):
    """Give what the validator has against a resource."""
    answer = requests.post(referee, data=resource_text, headers=CONTENT, timeout=TIMEOUT_SECONDS)
    assert answer.status_code in {200, 422}, answer.text
    return [
        f"{one.get('expression')}: {one['diagnostics']}"
        for one in answer.json()["issue"]
        if one["severity"] in {"error", "fatal"}
    ]
