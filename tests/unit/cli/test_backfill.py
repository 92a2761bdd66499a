"""`ohx backfill`: which keys it asks for, and what it says when it cannot."""

from datetime import date

import pytest
from click.testing import CliRunner

from ohx_pipelines.cli.backfill import chosen_links, partition_keys
from ohx_pipelines.cli.main import main
from ohx_pipelines.errors import NotFound


def test_the_keys_are_every_day_for_every_link_as_dagster_writes_them():
    assert partition_keys(["a", "b"], date(2026, 2, 28), date(2026, 3, 1)) == [
        "2026-02-28|a",
        "2026-03-01|a",
        "2026-02-28|b",
        "2026-03-01|b",
    ]


def test_one_day_is_one_key_a_link():
    assert partition_keys(["a"], date(2026, 3, 1), date(2026, 3, 1)) == ["2026-03-01|a"]


def test_without_a_choice_every_link_is_taken():
    assert chosen_links(["a", "b"], ()) == ["a", "b"]


def test_only_the_chosen_links_are_taken():
    assert chosen_links(["a", "b", "c"], ("c", "a")) == ["c", "a"]


def test_a_link_without_a_partition_is_named():
    with pytest.raises(NotFound, match=r"gone.*ohx links list"):
        chosen_links(["a"], ("a", "gone"))


def test_no_link_at_all_says_what_to_do_first():
    with pytest.raises(NotFound, match="link an account first"):
        chosen_links([], ())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "2026-11-02", "--to", "2026-11-01"], "--to lies before --from"),
        (["--from", "yesterday", "--to", "2026-11-01"], "yesterday"),
        (["--from", "2026-11-01"], "--to"),
    ],
)
def test_a_wrong_range_is_refused_before_anything_is_asked(arguments, said):
    ended = CliRunner().invoke(main, ["backfill", "--provider", "withings", *arguments])

    assert ended.exit_code == 2
    assert said in ended.output


def test_an_unknown_provider_is_refused_with_those_there_are():
    days = ["--from", "2026-11-01", "--to", "2026-11-01"]

    ended = CliRunner().invoke(main, ["backfill", "--provider", "nobody", *days])

    assert ended.exit_code == 2
    assert "withings" in ended.output
