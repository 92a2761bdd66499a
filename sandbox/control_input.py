"""Reading what the control endpoint is sent.

Belongs here: types, ranges and names of fields, with a message for each mistake. Not here: what is
then done (`control.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from flask import request

from sandbox.people import Person


class WrongRequest(Exception):
    """The request cannot be understood; the message says why."""


class Fields:
    """The fields of one JSON object."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        """Read from this object."""
        self._given = given

    def has(self, name: str) -> bool:
        """Say whether a field is there and not null."""
        return self._given.get(name) is not None

    def text(self, name: str, *, among: Collection[str]) -> str:
        """Give a text that must be one of these."""
        value = self._given.get(name)
        if not isinstance(value, str) or value not in among:
            raise WrongRequest(f"{name} must be one of: {', '.join(sorted(among))}")
        return value

    def words(self, name: str) -> str | None:
        """Give a text of any kind, or None when it is not there."""
        value = self._given.get(name)
        if value is not None and not isinstance(value, str):
            raise WrongRequest(f"{name} must be a text")
        return value

    def texts(self, name: str) -> list[str]:
        """Give a list of texts, empty when it is not there."""
        value = self._given.get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise WrongRequest(f"{name} must be a list of texts")
        return value

    def day(self, name: str) -> date:
        """Give a day that must be there."""
        return _read_day(name, self.words(name))

    def integer(self, name: str, *, least: int | None = None) -> int | None:
        """Give a whole number, or None when it is not there."""
        value = self._given.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            raise WrongRequest(f"{name} must be a whole number")
        if least is not None and value < least:
            raise WrongRequest(f"{name} must be at least {least}")
        return value

    def needed(self, name: str, *, least: int | None = None) -> int:
        """Give a whole number that must be there."""
        value = self.integer(name, least=least)
        if value is None:
            raise WrongRequest(f"{name} is missing")
        return value

    def number(self, name: str) -> float | None:
        """Give a number that is not negative, or None when it is not there."""
        value = self._given.get(name)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
            raise WrongRequest(f"{name} must be a number that is not negative")
        return float(value)

    def figure(self, name: str) -> int | float:
        """Give a number, whole or not, that must be there."""
        value = self._given.get(name)
        if value is None:
            raise WrongRequest(f"{name} is missing")
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise WrongRequest(f"{name} must be a number")
        return value

    def mapping(self, name: str) -> dict[str, Any] | None:
        """Give an object, or None when it is not there."""
        value = self._given.get(name)
        if value is not None and not isinstance(value, dict):
            raise WrongRequest(f"{name} must be an object")
        return value

    def as_given(self) -> Mapping[str, Any]:
        """Give every field, for whoever checks them by itself."""
        return self._given

    def boolean(self, name: str) -> bool:
        """Give true or false."""
        value = self._given.get(name)
        if not isinstance(value, bool):
            raise WrongRequest(f"{name} must be true or false")
        return value


def body(*known: str) -> Fields:
    """Give the request's JSON object; raises WrongRequest for none, or for an unknown field."""
    given = request.get_json(force=True, silent=True)
    if not isinstance(given, dict):
        raise WrongRequest("send a JSON object")
    unknown = sorted(given.keys() - set(known))
    if unknown:
        raise WrongRequest(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}")
    return Fields(given)


def days() -> tuple[date, date]:
    """Give `from` and `to` of the query, both included."""
    first, last = _day("from"), _day("to")
    if last < first:
        raise WrongRequest("to lies before from")
    return first, last


def person_of(people: Iterable[Person], login: str | None) -> Person:
    """Give whose login it is."""
    found = next((person for person in people if person.login == login), None)
    if found is None:
        raise WrongRequest(f"nobody has the login {login}")
    return found


def asked_people(people: Sequence[Person]) -> Sequence[Person]:
    """Give the people of the query's `login`s, or everybody."""
    return named_people(people, "login") or people


def named_people(people: Sequence[Person], name: str) -> list[Person]:
    """Give the people whose logins the query has under a name."""
    return [person_of(people, login) for login in request.args.getlist(name)]


def _day(name: str) -> date:
    return _read_day(name, request.args.get(name))


def _read_day(name: str, text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        raise WrongRequest(f"{name} must be a day, YYYY-MM-DD") from None
