"""Files of every variant on a real strict server: accepted, right, and unchanged the second time."""

from datetime import date

import pytest

from tests.integration.files_at_sandbox import VARIANTS, Imported
from tests.integration.month import arguments
from tests.sandbox_process import running_sandbox

# The clocks go back in Europe and in America.
FIRST, LAST = date(2026, 10, 22), date(2026, 11, 2)
EVERY = [(app, variant) for app, variants in VARIANTS.items() for variant in variants]


@pytest.mark.slow
def test_files_of_every_variant_are_accepted_by_a_real_server(hapi, store):
    asked = arguments(len(EVERY), "--data", "all", "--ehr-url", hapi.url)
    with running_sandbox(*asked) as sandbox:
        imported = Imported(store, sandbox)
        try:
            for person, (app, variant) in zip(sandbox.people, EVERY, strict=True):
                _carry(imported, sandbox, person, app, variant)
        finally:
            imported.close()


def _carry(imported, sandbox, person, app, variant):
    link = imported.link(person, app)
    parsed = imported.parse(person, app, imported.export(person, app, variant, FIRST, LAST))
    result = imported.publish(link, parsed)
    assert result.ok, (variant, [(one.day, one.outcome, one.reasons) for one in result.days])
    report = sandbox.differences(FIRST, LAST, person["login"], vendor=app)
    assert report["differences"] == 0, (variant, report)
    assert report["compared"] == result.counts.observations > 10
    again = imported.publish(link, parsed)
    assert again.counts.created + again.counts.updated + again.counts.retracted == 0, variant
