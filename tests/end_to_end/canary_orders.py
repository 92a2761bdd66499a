"""The shapes of what the canary's deployment meets: modes, journeys, and orders of faults.

Belongs here: what a row of the tables says. Not here: the tables (`canary_modes.py`,
`canary_visits.py`, `canary_google_modes.py`), or carrying them out (`canary_scene.py`).
"""

from dataclasses import dataclass

WITHINGS, GOOGLE_HEALTH = "withings", "google_health"
# Stands in an order of a fault for the values and the name of the person whom it hits.
CANARY = "CANARY"


@dataclass(frozen=True)
class Mode:
    """A link whose vendor or EHR does something; how its days end, and whether they arrive.

    A `whole` one shares all that the vendor has, with values in rows of each kind: those `lost` do
    not arrive. What is `unreadable`, as (kind of row, field), holds no value that can be one.
    """

    name: str
    outcome: str
    arrives: bool
    faults: tuple = ()
    whole: bool = False
    lost: tuple = ()
    unreadable: tuple = ()
    vendor: str = WITHINGS


@dataclass(frozen=True)
class Journey:
    """A patient's way through the link page, and the heading of the page where it ends.

    The page `says` something besides. Somebody who is `not_linked` has an account without data.
    """

    name: str
    steps: object
    ends: str
    faults: tuple = ()
    says: str = ""
    not_linked: bool = False
    vendor: str = WITHINGS


def vendor(kind, **more):
    return ({"target": WITHINGS, "kind": kind, **more},)


def google(kind, **more):
    return ({"target": GOOGLE_HEALTH, "kind": kind, **more},)


def ehr(kind, **more):
    return ({"target": "ehr", "kind": kind, **more},)


def identity(kind, **more):
    return ({"target": "identity", "kind": kind, **more},)
