"""Devices and their models as resources, of the vendor's own make and of others."""

from dataclasses import replace

import pytest

from ohx_pipelines.device_resources import device_resources
from ohx_pipelines.providers.base import DeviceInfo
from tests.unit.fhir.every_record import link_context

SCALE = DeviceInfo(device="a1", model="BF 720", kind="Scale")


def resources(*infos, define=True):
    made = device_resources(infos, manufacturer="Acme", context=link_context(), define=define)
    return [one for one in made if one["resourceType"] == "Device"], [
        one for one in made if one["resourceType"] == "DeviceDefinition"
    ]


@pytest.mark.parametrize("maker", [None, "Acme"])
def test_a_device_that_names_no_other_maker_is_the_vendors(maker):
    devices, models = resources(replace(SCALE, device="b2", manufacturer=maker), SCALE)

    assert [one["manufacturer"] for one in devices] == ["Acme", "Acme"]
    assert [one["manufacturer"] for one in models] == [{"display": "Acme"}]


def test_two_makers_with_a_model_of_one_name_have_a_definition_each():
    infos = [
        replace(SCALE, device=str(n), manufacturer=maker)
        for n, maker in enumerate((None, "Beurer", "Other", "", "Beurer"))
    ]

    devices, models = resources(*infos)

    assert [one.get("manufacturer") for one in devices] == [
        "Acme", "Beurer", "Other", None, "Beurer",
    ]  # fmt: skip
    assert len({one["id"] for one in models}) == len(models) == 4
    made_by = {f"DeviceDefinition/{one['id']}": one.get("manufacturer") for one in models}
    for one in devices:
        maker = {"display": one["manufacturer"]} if "manufacturer" in one else None
        assert made_by[one["definition"]["reference"]["reference"]] == maker


def test_without_definitions_there_are_devices_alone():
    devices, models = resources(replace(SCALE, manufacturer="Beurer"), define=False)

    assert [one["manufacturer"] for one in devices] == ["Beurer"]
    assert models == []
    assert "definition" not in devices[0]
