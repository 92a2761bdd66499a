"""`ohx mapping`: what each metric becomes in FHIR here, and whether a site's file is right.

Belongs here: the commands. Not here: the table (`fhir/`) or how it is written (`mapping_text.py`).
"""

from __future__ import annotations

import json
from pathlib import Path

import click

from ohx_pipelines.cli.mapping_text import as_json, as_lines, as_markdown, in_words
from ohx_pipelines.fhir.mapping import Mapping, load_mapping
from ohx_pipelines.fhir.table.code_system import code_system
from ohx_pipelines.fhir.table.overlay import changes
from ohx_pipelines.settings import site_mapping_file


@click.group()
def mapping() -> None:
    """Show what each metric becomes in FHIR, and judge a site's changes."""


@mapping.command()
@click.option("--metric", metavar="NAME", help="Show one metric or panel alone.")
@click.option("--json", "json_wanted", is_flag=True, help="Print one JSON object.")
@click.option("--markdown", is_flag=True, help="Print the tables of docs/mapping.md.")
def show(*, metric: str | None, json_wanted: bool, markdown: bool) -> None:
    """Print the effective table: the shipped one with OHX_MAPPING_FILE over it.

    What the site's file changed is marked with an asterisk.
    """
    if json_wanted and markdown:
        raise click.UsageError("--json and --markdown exclude each other")
    shipped = load_mapping()
    effective = load_mapping(site_mapping_file())
    changed = changes(shipped, effective)
    shown = effective if metric is None else _only(effective, metric)
    if json_wanted:
        click.echo(json.dumps(as_json(shown, changed), ensure_ascii=False))
    else:
        lines = as_markdown(shown) if markdown else as_lines(shown, changed)
        click.echo("\n".join(lines))


@mapping.command()
@click.argument("file", type=click.Path(path_type=Path))
def check(file: Path) -> None:
    """Say what a site's FILE changes, or everything that is wrong with it (exit status 1)."""
    changed = changes(load_mapping(), load_mapping(file))
    if not changed:
        click.echo(f"{file} is right, and changes nothing.")
        return
    click.echo(f"{file} is right. It changes:")
    for change in changed:
        click.echo(f"  {in_words(change)}")


@mapping.command("code-system")
def print_code_system() -> None:
    """Print the CodeSystem of the local codes, a FHIR resource, for a server to take."""
    click.echo(json.dumps(code_system(), ensure_ascii=False, indent=2))


def _only(mapping: Mapping, name: str) -> Mapping:
    metrics = {metric: row for metric, row in mapping.metrics.items() if metric == name}
    panels = {panel: row for panel, row in mapping.panels.items() if panel == name}
    if not metrics and not panels:
        message = f"there is no metric or panel {name!r}; `ohx mapping show` lists them"
        raise click.BadParameter(message, param_hint="--metric")
    return mapping.model_copy(update={"metrics": metrics, "panels": panels})
