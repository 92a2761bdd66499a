"""The command group and the one place where an error becomes a message and an exit status.

Belongs here: putting commands together. Not here: what they do.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from ohx_pipelines import __version__
from ohx_pipelines.cli.backfill import backfill
from ohx_pipelines.cli.demo import demo
from ohx_pipelines.cli.doctor import doctor
from ohx_pipelines.cli.ehr import ehr
from ohx_pipelines.cli.import_file import import_file
from ohx_pipelines.cli.links import links
from ohx_pipelines.cli.mapping import mapping
from ohx_pipelines.cli.migrate import migrate
from ohx_pipelines.cli.retractions import retractions
from ohx_pipelines.cli.up import up
from ohx_pipelines.errors import OhxError
from ohx_pipelines.quiet_logs import quiet_libraries


class OhxGroup(click.Group):
    """A group whose commands end with a sentence, not with a stack, when we raise on purpose."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an OhxError is printed and ends with exit status 1."""
        try:
            return super().invoke(ctx)
        except OhxError as error:
            click.echo(f"ohx: {error}", err=True)
            sys.exit(1)


@click.group(cls=OhxGroup)
@click.version_option(__version__, prog_name="ohx")
def main() -> None:
    """Carry home-device readings from vendor clouds to a FHIR R5 EHR."""
    quiet_libraries()


for command in (up, demo, backfill, import_file, links, retractions, ehr, mapping, migrate, doctor):
    main.add_command(command)
