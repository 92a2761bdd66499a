"""`ohx links`: ending a link for good, and reading who did what."""

import base64
import getpass
import re

import pytest
from click.testing import CliRunner

from ohx_pipelines.cli.main import main
from ohx_pipelines.links.records import LinkState
from tests.unit.cli.complete_settings import set_all
from tests.unit.linked import link_account, link_file

WHO = f"operator {getpass.getuser()}"


@pytest.fixture
def vendor(site):
    """Withings' two addresses; takes note of every revocation."""
    site.answer_json("/v2/signature", {"status": 0, "body": {"nonce": "n0"}})
    site.answer_json("/v2/oauth2", {"status": 0, "body": {}})
    return site


@pytest.fixture
def ehr(site):
    """An EHR on the same machine: it holds nothing and takes the one thing that it is given."""
    for search in ("/fhir/Consent", "/fhir/DeviceAssociation"):
        site.answer_json(search, {"resourceType": "Bundle", "type": "searchset", "entry": []})
    taken = {"entry": [{"response": {"status": "201"}}], "type": "batch-response"}
    site.answer_json("/fhir/", {"resourceType": "Bundle", **taken})
    return site


@pytest.fixture
def ohx(no_settings, monkeypatch, database_url, vendor):
    set_all(monkeypatch, database_url, OHX_WITHINGS__API_URL=vendor.url)
    return lambda *arguments, **given: CliRunner().invoke(main, ["links", *arguments], **given)


@pytest.fixture
def link(store, ehr):
    link = link_account(store, "71234567", provider="withings")
    move_ehr(store, f"{ehr.url}/fhir")
    return link.id


def move_ehr(store, url):
    store.save_ehr(
        name="default", url=url, auth="none", username=None, credential=None, timeout_seconds=5
    )


def taken_by(ehr):
    bundles = [one.body for one in ehr.requests if one.path == "/fhir/"]
    return [entry["resource"] for one in bundles for entry in one["entry"]]


def refuses(vendor, status=503):
    vendor.answer_json("/v2/oauth2", {"status": status, "body": {}, "error": "CANARY"})


def revocations(vendor):
    forms = [dict(one.form) for one in vendor.requests if one.path == "/v2/oauth2"]
    return [(form["action"], form["userid"]) for form in forms]


def test_unlinking_tells_the_vendor_destroys_the_keys_and_says_that_nothing_is_left(
    ohx, store, vendor, link
):
    ended = ohx("unlink", link, input="y\n")

    assert ended.exit_code == 0, ended.output
    assert revocations(vendor) == [("revoke", "71234567")]
    assert store.is_erased(link)
    for said in (
        f"Link {link}: withings is told to revoke the permission",
        "Readings in the EHR stay there; Consent and DeviceAssociations end.",
        "Unlink it? [y/N]",
        "withings has revoked the permission.",
        f"Link {link} is unlinked: no token and no data key is left.",
    ):
        assert said in ended.stdout


def test_unlinking_tells_the_ehr_that_the_consent_is_withdrawn(ohx, store, ehr, link):
    ohx("unlink", link, "--yes")

    [consent] = taken_by(ehr)
    assert (consent["resourceType"], consent["status"]) == ("Consent", "inactive")
    assert re.search(rf"{link} .* written\n", ohx("list").stdout)


def test_an_ehr_that_is_down_keeps_no_key_and_is_status_1_and_shown_until_it_was_told(
    ohx, store, ehr, link, closed_port
):
    move_ehr(store, f"http://127.0.0.1:{closed_port}/fhir")

    ended = ohx("unlink", link, "--yes")

    assert ended.exit_code == 1
    assert store.is_erased(link)
    assert f"Link {link} is unlinked: no token and no data key is left." in ended.stdout
    assert "the EHR has not taken note of the end yet (ehr_down)" in ended.stderr
    assert "it is told again by itself" in ended.stderr.lower()
    assert re.search(rf"{link} .* due \(ehr_down\)\n", ohx("list").stdout)

    move_ehr(store, f"{ehr.url}/fhir")
    assert ohx("unlink", link).exit_code == 0
    assert [one["status"] for one in taken_by(ehr)] == ["inactive"]


def test_without_vendor_the_ehr_is_told_all_the_same(ohx, store, vendor, ehr, link):
    refuses(vendor)

    assert ohx("unlink", link, "--yes", "--without-vendor").exit_code == 0

    assert [one["status"] for one in taken_by(ehr)] == ["inactive"]


def test_without_vendor_an_ehr_that_is_down_is_still_said(ohx, store, vendor, link, closed_port):
    refuses(vendor)
    move_ehr(store, f"http://127.0.0.1:{closed_port}/fhir")

    ended = ohx("unlink", link, "--yes", "--without-vendor")

    assert ended.exit_code == 1
    assert store.is_erased(link)
    assert "the EHR has not taken note of the end yet (ehr_down)" in ended.stderr


