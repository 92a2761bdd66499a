"""What the slimmed definitions lack, and that a package which lacks more is found out."""

import io
import json
import tarfile
import zipfile

import pytest

from sandbox.hapi.slimming import SlimmingWrong, check, slim

PACKAGE = "org/hl7/fhir/r5/packages/core.tgz"
TEXT = {"status": "generated", "div": "<div/>"}
KEPT = {
    "package/StructureDefinition-a.json": b'{"resourceType": "StructureDefinition", "id": "a",'
    b' "text": {"status": "generated"}, "factor": 1.10}',
    "package/ValueSet-b.json": json.dumps({"resourceType": "ValueSet", "text": TEXT}).encode(),
    "package/package.json": b'{"name": "core"}',
}
DROPPED = {
    "package/ConceptMap-c.json": b'{"resourceType": "ConceptMap"}',
    "package/.index.json": b'{"files": []}',
    "package/other/ValueSet-d.json": b'{"resourceType": "ValueSet"}',
    "package/xml/a.xsd": b"<schema/>",
}


def jar(path, files):
    """Make a jar that holds one package of these files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as package:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            package.addfile(member, io.BytesIO(content))
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(PACKAGE, packed.getvalue())
        made.writestr("ca/uhn/Some.class", b"x")
    return path


def files(path):
    with zipfile.ZipFile(path) as opened:
        packed = io.BytesIO(opened.read(PACKAGE))
        with tarfile.open(fileobj=packed) as package:
            return {one.name: package.extractfile(one).read() for one in package}


@pytest.fixture
def full(tmp_path):
    return jar(tmp_path / "full.jar", KEPT | DROPPED)


@pytest.fixture
def slimmed(full, tmp_path):
    slim(full, tmp_path / "slim.jar")
    return tmp_path / "slim.jar"


def test_only_what_validation_reads_is_left_and_its_narratives_are_gone(full, slimmed):
    assert files(slimmed).keys() == KEPT.keys()
    assert b"text" not in b"".join(files(slimmed).values())
    check(full, slimmed)


def test_numbers_keep_their_digits(slimmed):
    assert b'"factor":1.10' in files(slimmed)["package/StructureDefinition-a.json"]


def test_the_registry_of_oids_is_there_and_empty(slimmed):
    with zipfile.ZipFile(slimmed) as opened:
        assert sorted(opened.namelist()) == ["oidregistry.csv", PACKAGE]
        assert opened.read("oidregistry.csv") == b""


@pytest.mark.parametrize(
    "changes",
    [
        {"package/ValueSet-b.json": None},
        {"package/ValueSet-b.json": b'{"resourceType": "ValueSet", "id": "other"}'},
        {"package/package.json": None},
        {"package/ValueSet-new.json": b'{"resourceType": "ValueSet"}'},
    ],
    ids=["a resource gone", "a resource changed", "the manifest gone", "a resource added"],
)
def test_a_package_that_lacks_or_holds_anything_else_is_found_out(full, slimmed, changes):
    left = {name: one for name, one in (files(slimmed) | changes).items() if one is not None}
    jar(slimmed, left)
    with zipfile.ZipFile(slimmed) as opened:
        package = opened.read(PACKAGE)
    with zipfile.ZipFile(slimmed, "w") as opened:
        opened.writestr(PACKAGE, package)
        opened.writestr("oidregistry.csv", b"")

    with pytest.raises(SlimmingWrong, match=r"core\.tgz"):
        check(full, slimmed)
