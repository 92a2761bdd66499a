"""The people of the sandbox: one list that all stand-ins share.

Belongs here: who they are and under which name each system knows them. Not here: what they measure
(`withings/habits.py`) or how they appear in the EHR.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

MOST_PEOPLE = 200

# The first six live in zones that catch different mistakes: half hours, the date line, no DST.
_FIRST_SIX = (
    ("Astrid Lindqvist", "Europe/Stockholm"),
    ("Marcus Whitfield", "America/Los_Angeles"),
    ("Priya Raghunathan", "Asia/Kolkata"),
    ("Aroha Ngata", "Pacific/Auckland"),
    ("João Figueiredo", "America/Sao_Paulo"),
    ("Wanjiru Kamau", "Africa/Nairobi"),
)
_GIVEN = (
    "Amina", "Bence", "Chidi", "Dilara", "Emeka", "Fatima", "Giulia", "Hiroshi", "Ingrid", "Jakub",
    "Keiko", "Lars", "Mei", "Noor", "Oksana", "Pablo", "Quynh", "Rania", "Siobhan", "Tomasz",
)  # fmt: skip
_FAMILY = (
    "Abara", "Bianchi", "Castillo", "Demir", "Eriksen", "Fofanah", "Gruber", "Haddad", "Ito",
    "Jovanović", "Kowalska",
)  # fmt: skip
_ZONES = (
    "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Adelaide", "America/St_Johns",
    "Asia/Kathmandu", "Europe/Lisbon", "Africa/Lagos", "America/Bogota", "Asia/Dubai",
    "Pacific/Honolulu", "Europe/Kyiv", "Pacific/Kiritimati",
)  # fmt: skip
_NAMESPACE = uuid.UUID("5f0c1d5e-6f0b-4c0a-9c55-3d2f5b8f7a10")


@dataclass(frozen=True, kw_only=True)
class Person:
    """One person, with the name or number that each system knows them by."""

    name: str
    login: str  # account name at the vendor
    user_id: int  # the vendor's `userid`
    username: str  # sign-in name at the identity provider
    subject: str  # `sub` there
    patient_id: str  # id of their FHIR Patient
    zone: str  # IANA name, from the vendor's profile


def make_people(count: int, run: str = "") -> list[Person]:
    """Give the first `count` people, always the same; raises ValueError beyond 1 to 200.

    With a `run` their Patients have ids of that run alone, for an EHR that other runs know too.
    """
    if not 1 <= count <= MOST_PEOPLE:
        message = f"people must be 1 to {MOST_PEOPLE}, not {count}"
        raise ValueError(message)
    return [_person(number, run) for number in range(count)]


def _person(number: int, run: str) -> Person:
    name, zone = _FIRST_SIX[number] if number < len(_FIRST_SIX) else _further(number)
    given = _plain(name.split()[0])
    # Given names repeat after the first twenty-six.
    username = given if number < len(_FIRST_SIX) + len(_GIVEN) else f"{given}{number + 1}"
    family = _plain(name.split()[-1])
    return Person(
        name=name,
        login=f"{given}.{family}@home.example",
        user_id=71_000_000 + 7_919 * (number + 1),
        username=username,
        subject=str(uuid.uuid5(_NAMESPACE, f"subject-{number}")),
        patient_id="-".join(filter(None, ("patient", run, f"{number + 1:04d}"))),
        zone=zone,
    )


def _further(number: int) -> tuple[str, str]:
    """Pair every given name with every family name before a pair comes again (20 x 11 pairs)."""
    position = number - len(_FIRST_SIX)
    turn, given = divmod(position, len(_GIVEN))
    family = _FAMILY[(given + turn) % len(_FAMILY)]
    return f"{_GIVEN[given]} {family}", _ZONES[position % len(_ZONES)]


def _plain(word: str) -> str:
    """Write a name as an account name would: lower case, without accents."""
    return word.lower().translate(str.maketrans("ãćé", "ace"))