def test_the_list_says_that_a_new_links_copy_is_due(ohx, link):
    head, row = ohx("list").stdout.splitlines()

    assert head.endswith("EHR COPY")
    assert row.endswith("due")


def test_the_list_says_nothing_of_a_copy_before_the_patients_yes(ohx, store):
    link_account(store, "71234567", provider="withings", confirmed=False)

    assert ohx("list").stdout.splitlines()[1].endswith("-")


def test_without_a_yes_nothing_happens(ohx, store, vendor, link):
    ended = ohx("unlink", link, input="n\n")

    assert ended.exit_code == 1
    assert store.link_state(link) is LinkState.ACTIVE
    assert vendor.requests == []


def test_with_yes_nobody_is_asked(ohx, store, link):
    ended = ohx("unlink", link, "--yes")

    assert (ended.exit_code, "[y/N]" in ended.output) == (0, False)
    assert store.is_erased(link)


def test_a_vendor_that_is_down_is_status_1_and_says_what_happens_next(ohx, store, vendor, link):
    vendor.answer("/v2/oauth2", status=503)

    ended = ohx("unlink", link, "--yes")

    assert ended.exit_code == 1
    assert store.link_state(link) is LinkState.UNLINKING
    assert "vendor_down" in ended.stderr
    assert "it is tried again by itself while Dagster's daemon runs" in ended.stderr
    assert "nothing is synced" in ended.stderr
    assert "is unlinked" not in ended.output


def test_a_second_try_finishes_what_the_first_began(ohx, store, vendor, link):
    refuses(vendor)
    assert ohx("unlink", link, "--yes").exit_code == 1
    vendor.answer_json("/v2/oauth2", {"status": 0, "body": {}})

    assert ohx("unlink", link, "--yes").exit_code == 0
    assert store.is_erased(link)


def test_without_vendor_the_vendor_is_still_told_when_it_listens(ohx, store, vendor, link):
    ended = ohx("unlink", link, "--yes", "--without-vendor")

    assert ended.exit_code == 0
    assert revocations(vendor) == [("revoke", "71234567")]
    assert "NOT told" not in ended.output
    assert "vendor_not_told" not in [one.detail for one in store.audit(link_id=link)]


def test_without_vendor_a_refusal_ends_the_link_all_the_same_and_says_so_plainly(
    ohx, store, vendor, link
):
    refuses(vendor)

    ended = ohx("unlink", link, "--without-vendor", input="y\n")

    assert ended.exit_code == 0
    assert store.is_erased(link)
    assert "The vendor did not revoke (vendor_rejected)." in ended.stdout
    assert "The vendor was NOT told." in ended.stdout
    assert "has revoked the permission" not in ended.output
    assert store.audit(link_id=link)[-1].detail == "vendor_not_told"


def test_a_link_that_has_ended_is_looked_at_and_nobody_is_asked_or_told(ohx, vendor, link):
    ohx("unlink", link, "--yes")
    vendor.requests.clear()

    ended = ohx("unlink", link)

    assert ended.exit_code == 0
    assert "no token and no data key is left" in ended.stdout
    assert vendor.requests == []


def test_a_link_can_be_ended_although_the_token_key_is_another(
    ohx, store, vendor, link, monkeypatch
):
    monkeypatch.setenv("OHX_TOKEN_KEY", base64.b64encode(b"x" * 32).decode())

    waits = ohx("unlink", link, "--yes")
    assert (waits.exit_code, store.link_state(link)) == (1, LinkState.UNLINKING)
    assert "did not revoke the permission (vault)" in waits.stderr

    assert ohx("unlink", link, "--yes", "--without-vendor").exit_code == 0
    assert store.is_erased(link)
    assert revocations(vendor) == []


def test_a_key_that_is_left_is_never_called_gone(ohx, store, link):
    ohx("unlink", link, "--yes")
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE provider_links SET wrapped_key = '\\x01'")

    ended = ohx("unlink", link)

    assert ended.exit_code == 1
    assert "the database still holds a key" in ended.stderr


def test_a_link_that_does_not_exist_is_one_sentence(ohx):
    ended = ohx("unlink", "aaaaaaaaaaaa", "--yes")

    assert (ended.exit_code, ended.output) == (
        1,
        "ohx: There is no link aaaaaaaaaaaa: see `ohx links list`.\n",
    )


def test_no_secret_and_no_text_of_the_vendor_is_printed(ohx, vendor, link):
    refuses(vendor)

    said = ohx("unlink", link, "--yes", "--without-vendor").output + ohx("log").output

    for secret in ("CANARY", "71234567", "app-secret"):
        assert secret not in said


