"""`ohx ehr keys`: the key pair that signs for an EHR connection, and what the EHR is told of it.

Belongs here: the command. Not here: keys (`fhir/signing_keys.py`) or where they are kept (`links/`).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from urllib.parse import urlsplit

import click

from ohx_pipelines.cli.store import opened_store
from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.fhir.signing_in.signing_keys import ALGORITHMS, Algorithm, new_signing_key
from ohx_pipelines.links.records import EhrKey
from ohx_pipelines.settings import Settings, load_settings

JWKS_PATH = "/.well-known/jwks.json"
_ROW = "{:<45}{:<11}{:<10}{}"


@click.command()
@click.argument("name")
@click.option("--algorithm", type=click.Choice(ALGORITHMS), help="[default: ES384]")
@click.option("--rotate", is_flag=True, help="Make another key; it signs in an hour.")
@click.option(
    "--at-once",
    is_flag=True,
    help="With --rotate: it signs now, and the former is trusted no more.",
)
@click.option("--list", "listed", is_flag=True, help="Only list the keys and their ages.")
def keys(
    *, name: str, algorithm: Algorithm | None, rotate: bool, at_once: bool, listed: bool
) -> None:
    """Make the key that signs for the EHR connection NAME, or show it; the private part stays here.

    A first key signs at once. A later one is published for an hour before it signs, and the former
    for a day after.
    """
    if at_once and not rotate:
        message = "--at-once goes with --rotate"
        raise click.UsageError(message)
    settings = load_settings()
    with opened_store(settings) as store:
        there = store.ehr_keys(name)
        if not listed and (rotate or not there):
            _refuse_beside_a_file(settings, name)
            store.add_ehr_key(name, new_signing_key(algorithm or "ES384"), at_once=at_once)
        elif not listed and algorithm and algorithm not in {_algorithm(key) for key in there}:
            message = f"{name} has a key of another algorithm: add --rotate for one more"
            raise ConfigurationError(message)
        found = store.ehr_keys(name)
    if listed:
        _list(found)
    else:
        _show(found, settings)


def _refuse_beside_a_file(settings: Settings, name: str) -> None:
    if name == settings.ehr.name and settings.ehr.private_key_file:
        message = (
            "its key is the one of OHX_EHR__PRIVATE_KEY_FILE: put another one into the file, then "
            "start `ohx up` again"
        )
        raise ConfigurationError(message)


def _list(found: list[EhrKey]) -> None:
    click.echo(_ROW.format("KID", "ALGORITHM", "AGE", "STATE"))
    for key in found:
        click.echo(_ROW.format(key.kid, _algorithm(key), _age(key), _state(key)))


def _show(found: list[EhrKey], settings: Settings) -> None:
    for key in found:
        if key.published_until is None or key.signs:
            click.echo(f"{_algorithm(key)} key {key.kid}: {_state(key)}. Its public part:")
            click.echo(json.dumps(key.public_jwk))
    click.echo(
        f"Have the EHR read it from {jwks_address(settings)}, or register it there by hand, "
        "for the connection's client id."
    )


def jwks_address(settings: Settings) -> str:
    """Give the address at which the portal publishes all public keys."""
    portal = urlsplit(settings.portal.url)
    return f"{portal.scheme}://{portal.netloc}{JWKS_PATH}"


def _state(key: EhrKey) -> str:
    if key.signs:
        return "signs"
    if key.signs_from > datetime.now(UTC):
        return f"signs from {key.signs_from:%Y-%m-%d %H:%MZ}"
    return f"published until {key.published_until:%Y-%m-%d %H:%MZ}"


def _algorithm(key: EhrKey) -> str:
    return str(key.public_jwk["alg"])


def _age(key: EhrKey) -> str:
    hours = (datetime.now(UTC) - key.made_at).total_seconds() / 3600
    return f"{hours / 24:.0f} days" if hours >= 48 else f"{hours:.0f} hours"  # noqa: PLR2004
