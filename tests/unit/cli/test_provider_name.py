"""A provider's name on the command line: its own, or an alias that stands for it."""

from dataclasses import replace

import click
import pytest
from click.testing import CliRunner

from ohx_pipelines.cli.main import main
from ohx_pipelines.cli.provider_name import ProviderName
from ohx_pipelines.providers.registry import provider_facts
from tests.fake_provider import FACTS

OLD, NEW = replace(FACTS, name="old"), replace(FACTS, name="new_scales", aliases=("scales", "old"))


@click.command()
@click.option("--provider", type=ProviderName([OLD, NEW]))
def told(provider):
    click.echo(f"it is {provider}")


def asked(*arguments):
    return CliRunner().invoke(told, arguments)


@pytest.mark.parametrize(
    ("given", "meant"), [("new_scales", "new_scales"), ("scales", "new_scales"), ("old", "old")]
)
def test_an_alias_stands_for_the_providers_own_name_and_never_for_anothers(given, meant):
    assert asked("--provider", given).output == f"it is {meant}\n"


@pytest.mark.parametrize("given", ["Scales", "scales ", "", "tiny"])
def test_another_word_is_refused_with_the_names_there_are(given):
    ended = asked("--provider", given)

    assert ended.exit_code == 2
    assert "'old', 'new_scales'" in ended.output


def test_no_two_providers_go_by_one_name():
    facts = provider_facts()
    names = [name for one in facts for name in (one.name, *one.aliases)]

    assert len(names) == len(set(names))


def test_the_option_may_be_left_out():
    assert asked().output == "it is None\n"


def test_help_offers_names_and_no_aliases():
    assert "[old|new_scales]" in asked("--help").output


@pytest.mark.parametrize("command", [("links", "list"), ("backfill",)])
def test_both_commands_that_name_a_provider_refuse_an_unknown_one(command):
    ended = CliRunner().invoke(main, [*command, "--provider", "nobody"])

    assert ended.exit_code == 2
    assert "'nobody' is not" in ended.output
