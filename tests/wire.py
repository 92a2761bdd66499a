"""A transport that answers from a list, for clients that speak through `requests`.

Belongs here: that adapter. Not here: what a vendor or an EHR would answer.
"""

import json

import requests
from requests.adapters import BaseAdapter


class Wire(BaseAdapter):
    """Answers each request with the next (status, content, headers) and remembers what was asked."""

    def __init__(self, *answers):
        super().__init__()
        self.answers, self.requests, self.timeouts = list(answers), [], []

    def send(self, request, timeout=None, **_options):
        self.requests.append(request)
        self.timeouts.append(timeout)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        response = requests.Response()
        response.status_code, content, response.headers = answer
        response._content = content if isinstance(content, bytes) else json.dumps(content).encode()
        response.request, response.url = request, request.url
        return response

    def close(self):
        """Nothing is open."""
