"""One HTTP answer of an EHR: read, or the exception that stands for it.

Belongs here: status, content type and body. Not here: sending (`client.py`). A body is looked into
for its OperationOutcome and then forgotten: it repeats what was sent.
"""

from __future__ import annotations

from typing import Any

import requests

from ohx_pipelines.deadline import is_json
from ohx_pipelines.errors import EhrMalformed
from ohx_pipelines.fhir.answers.operation_outcome import issues_of
from ohx_pipelines.fhir.answers.reactions import Reaction, Sent, failure, reaction
from ohx_pipelines.fhir.answers.retry_after import seconds_asked
from ohx_pipelines.fhir.wire import load


def read_answer(response: requests.Response, sent: Any) -> tuple[Any, int]:
    """Give an answer's JSON (None when it is empty) and status.

    Raises the exception of its status, and EhrMalformed for what is no JSON.
    """
    status = response.status_code
    about = Sent.BUNDLE if isinstance(sent, dict) and "entry" in sent else Sent.REQUEST
    if reaction(status, about) not in {Reaction.DONE, Reaction.UNCHANGED}:
        raise failure(
            status,
            sent=about,
            retry_after_seconds=seconds_asked(response.headers.get("Retry-After")),
            issues=issues_of(_json(response), sent=sent, status=status),
        )
    if not response.content:
        return None, status
    answer = _json(response)
    if answer is None:
        message = "the EHR did not answer with JSON"
        raise EhrMalformed(message, status=status)
    return answer, status


def _json(response: requests.Response) -> Any:
    try:
        if is_json(response.headers.get("Content-Type", "")):
            return load(response.content)
    except (ValueError, RecursionError):
        pass
    return None
