"""`ohx links webhook`: the address to which a vendor sends notifications, where it is registered by hand.

Belongs here: the command. Not here: what the address is made of (`notifying.py`), or its page
(`oauth_portal/webhooks.py`).
"""

from __future__ import annotations

import click

from ohx_pipelines.cli.provider_name import ProviderName
from ohx_pipelines.errors import ConfigurationError
from ohx_pipelines.notifying import notifying_from
from ohx_pipelines.providers.registry import provider_facts
from ohx_pipelines.settings import load_settings


@click.command("webhook")
@click.argument("provider", type=ProviderName(provider_facts()))
def webhook(*, provider: str) -> None:
    """Print where PROVIDER sends notifications.

    It is a secret: whoever has it can have days looked at again. Withings and Google are told it by
    `ohx` itself; OMRON registers it by hand.
    """
    notifying = notifying_from(load_settings())
    if notifying is None:
        message = (
            "Notifications are turned off: set OHX_PORTAL__NOTIFICATIONS=True and an https address in "
            "OHX_PORTAL__URL."
        )
        raise ConfigurationError(message)
    click.echo(notifying.url(provider))
