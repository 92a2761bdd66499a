"""What `ohx import` prints: what a file holds, and what came of it. Counts, days and rows; no value.

Belongs here: tables and sentences. Not here: the command (`import_file.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ohx_pipelines.importing import FileResult
from ohx_pipelines.links.records import Link
from ohx_pipelines.outcomes import Outcome
from ohx_pipelines.providers.base import ProviderFacts
from ohx_pipelines.providers.files.base import FileRefused, ParsedFile, Refusal, RowNote

# How many rows are named one by one.
MOST_ROWS = 50
_KIND_ROW = "{:<36}{:>9}  {:<12}{:<12}{}"
_ADVICE = {
    Refusal.AMBIGUOUS_DATES: "Say --date-order day-first or month-first.",
    Refusal.OTHER_DATE_ORDER: "Its dates are in the other --date-order.",
    Refusal.TOO_LARGE: "Export a shorter time, or raise OHX_UPLOADS__MOST_MEGABYTES.",
    Refusal.TOO_MANY_ROWS: "Export a shorter time, or raise OHX_UPLOADS__MOST_ROWS.",
    Refusal.WRONG_TYPE: "It must be the app's own CSV, unpacked.",
    Refusal.SEVERAL_USERS: "Export one person's profile alone.",
}


def advice_on(refused: FileRefused, others: Sequence[str]) -> str:
    """Give near which line a file was refused, and what to do; `others` are apps it may be of."""
    where = f", row {refused.row}" if refused.row else ""
    if refused.reason is Refusal.UNKNOWN_FORMAT and others:
        return f"{where}. It looks like an export of {', '.join(others)}: name a link of that."
    advice = _ADVICE.get(refused.reason)
    return f"{where}. {advice}" if advice else f"{where}."


def preview_of(parsed: ParsedFile, facts: ProviderFacts, link: Link) -> str:
    """Say what a file holds, how it was read, and what of it is not read."""
    return "\n".join(
        [
            f"{facts.title}, {parsed.rows} rows of readings. {_decisions(parsed, link)}",
            _KIND_ROW.format("KIND", "READINGS", "FIRST DAY", "LAST DAY", "SHARED"),
            *_kinds(parsed, facts, link),
            *_notes("Not read", parsed.rejected, parsed.more_rejected),
            *_notes("Read by a rule", parsed.taken_as, parsed.more_taken_as),
            *_ignored(parsed),
            *([f"The file is not whole: {parsed.cut.value}."] if parsed.cut else []),
        ]
    )


def result_of(result: FileResult) -> str:
    """Say what was published, what failed and what to do."""
    counts, failed = result.counts, Counter(one.outcome for one in result.days)
    words = ("created", "updated", "unchanged", "rejected")
    counted = ", ".join(f"{getattr(counts, word)} {word}" for word in words)
    said = [f"{len(result.days)} days: {counted}."]
    said += [
        f"{n} days failed ({outcome.value}). {_what_to_do(outcome)}"
        for outcome, n in failed.items()
        if not outcome.ok
    ]
    if result.left:
        said.append(
            f"{len(result.left)} days were not reached. Run the same again: nothing is added twice."
        )
    if result.copied is not None and not result.copied.outcome.ok:
        said.append(
            f"The EHR has not taken note of what is shared yet ({result.copied.outcome.value}): it is "
            "told again by itself while Dagster's daemon runs."
        )
    return "\n".join(said)


def left_out_of(parsed: ParsedFile, facts: ProviderFacts, link: Link) -> str:
    """Say that something of the file was not published, which a green result alone would not tell."""
    shared = facts.metrics_of(frozenset(link.data_types))
    unshared = int((~parsed.frame["metric"].isin(shared)).sum())
    parts = {
        f"{len(parsed.rejected) + parsed.more_rejected} rows or values that could not be read": parsed.rejected,
        f"{unshared} readings that are not shared": unshared,
        f"the rest of a file that is not whole ({parsed.cut})": parsed.cut,
    }
    said = [words for words, counted in parts.items() if counted]
    return f"Not published, see above: {'; '.join(said)}." if said else ""


def _decisions(parsed: ParsedFile, link: Link) -> str:
    decided = {
        "format": parsed.format,
        "language": parsed.language,
        "encoding": parsed.encoding,
        "separator": repr(parsed.separator),
        "decimal mark": parsed.decimal_mark,
        "dates": parsed.date_order,
        "time zone": link.zone,
    }
    return ", ".join(f"{what} {how}" for what, how in decided.items() if how is not None) + "."


def _kinds(parsed: ParsedFile, facts: ProviderFacts, link: Link) -> Iterator[str]:
    shared = facts.metrics_of(frozenset(link.data_types))
    for metric, rows in parsed.frame.groupby("metric", observed=True):
        first, last = min(rows["day"]), max(rows["day"])
        is_shared = "yes" if metric in shared else "no"
        yield _KIND_ROW.format(
            str(metric), len(rows), first.isoformat(), last.isoformat(), is_shared
        )


def _notes(title: str, notes: Sequence[RowNote], more: int) -> Iterator[str]:
    if not notes:
        return
    counted = len(notes) + more
    yield f"{title}: {counted}"
    for note in notes[:MOST_ROWS]:
        metric = f" ({note.metric})" if note.metric else ""
        yield f"  row {note.row}: {note.word}{metric}"
    if counted > MOST_ROWS:
        yield f"  and {counted - MOST_ROWS} more"


def _ignored(parsed: ParsedFile) -> Iterator[str]:
    words: Counter[str] = Counter()
    for counted in parsed.ignored.values():
        words.update(counted)
    if words:
        yield "Left out: " + ", ".join(f"{n} {word}" for word, n in sorted(words.items()))


def _what_to_do(outcome: Outcome) -> str:
    if outcome is Outcome.EHR_DOWN:
        return "Run the same again when the EHR answers: nothing is added twice."
    if outcome is Outcome.NOT_CONSENTED:
        return "Nothing is shared any more."
    return outcome.advice
