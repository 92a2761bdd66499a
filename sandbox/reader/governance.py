"""Whether devices, whose they are, and consents stand in the EHR as the vendor's accounts say.

Belongs here: Device, DeviceDefinition, DeviceAssociation and Consent. Not here: readings, and notes
about them (`provenance.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sandbox.people import Person
from sandbox.reader.ehr import EhrReader, device_names, identifier_values
from sandbox.reader.found import Resource, relative
from sandbox.reader.report import Report

# The code system of what is shared ends so; its codes are a vendor and a data type.
DATA_TYPES = "/data-types"


@dataclass(frozen=True, kw_only=True)
class Account:
    """What the vendor says of a person's devices: the model of each, by what its Device is known by.

    `is_linked` tells somebody who shares now from somebody who ended it; `shared` has the codes of the
    data types that a consent must be to, None where that is not judged.
    """

    person: Person
    models: Mapping[str, str]
    is_linked: bool
    shared: frozenset[str] | None = None


def judge_governance(
    report: Report, accounts: Sequence[Account], ehr: EhrReader, left_out: Collection[str]
) -> None:
    """Count what is wrong around the accounts of people who are linked, or were.

    `left_out` are resource types that this EHR is not given.
    """
    if "Consent" not in left_out:
        for account in accounts:
            consents = ehr.every("Consent", patient=f"Patient/{account.person.patient_id}")
            report.governance.update(_consents(account, consents))
    if "DeviceAssociation" not in left_out:
        _judge_devices(report, accounts, ehr, with_models="DeviceDefinition" not in left_out)


def _judge_devices(
    report: Report, accounts: Sequence[Account], ehr: EhrReader, *, with_models: bool
) -> None:
    held = [
        ehr.every("DeviceAssociation", patient=f"Patient/{account.person.patient_id}")
        for account in accounts
    ]
    devices = ehr.existing(_device(one) for each in held for one in each)
    others = {name for name, one in devices.items() if not ehr.may_have_written(one)}
    devices = {name: one for name, one in devices.items() if name not in others}
    for account, associations in zip(accounts, held, strict=True):
        ours = [one for one in associations if _device(one) not in others]
        report.governance.update(_associations(account, ours, devices))
    counted = Counter(value for one in devices.values() for value in set(identifier_values(one)))
    report.governance["two of a device"] += sum(count - 1 for count in counted.values())
    if with_models:
        report.governance.update(_definitions(accounts, devices, ehr))


def _definitions(
    accounts: Sequence[Account], devices: Mapping[str, Resource], ehr: EhrReader
) -> Iterator[str]:
    """Ask that each Device has its model's definition, of which there is one."""
    named = {name: _definition(one) for name, one in devices.items()}
    existing = ehr.existing(filter(None, named.values()))
    models = {value: model for account in accounts for value, model in account.models.items()}
    of_model: dict[str, set[str]] = {}
    for name, device in devices.items():
        definition = named[name]
        if definition is None or definition not in existing:
            yield "no definition"
            continue
        for value in device_names(device):
            of_model.setdefault(models.get(value, value), set()).add(definition)
    yield from ("two definitions of a model" for each in of_model.values() if len(each) > 1)


def _definition(device: Resource) -> str | None:
    return relative(device.get("definition", {}).get("reference", {}).get("reference"))


def _device(association: Resource) -> str:
    return relative(association["device"].get("reference")) or ""


def _associations(
    account: Account, associations: Sequence[Resource], devices: Mapping[str, Resource]
) -> Iterator[str]:
    held: Counter[str] = Counter()
    for one in associations:
        values = device_names(devices.get(_device(one), {}))
        known = [value for value in values if value in account.models]
        held.update(set(known))
        if not known:
            yield "association with another device"
        yield from _period(one, is_open=account.is_linked, name="association")
    for value in account.models:
        if held[value] != 1:
            yield "association missing" if held[value] == 0 else "association doubled"


def _consents(account: Account, consents: Sequence[Resource]) -> Iterator[str]:
    if len(consents) != 1:
        yield "consent doubled" if consents else "consent missing"
    status = "active" if account.is_linked else "inactive"
    for one in consents:
        if one["status"] != status:
            yield f"consent not {status}"
        if account.is_linked and one.get("decision") != "permit":
            yield "consent to nothing"
        if account.is_linked and account.shared not in {None, _permitted(one)}:
            yield "consent to other data"
        yield from _period(one, is_open=account.is_linked, name="consent")


def _permitted(consent: Resource) -> frozenset[str]:
    concepts = (code for one in consent.get("provision", []) for code in one.get("code", []))
    codings = (coding for concept in concepts for coding in concept.get("coding", []))
    return frozenset(
        coding["code"] for coding in codings if coding.get("system", "").endswith(DATA_TYPES)
    )


def _period(resource: Resource, *, is_open: bool, name: str) -> Iterator[str]:
    period = resource.get("period", {})
    if "start" not in period:
        yield f"{name} without start"
    if ("end" not in period) != is_open:
        yield f"{name} closed" if is_open else f"{name} open"
