"""What may be erased: ours by every mark, and never what could be somebody else's."""

import itertools

import pytest

from ohx_pipelines.fhir.erasable import parted
from ohx_pipelines.fhir.writing.write_modes import WriteMode

SID = "https://open-health-exchange.org/fhir/sid/"
KEYS = [f"0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f{n}" for n in range(4)]


def resource(name, *identifiers, kind="Observation", **more):
    """A resource; an identifier is a system of ours and its value."""
    given = [{"system": SID + system, "value": value} for system, value in identifiers]
    return {"resourceType": kind, "id": name, "identifier": given, "status": "final"} | more


def put(n):
    """What we put under an id of ours."""
    return resource(KEYS[n], ("acme-record", f"r{n}"))


def given(n, name):
    """What a server that gives ids keeps of ours."""
    return resource(name, ("acme-record", f"r{n}"), ("resource", KEYS[n]))


def names(found):
    return {one["id"] for one in found.ours}


CONDITIONAL = [WriteMode.CONDITIONAL_UPDATE, WriteMode.CONDITIONAL_CREATE]


def test_what_lives_under_an_id_of_ours_is_ours():
    found = parted([put(0), put(1)], mode=WriteMode.PUT_ID)

    assert (names(found), found.others, found.unclear) == ({KEYS[0], KEYS[1]}, (), ())


@pytest.mark.parametrize("name", ["42", "copy-1", KEYS[0].upper(), f"{KEYS[0]}0"])
def test_an_id_that_is_none_of_ours_is_somebody_elses(name):
    found = parted([resource(name, ("acme-record", "r0"))], mode=WriteMode.PUT_ID)

    assert (found.ours, found.others) == ([], (f"Observation/{name}",))


@pytest.mark.parametrize("mode", CONDITIONAL)
def test_where_the_server_gives_ids_our_key_among_the_identifiers_makes_it_ours(mode):
    keyless = resource("43", ("acme-record", "r1"))
    uuid = resource("6f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0", ("their-record", "r2"))
    uuid["identifier"][0]["system"] = "urn:lab"

    found = parted([given(0, "42"), keyless, uuid], mode=mode)

    assert names(found) == {"42"}
    assert len(found.others) == 2


@pytest.mark.parametrize("mode", CONDITIONAL)
def test_what_lives_under_an_id_like_ours_may_be_left_by_an_earlier_mode_and_is_named(mode):
    found = parted([given(0, "42"), put(1)], mode=mode)

    assert (names(found), found.others) == ({"42"}, ())
    assert found.unclear == (f"Observation/{KEYS[1]}",)


def test_a_provenance_under_a_servers_id_may_be_left_by_an_earlier_mode_and_is_named():
    found = parted([{"resourceType": "Provenance", "id": "42"}], mode=WriteMode.PUT_ID)

    assert (found.ours, found.others, found.unclear) == ([], (), ("Provenance/42",))


@pytest.mark.parametrize("mode", WriteMode)
def test_what_an_earlier_mode_left_under_another_id_is_ours_too(mode):
    assert names(parted([given(0, "42")], mode=mode)) == {"42"}


def test_of_two_with_one_key_that_which_lives_under_it_is_ours():
    original = put(0)
    copy = resource("42", ("resource", KEYS[0]))

    found = parted([copy, original], mode=WriteMode.PUT_ID)

    assert (names(found), found.others, found.unclear) == ({KEYS[0]}, ("Observation/42",), ())


@pytest.mark.parametrize("mode", CONDITIONAL)
def test_two_with_the_same_key_are_both_left(mode):
    found = parted([given(0, "42"), given(0, "43"), given(1, "44")], mode=mode)

    assert names(found) == {"44"}
    assert found.unclear == ("Observation/42", "Observation/43")


def test_two_with_the_same_record_under_ids_like_ours_are_both_left():
    copy = put(0) | {"id": KEYS[3]}

    found = parted([put(0), copy, put(1)], mode=WriteMode.PUT_ID)

    assert names(found) == {KEYS[1]}
    assert found.unclear == (f"Observation/{KEYS[0]}", f"Observation/{KEYS[3]}")


def test_other_systems_identifiers_may_be_shared():
    theirs = [{"system": "urn:lab", "value": "1"}]
    two = [put(n) | {"identifier": [*put(n)["identifier"], *theirs]} for n in range(2)]

    assert len(parted(two, mode=WriteMode.PUT_ID).ours) == 2


def test_types_do_not_share_their_marks():
    consent = resource(KEYS[0], ("consent", "link"), kind="Consent")

    assert len(parted([put(0), consent], mode=WriteMode.PUT_ID).ours) == 2


@pytest.mark.parametrize(
    ("mode", "name", "is_ours"),
    [
        (WriteMode.PUT_ID, KEYS[0], True),
        (WriteMode.PUT_ID, "42", False),
        *itertools.product(CONDITIONAL, ["42", KEYS[0]], [True]),
    ],
)
def test_a_provenance_has_no_place_for_a_key(mode, name, is_ours):
    provenance = {"resourceType": "Provenance", "id": name}

    assert bool(parted([provenance], mode=mode).ours) is is_ours


def test_they_are_counted_in_the_order_of_deletion():
    many = [
        resource(KEYS[0], kind="Consent"),
        put(1),
        put(2),
        resource(KEYS[3], kind="DeviceAssociation"),
        {"resourceType": "Provenance", "id": KEYS[0]},
    ]

    counts = parted(many, mode=WriteMode.PUT_ID).counts()

    assert list(counts.items()) == [
        ("Provenance", 1),
        ("Observation", 2),
        ("DeviceAssociation", 1),
        ("Consent", 1),
    ]


def test_what_reads_as_valid_is_still_to_be_marked():
    marked = {"coding": [{"code": "entered-in-error"}]}
    many = [
        put(0),
        put(1) | {"status": "entered-in-error"},
        resource(KEYS[2], kind="DeviceAssociation", status=marked),
        resource(KEYS[3], kind="Consent", status="inactive"),
        {"resourceType": "Provenance", "id": KEYS[0]},
    ]

    found = parted(many, mode=WriteMode.PUT_ID)

    assert [one["id"] for one in found.unmarked] == [KEYS[0], KEYS[3]]
