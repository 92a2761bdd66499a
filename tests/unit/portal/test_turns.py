"""A page waits a moment for its turn to call a vendor, never minutes."""

from oauth_portal.__main__ import _soon_or_never
from ohx_pipelines.urgency import Urgency, hurry


def test_what_a_page_calls_goes_first_and_waits_less_than_a_proxy_would():
    seen = []

    def app(environ, start):
        seen.append(hurry())
        return [b"page"]

    assert _soon_or_never(app)({}, None) == [b"page"]

    [found] = seen
    assert found.urgency is Urgency.TODAY
    assert 5 <= found.most_seconds <= 30
    assert hurry().most_seconds is None
