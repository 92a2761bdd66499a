"""What copies records for somebody who waits: neither an EHR nor another writer keeps them long."""

import json
import threading

from werkzeug.wrappers import Response

from ohx_pipelines import opening_records
from ohx_pipelines.links.records import RecordState
from ohx_pipelines.links.writer_lock import WriterLocks
from ohx_pipelines.opening_records import opened_records
from ohx_pipelines.outcomes import Outcome
from ohx_pipelines.settings import load_settings
from tests.unit.cli.complete_settings import set_all
from tests.unit.fhir.serving import served
from tests.unit.linked import link_account
from tests.unit.made_up import MadeUpVendor

NOTHING_FOUND = json.dumps({"resourceType": "Bundle", "type": "searchset", "entry": []})


def empty_ehr(environ, start_response):
    return Response(NOTHING_FOUND, content_type="application/fhir+json")(environ, start_response)


def test_who_ends_a_link_does_not_wait_for_a_sync_that_writes_for_the_same_patient(
    store, database_url, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    set_all(monkeypatch, database_url)
    monkeypatch.setattr(opening_records, "PATIENCE_SECONDS", 0.5)
    link = link_account(store, "ada")
    store.begin_unlink(link.id, who="operator test")
    syncs = WriterLocks(store.engine.url.render_as_string(hide_password=False))
    holds, may_end = threading.Event(), threading.Event()

    def sync(connection_id):
        with syncs.for_ehr(connection_id)("Patient/patient-ada"):
            holds.set()
            may_end.wait(30)

    with served(empty_ehr) as url:
        ehr = store.save_ehr(
            name="default",
            url=url,
            auth="none",
            username=None,
            credential=None,
            timeout_seconds=5,
            write_mode="conditional-update",
        )
        syncing = threading.Thread(target=sync, args=(ehr.id,))
        syncing.start()
        try:
            assert holds.wait(60)
            with opened_records(load_settings(), store, {"acme": MadeUpVendor()}) as records:
                copied = records.close(link.id)
            assert syncing.is_alive()
        finally:
            may_end.set()
            syncing.join()

    assert (copied.outcome, copied.error) == (Outcome.EHR_REJECTED, "writer_busy")
    assert store.statuses(link_id=link.id)[0].record is RecordState.DUE
