"""Codes that a strict server knows: required bindings and HL7's own code systems.

Belongs here: tables. Not here: where they are applied (`rules.py`). Source: the ValueSets of R5.
"""

from __future__ import annotations


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


# The end of an element's path -> its codes. The schema accepts any code at these places.
REQUIRED_CODES: dict[str, frozenset[str]] = {
    path: _codes(codes)
    for path, codes in {
        "Observation.status": "registered preliminary final amended corrected cancelled "
        "entered-in-error unknown",
        "Observation.triggeredBy.type": "reflex repeat re-run",
        "Device.status": "active inactive entered-in-error",
        "Device.name.type": "registered-name user-friendly-name patient-reported-name",
        "DeviceDefinition.deviceName.type": "registered-name user-friendly-name "
        "patient-reported-name",
        "Consent.status": "draft active inactive not-done entered-in-error unknown",
        "Consent.decision": "deny permit",
        "Consent.provision.data.meaning": "instance related dependents authoredby",
        "Provenance.entity.role": "revision quotation source instantiates removal",
        "AuditEvent.action": "C R U D E",
        "AuditEvent.severity": "emergency alert critical error warning notice informational debug",
        "Patient.gender": "male female other unknown",
        "Bundle.type": "document message transaction transaction-response batch batch-response "
        "history searchset collection subscription-notification",
        "identifier.use": "usual official temp secondary old",
        "name.use": "usual official temp nickname anonymous old maiden",
        "telecom.use": "home work temp old mobile",
        "telecom.system": "phone fax email pager url sms other",
        "address.use": "home work temp old billing",
        "address.type": "postal physical both",
        "text.status": "generated extensions additional empty",
        "comparator": "< <= >= > ad",
    }.items()
}

# Required, but a CodeableConcept: at least one coding must be of this system and list.
REQUIRED_CONCEPTS: dict[str, tuple[str, frozenset[str]]] = {
    "DeviceAssociation.status": (
        "http://hl7.org/fhir/deviceassociation-status",
        _codes("implanted explanted attached entered-in-error unknown"),
    ),
    "DeviceAssociation.statusReason": (
        "http://hl7.org/fhir/deviceassociation-status-reason",
        _codes("attached disconnected failed placed replaced"),
    ),
}

# A known system makes an unknown code an error, however loose the binding.
CODE_SYSTEMS: dict[str, frozenset[str]] = {
    system: _codes(codes)
    for system, codes in {
        "http://terminology.hl7.org/CodeSystem/observation-category": "social-history vital-signs "
        "imaging laboratory procedure survey exam therapy activity",
        "http://terminology.hl7.org/CodeSystem/data-absent-reason": "unknown asked-unknown "
        "temp-unknown not-asked asked-declined masked not-applicable unsupported as-text error "
        "not-a-number negative-infinity positive-infinity not-performed not-permitted",
        "http://hl7.org/fhir/deviceassociation-operationstatus": "on off standby defective unknown",
        "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle": "access hold amend archive "
        "attest decrypt deidentify deprecate destroy disclose encrypt extract link merge originate "
        "pseudonymize reactivate receive reidentify unhold report restore transform transmit "
        "unlink unmerge verify",
        "http://terminology.hl7.org/CodeSystem/provenance-participant-type": "enterer performer "
        "author editor verifier legal attester informant custodian transmitter assembler "
        "transformer composer",
        "http://terminology.hl7.org/CodeSystem/consentaction": "collect access use disclose "
        "correct",
        "http://hl7.org/fhir/device-category": "active communicating dme home-use implantable "
        "in-vitro point-of-care single-use reusable software",
    }.items()
}
