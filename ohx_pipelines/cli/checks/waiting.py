"""What waits: retractions for somebody's word, links' records for their EHR.

Belongs here: questions to our own database about what is not done yet. Not here: doing it
(`cli/retractions.py`, Dagster's sensors).
"""

from __future__ import annotations

from ohx_pipelines.cli.checks.finding import Finding, ok, some_of, warning
from ohx_pipelines.links.records import RecordState
from ohx_pipelines.links.store import LinkStore
from ohx_pipelines.providers.registry import file_facts, provider_facts
from ohx_pipelines.settings import Settings


def check_retractions(store: LinkStore) -> list[Finding]:
    """Tell whether retractions are held; those that somebody has confirmed wait for a sync."""
    name, held = "retractions", store.held_retractions()
    if not held:
        return [ok(name, "none is held")]
    links = sorted({one.link_id for one in held})
    count = sum(one.count for one in held)
    found = f"{count} Observations of {len(held)} days are held: {some_of(links)}"
    advice = "Look with `ohx retractions list`; if they are right, `ohx retractions confirm`."
    if all(one.confirmed is not None and one.confirmed >= one.count for one in held):
        advice = "All of them are confirmed: the next sync of these days retracts them."
    return [warning(name, found, advice, held=count, days=len(held), links=len(links))]


def check_copies(store: LinkStore, settings: Settings) -> list[Finding]:
    """Tell whether an EHR could not be told what a link shares, or that it has ended."""
    rows = store.statuses()
    failing = [one for one in rows if one.record is RecordState.DUE and one.record_error]
    due = sum(one.record is RecordState.DUE for one in rows)
    if not failing:
        waiting = f", {due} are on their way" if due else ""
        return [ok("copies", f"the EHR knows every link as it is{waiting}", due=due)]
    told = some_of(f"{one.id} ({one.record_error})" for one in failing)
    found = f"the EHR does not know yet how {len(failing)} links are: {told}"
    advice = (
        "Look at the lines `ehr` and `vendor`: Dagster's daemon has it tried again, at most an hour "
        "apart."
    )
    set_up = {facts.name for facts in [*provider_facts(settings), *file_facts(settings)]}
    if any(one.provider not in set_up for one in failing):
        advice += " Of a vendor that is not set up, `ohx links unlink LINK` alone does it."
    return [warning("copies", found, advice, due=due, failing=len(failing))]
