"""What Google Health tells the portal by itself, with its secret and somebody's number there.

Belongs here: deliveries, signed by Google's stand-in or by nobody. Not here: who asks to be told,
which is the product's copy of a link (`canary_scene.py` starts it).
"""

import requests

from ohx_pipelines.notifying import PATH, webhook_token
from tests.chaos.questions import eventually
from tests.end_to_end.canary_orders import GOOGLE_HEALTH


def tell_unsigned(deployment, person):
    """Tell of somebody's weight with the right secret, but no signature; gives the status."""
    environment = deployment.environment
    token = webhook_token(environment["OHX_IDENTIFIER_SECRET"].encode(), GOOGLE_HEALTH)
    secret = environment["OHX_GOOGLE_HEALTH__WEBHOOK_SECRET"]
    answer = requests.post(
        f"{deployment.portal}{PATH}/{GOOGLE_HEALTH}/{token}",
        json={"data": {"healthUserId": person["health_user_id"], "dataType": "weight"}},
        headers={"Authorization": f"Bearer {secret}"},
        timeout=30,
    )
    return answer.status_code


def tell_signed(sandbox, person, days):
    """Have Google tell of somebody's weight; gives the statuses that it was answered with."""
    span = {"first": str(days[0]), "last": str(days[-1])}
    sandbox.post("google_health/notify", login=person["login"], types=["weight"], **span)
    return eventually(lambda: _statuses(sandbox, person), 120, "the delivery")


def _statuses(sandbox, person):
    url = f"{sandbox.control}/google_health/notifications"
    deliveries = requests.get(url, timeout=10).json()["deliveries"]
    about = [one for one in deliveries if person["health_user_id"] in str(one["notifications"])]
    return {one["status"] for one in about if one["state"] == "delivered"}
