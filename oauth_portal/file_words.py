"""What is said about files and their rows: a plain sentence for each word that a reader of files has.

Belongs here: words. Not here: when they are said. No sentence ever holds anything of a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ohx_pipelines.metrics import Metric
from ohx_pipelines.outcomes import DayResult, Outcome
from ohx_pipelines.providers.files.base import Cut, FileRefused, Refusal, RowNote

# How many rows are named one by one.
MOST_ROWS = 50
EXPORT_AGAIN = (
    "Export it once more in the app and choose the new file, without opening it in between."
)
REFUSALS: Mapping[Refusal, str] = {
    Refusal.EMPTY: "The file is empty. " + EXPORT_AGAIN,
    Refusal.TOO_LARGE: "The file is too large. Export a shorter time, for example one year, and"
    " upload one file after the other.",
    Refusal.TOO_MANY_ROWS: "The file has more lines than we can read at once. Export a shorter time,"
    " for example one year, and upload one file after the other.",
    Refusal.TOO_SLOW: "Reading the file took too long. Export a shorter time, for example one year.",
    Refusal.LINE_TOO_LONG: "A line of the file is too long to be a reading. " + EXPORT_AGAIN,
    Refusal.WRONG_TYPE: "This is another kind of file, such as a PDF, a picture, a spreadsheet or a"
    " packed folder. In the app, choose to export as CSV. If the file came packed (.zip), unpack it"
    " first.",
    Refusal.NOT_TEXT: "The file is damaged, or not an export with readings. " + EXPORT_AGAIN,
    Refusal.MIXED_ENCODINGS: "Some letters of the file cannot be read. It may have been changed by"
    " another program. " + EXPORT_AGAIN,
    Refusal.UNKNOWN_FORMAT: "This is not a file that we know from this app. Make sure that you chose"
    " the app’s own export (CSV). If it is, tell us: the app may have changed.",
    Refusal.NO_READINGS: "The file holds no readings. Choose a longer time when you export it.",
    Refusal.SEVERAL_USERS: "The file holds readings of more than one person. Export only your own"
    " profile in the app.",
    Refusal.MIXED_DECIMALS: "Some numbers are written with a comma and others with a point, so that"
    " we cannot be sure of any. " + EXPORT_AGAIN,
    Refusal.MIXED_DATES: "Dates are written in more than one way, so that we cannot be sure of any. "
    + EXPORT_AGAIN,
    Refusal.AMBIGUOUS_DATES: "We cannot tell which number of the dates is the day and which is the"
    " month. Please choose it below.",
    Refusal.OTHER_DATE_ORDER: "The dates in this file cannot be read as you chose. Please choose the"
    " other way below.",
}
# What the patient can say, and the file cannot.
ORDER_ASKED = frozenset({Refusal.AMBIGUOUS_DATES, Refusal.OTHER_DATE_ORDER})
ROW_WORDS: Mapping[str, str] = {
    "implausible": "The value cannot be right.",
    "number_unreadable": "A number cannot be read.",
    "date_unreadable": "The date cannot be read.",
    "time_unreadable": "The time cannot be read.",
    "date_too_early": "The date lies before the year 2000. Check the clock of your device.",
    "date_in_the_future": "The date lies in the future. Check the clock of your device.",
    "pair_incomplete": "One of the two blood pressure values is missing.",
    "cells_missing": "Something is missing in this row.",
    "cells_too_many": "There is more in this row than belongs there.",
    "formula": "There is a formula where a number or date belongs. Use the file as the app made it.",
    "device_error": "Your device reported an error for this measurement.",
    "zone_unknown": "The time zone written in this row is not known.",
    "text_unreadable": "Some letters in this row cannot be read.",
    "flag_unreadable": "A mark in this row cannot be read.",
    "repeated_hour": "This hour came twice when the clocks went back. We take the first one.",
    "skipped_hour": "This hour was skipped when the clocks went forward. We take one hour later.",
}
ANY_ROW = "This row cannot be read."
CUTS: Mapping[Cut, str] = {
    Cut.ENDS_INSIDE: "The file ends in the middle of a row: its end is missing. " + EXPORT_AGAIN,
    Cut.COUNT_DIFFERS: "The file says that it holds another number of readings than we found: some"
    " may be missing. " + EXPORT_AGAIN,
    Cut.UNKNOWN_SECTION: "The file holds a part that we do not know. It is left out.",
}
LANGUAGES = {
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "nl": "Dutch",
    "pt": "Portuguese",
}
_ON_OUR_SIDE = (
    "Something went wrong on our side. Upload the same file again; if it happens a second"
)
OUTCOMES: Mapping[Outcome, str] = {
    Outcome.EHR_DOWN: "Your record did not answer in time. Upload the same file again later.",
    Outcome.EHR_REJECTED: "Your record did not accept these readings. Please tell {clinic}.",
    Outcome.NOT_CONSENTED: "These readings are not shared at the moment. Upload the file again, or"
    " change what is shared on your devices page.",
}
ANY_OUTCOME = _ON_OUR_SIDE + " time, tell {clinic}."


@dataclass(frozen=True, kw_only=True)
class RowLines:
    """Rows of a file and what is the matter with them; `more` are not named one by one."""

    lines: tuple[tuple[int, str, str | None], ...]
    more: int

    @property
    def count(self) -> int:
        """How many there are in all."""
        return len(self.lines) + self.more


def refusal_words(refused: FileRefused) -> str:
    """Say why nothing can be read, and what to do."""
    is_asked = refused.reason in ORDER_ASKED
    near = f" Look near line {refused.row} of the file." if refused.row and not is_asked else ""
    return REFUSALS[refused.reason] + near


def row_lines(notes: Iterable[RowNote], *, more: int = 0) -> RowLines:
    """Give line number, sentence and what was measured for the first rows, in the file's order.

    `more` is how many there are besides `notes`.
    """
    told = dict.fromkeys(
        (one.row, ROW_WORDS.get(one.word, ANY_ROW), metric_words(one.metric)) for one in notes
    )
    ordered = sorted(told, key=lambda one: one[0])
    return RowLines(lines=tuple(ordered[:MOST_ROWS]), more=max(0, len(ordered) - MOST_ROWS) + more)


def metric_words(metric: str | None) -> str | None:
    """Name what was measured; an unknown name is none of ours and is not repeated."""
    return metric.replace("_", " ") if metric is not None and metric in [*Metric] else None


def language_words(language: str) -> str:
    """Name a language of which a reader of files gives the code."""
    return LANGUAGES.get(language, language)


def failed_words(days: Iterable[DayResult]) -> dict[str, int]:
    """Count the failed days by what their owner can do."""
    counts: dict[str, int] = {}
    for one in days:
        if not one.outcome.ok:
            words = OUTCOMES.get(one.outcome, ANY_OUTCOME)
            counts[words] = counts.get(words, 0) + 1
    return counts
