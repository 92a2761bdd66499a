"""Devices, their models, and the one that stands for this software."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ohx_pipelines.fhir.governance.definitions import build_definition
from ohx_pipelines.fhir.governance.devices import build_device, build_software
from ohx_pipelines.fhir.validate import problems
from tests.unit.fhir.every_record import definition, device, link_context

PROJECT = Path(__file__).parents[3] / "pyproject.toml"
MDC = "urn:iso:std:iso:11073:10101"


def test_a_device_says_what_the_vendor_says_of_it():
    built = device(link_context())

    assert built["identifier"] == [
        {
            "system": "https://open-health-exchange.org/fhir/sid/withings-device",
            "value": "5d1c0de5",
        }
    ]
    assert built["displayName"] == "Withings Body Scan"
    assert (built["manufacturer"], built["modelNumber"]) == ("Withings", "Body Scan")
    assert built["status"] == "active"
    assert [one["code"] for one in built["category"][0]["coding"]] == ["home-use"]
    assert built["type"] == [
        {
            "coding": [{"system": MDC, "code": "528399", "display": "Weighing scale"}],
            "text": "Scale",
        }
    ]


def test_a_firmware_version_stands_as_the_vendor_gives_it():
    [version] = device(link_context(), firmware="1981.b-2")["version"]

    assert version["value"] == "1981.b-2"
    assert version["type"]["coding"][0]["code"] == "531976"


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_device_without_a_firmware_version_has_no_version(nothing):
    assert "version" not in device(link_context(), firmware=nothing)


def test_another_firmware_version_is_the_same_device():
    context = link_context()

    assert device(context, firmware="2")["id"] == device(context, firmware="1")["id"]


def test_a_kind_that_no_code_exists_for_keeps_its_word():
    assert device(link_context(), 3)["type"] == [{"text": "Toaster"}]
    assert definition(link_context(), 3)["classification"] == [{"type": {"text": "Toaster"}}]


def test_a_device_refers_to_its_models_definition():
    context = link_context()
    model = definition(context)["id"]

    assert device(context)["definition"] == {
        "reference": {"reference": f"DeviceDefinition/{model}"}
    }


def test_where_an_ehr_takes_no_definitions_a_device_refers_to_none():
    assert "definition" not in device(link_context(), define=False)


def test_two_devices_of_a_model_have_one_definition():
    context = link_context()
    one, other = device(context, device="a1"), device(context, device="b2")

    assert one["id"] != other["id"]
    assert one["definition"] == other["definition"]


def test_models_of_one_name_by_two_vendors_are_two():
    ids = {definition(link_context(vendor=vendor))["id"] for vendor in ("withings", "beurer")}

    assert len(ids) == 2


def test_a_definition_names_the_model_its_maker_and_its_kind():
    built = definition(link_context())

    assert built["modelNumber"] == "Body Scan"
    assert built["manufacturer"] == {"display": "Withings"}
    assert built["deviceName"] == [{"name": "Withings Body Scan", "type": "user-friendly-name"}]
    assert built["classification"][0]["type"]["coding"][0]["code"] == "528399"
    assert built["identifier"] == [
        {
            "system": "https://open-health-exchange.org/fhir/sid/withings-model",
            "value": "Body Scan",
        }
    ]


def test_a_maker_that_is_not_the_vendor_is_the_one_that_is_named():
    built = device(link_context(), other_maker="Beurer")
    model = definition(link_context(), other_maker="Beurer")

    assert (built["manufacturer"], built["displayName"]) == ("Beurer", "Beurer Body Scan")
    assert model["manufacturer"] == {"display": "Beurer"}
    assert model["deviceName"] == [{"name": "Beurer Body Scan", "type": "user-friendly-name"}]


def test_a_maker_that_nobody_knows_is_left_out():
    built, model = (made(link_context(), other_maker="") for made in (device, definition))

    assert "manufacturer" not in built
    assert "manufacturer" not in model
    assert built["displayName"] == built["modelNumber"] == "Body Scan"
    assert model["deviceName"] == [{"name": "Body Scan", "type": "user-friendly-name"}]
    assert problems(built) == problems(model) == []


def test_a_name_does_not_say_its_maker_twice():
    assert device(link_context(), other_maker="Body")["displayName"] == "Body Scan"


def test_models_of_one_name_by_two_makers_are_two():
    built = [
        definition(link_context(), other_maker=maker) for maker in (None, "", "Beurer", "Acme")
    ]

    assert len({one["id"] for one in built}) == len(built)
    assert len({one["identifier"][0]["value"] for one in built}) == len(built)


@pytest.mark.parametrize("maker", [None, "", "Beurer"])
def test_a_device_refers_to_the_definition_of_its_own_maker(maker):
    context = link_context()
    model = definition(context, other_maker=maker)["id"]

    assert device(context, other_maker=maker)["definition"] == {
        "reference": {"reference": f"DeviceDefinition/{model}"}
    }


@given(model=st.text(min_size=1))
def test_a_models_identifier_can_be_searched_whatever_the_vendor_calls_it(model):
    built = build_definition(
        model=model, kind="Scale", manufacturer="Withings", context=link_context()
    )

    assert not set("|,$\\") & set(built["identifier"][0]["value"])
    assert built["modelNumber"] == model


@given(one=st.tuples(st.text(), st.text()), other=st.tuples(st.text(), st.text()))
def test_devices_of_two_vendors_or_two_ids_are_never_one(one, other):
    ids = {
        build_device(
            device=device,
            model="m",
            kind="k",
            manufacturer="f",
            context=link_context(vendor=vendor),
        )["id"]
        for vendor, device in (one, other)
    }

    assert len(ids) == len({one, other})


def test_the_software_says_its_name_and_the_version_that_is_installed():
    built = build_software(context=link_context())
    version = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"]

    assert [one["code"] for one in built["category"][0]["coding"]] == ["software"]
    assert [one["value"] for one in built["name"]] == ["Open Health Exchange"]
    assert [one["value"] for one in built["version"]] == [version]
    assert built["version"][0]["type"]["coding"][0]["code"] == "531975"


def test_the_software_is_one_device_whoevers_link_it_writes_for():
    one = build_software(context=link_context())
    other = build_software(context=link_context(vendor="beurer", link="b", patient="p2"))

    assert one == other
