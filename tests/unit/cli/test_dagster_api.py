"""Dagster's GraphQL as the commands see it, against a server that answers as Dagster does."""

import pytest

from ohx_pipelines.cli.dagster_api import DagsterApi, DagsterFailed


@pytest.fixture
def api(site):
    return DagsterApi(site.url)


def test_a_backfill_is_launched_over_the_three_stages_and_every_key(site, api):
    site.answer_json("/graphql", {"data": {"launchPartitionBackfill": {"backfillId": "abcd"}}})

    launched = api.launch_backfill("acme", ["2026-11-01|a"], title="t")

    params = site.requests[0].body["variables"]["params"]
    assert launched == "abcd"
    assert params["partitionNames"] == ["2026-11-01|a"]
    assert [key["path"] for key in params["assetSelection"]] == [
        ["acme", stage] for stage in ("fetched", "normalized", "published")
    ]


def test_a_backfill_that_dagster_refuses_names_the_kind_of_refusal_alone(site, api):
    refusal = {"__typename": "PartitionKeysNotFoundError", "message": "CANARY"}
    site.answer_json("/graphql", {"data": {"launchPartitionBackfill": refusal}})

    with pytest.raises(DagsterFailed, match="PartitionKeysNotFoundError") as caught:
        api.launch_backfill("acme", [], title="t")

    assert "CANARY" not in str(caught.value)


@pytest.mark.parametrize(
    ("statuses", "finished"),
    [
        ([], False),
        (["STARTED", "SUCCESS"], False),
        (["QUEUED"], False),
        (["SUCCESS", "FAILURE", "CANCELED"], True),
    ],
)
def test_a_backfill_is_finished_when_it_has_runs_and_all_have_ended(site, api, statuses, finished):
    runs = {"results": [{"status": status} for status in statuses]}
    site.answer_json("/graphql", {"data": {"runsOrError": runs}})

    assert api.runs_finished("abcd") is finished


def test_links_are_the_keys_of_the_link_dimension(site, api):
    dimensions = [
        {"name": "day", "partitionKeys": ["2026-11-01"]},
        {"name": "link", "partitionKeys": ["a", "b"]},
    ]
    node = {"partitionKeysByDimension": dimensions}
    site.answer_json("/graphql", {"data": {"assetNodeOrError": node}})

    assert api.link_keys("acme") == ["a", "b"]


@pytest.mark.parametrize("answer", [{"errors": [{"message": "CANARY"}]}, {"data": None}])
def test_an_answer_without_data_says_what_to_start(site, api, answer):
    site.answer_json("/graphql", answer)

    with pytest.raises(DagsterFailed, match="is `ohx up` running") as caught:
        api.link_keys("acme")

    assert "CANARY" not in str(caught.value)


def test_a_web_server_that_is_not_there_says_what_to_start(closed_port):
    with pytest.raises(DagsterFailed, match="is `ohx up` running"):
        DagsterApi(f"http://127.0.0.1:{closed_port}").link_keys("acme")