def test_the_log_tells_when_who_and_what_oldest_first(ohx, store, vendor, link):
    refuses(vendor)
    ohx("unlink", link, "--yes", "--without-vendor")

    lines = [re.split(r" {2,}", line) for line in ohx("log", link).stdout.splitlines()]

    patient = f"patient {store.link(link).patient.id}"
    assert lines[0] == ["WHEN", "WHO", "WHAT", "LINK", "PROVIDER", "DETAIL"]
    assert [row[1:] for row in lines[1:]] == [
        [patient, "linked", link, "withings", "-"],
        [patient, "confirmed", link, "withings", "-"],
        [WHO, "unlink_asked", link, "withings", "-"],
        [WHO, "revoke_failed", link, "withings", "vendor_rejected"],
        [WHO, "record_copied", link, "withings", "-"],
        [WHO, "keys_destroyed", link, "withings", "vendor_not_told"],
    ]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", row[0]) for row in lines[1:])


def test_the_log_of_one_link_is_that_links_alone(ohx, store, link):
    other = link_account(store, "7", provider="withings").id

    assert other in ohx("log").stdout
    assert other not in ohx("log", link).stdout


@pytest.fixture
def left_over(store, ehr):
    """A link of a vendor whose settings were taken away."""
    link = link_account(store, "ada", provider="google_health")
    move_ehr(store, f"{ehr.url}/fhir")
    return link.id


def test_a_vendor_that_is_not_set_up_is_not_said_to_be_told_again_by_itself(ohx, store, left_over):
    ended = ohx("unlink", left_over, "--yes")

    assert ended.exit_code == 1
    assert store.link_state(left_over) is LinkState.UNLINKING
    assert not store.is_erased(left_over)
    assert "Telling" not in ended.stdout
    assert "is told to revoke" not in ended.stdout
    assert "google_health is not set up here (OHX_GOOGLE_HEALTH__...)" in ended.stderr
    assert "(provider_unknown)" in ended.stderr
    assert "nothing is tried again by itself" in ended.stderr
    assert "--without-vendor" in ended.stderr
    assert "daemon" not in ended.stderr


def test_a_link_of_a_vendor_that_is_not_set_up_is_ended_without_it(ohx, store, ehr, left_over):
    ended = ohx("unlink", left_over, "--yes", "--without-vendor")

    assert ended.exit_code == 0, ended.output
    assert store.is_erased(left_over)
    assert "The vendor was NOT told." in ended.stdout
    assert [one["status"] for one in taken_by(ehr)] == ["inactive"]


def test_an_ehr_that_is_down_is_then_to_be_told_with_the_same_command(
    ohx, store, left_over, closed_port
):
    move_ehr(store, f"http://127.0.0.1:{closed_port}/fhir")

    ended = ohx("unlink", left_over, "--yes", "--without-vendor")

    assert ended.exit_code == 1
    assert f"run `ohx links unlink {left_over}` once more" in ended.stderr
    assert "daemon" not in ended.stderr


def test_the_longest_name_of_a_vendor_leaves_a_space_to_the_next_column(ohx, store, left_over):
    assert f"{left_over}  google_health  active" in ohx("list").stdout
    assert re.search(rf"{left_over}  google_health  -", ohx("log").stdout)


@pytest.fixture
def of_files(store, ehr):
    """A link that a patient's upload has made."""
    link = link_file(store, "ada", provider="omron_connect")
    move_ehr(store, f"{ehr.url}/fhir")
    return link.id


def test_a_link_of_files_is_listed_with_its_zone_and_found_by_its_provider(ohx, store, of_files):
    [_, row] = ohx("list", "--provider", "omron_connect").stdout.splitlines()

    assert row.split()[:5] == [of_files, "omron_connect", "active", "Europe/Berlin", "never"]
    assert len(ohx("list", "--provider", "beurer").stdout.splitlines()) == 1


def test_a_link_of_files_is_ended_and_no_vendor_is_told_or_said_to_be(
    ohx, store, vendor, ehr, of_files
):
    ended = ohx("unlink", of_files, "--yes")

    assert ended.exit_code == 0, ended.output
    assert store.is_erased(of_files)
    assert revocations(vendor) == []
    assert [one["status"] for one in taken_by(ehr)] == ["inactive"]
    assert "files made it, so no vendor knows of it" in ended.stdout
    assert "No vendor had to be told." in ended.stdout
    assert f"Link {of_files} is unlinked: no token and no data key is left." in ended.stdout
    for wrong in ("revoke", "not set up", "Telling"):
        assert wrong not in ended.output


@pytest.mark.parametrize(
    ("apps", "said"),
    [
        ("omron_connect", "It is told again by itself while Dagster's daemon runs"),
        ("none", "Nothing tells it again by itself"),
    ],
)
def test_an_ehr_that_is_down_is_told_later_of_the_end_of_a_link_of_files(
    ohx, store, of_files, closed_port, monkeypatch, apps, said
):
    monkeypatch.setenv("OHX_UPLOADS__APPS", apps)
    move_ehr(store, f"http://127.0.0.1:{closed_port}/fhir")

    ended = ohx("unlink", of_files, "--yes")

    assert (ended.exit_code, store.is_erased(of_files)) == (1, True)
    assert said in ended.stderr
