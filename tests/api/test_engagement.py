"""Interactions, reported over HTTP."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from adapters.composition import utc_now
from domain.identity.api_key import Scope

pytestmark = pytest.mark.anyio


def interaction(**told: Any) -> dict[str, Any]:
    like = {"id": uuid4(), "at": utc_now(), "user_id": uuid4(), "kind": "like", "video_id": uuid4(), **told}
    return msgspec.to_builtins({name: value for name, value in like.items() if value is not None})


async def report(client, *interactions: Any):
    return await client.post("/api/interactions", json={"interactions": interactions})


async def test_a_batch_is_accepted_once_and_a_duplicate_after_that(service):
    batch = [interaction() for _ in range(500)]
    first = await report(service, *batch)
    assert first.status_code == 202
    assert first.json() | {"position": 0} == {"accepted": 500, "duplicates": 0, "rejected": [], "position": 0}
    again = await report(service, *batch)
    assert again.json() == {
        "accepted": 0, "duplicates": 500, "rejected": [], "position": first.json()["position"]
    }  # fmt: skip


async def test_bad_items_among_good_ones_are_answered_each_for_itself(service):
    answer = await report(
        service,
        interaction(),
        interaction(user_id=None),
        interaction(colour="red"),
        interaction(at="yesterday"),
        interaction(video_id=None),
        interaction(at=utc_now() + timedelta(days=3)),
        [1],
        interaction(query="cats"),
        interaction(device="a\0b"),
        interaction(),
    )
    body = answer.json()
    assert answer.status_code == 202
    assert (body["accepted"], body["duplicates"]) == (2, 0)
    assert [(each["index"], each["code"]) for each in body["rejected"]] == [
        (1, "field_missing"),
        (2, "unknown_field"),
        (3, "invalid"),
        (4, "field_missing"),
        (5, "occurred_in_future"),
        (6, "invalid"),
        (7, "field_not_allowed"),
        (8, "invalid"),
    ]
    details = {each["index"]: each["detail"] for each in body["rejected"]}
    assert "user_id" in details[1]
    assert "colour" in details[2]
    assert "at" in details[3]


async def test_a_batch_in_which_nothing_is_right_is_still_answered(service):
    answer = await report(service, interaction(kind="stare"), {})
    assert answer.status_code == 202
    assert answer.json()["position"] == 0
    assert len(answer.json()["rejected"]) == 2


@pytest.mark.parametrize("count", [0, 501])
async def test_a_batch_has_1_to_500_items(service, count):
    answer = await report(service, *[interaction() for _ in range(count)])
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert answer.json()["errors"][0]["field"] == "interactions"


async def test_a_user_reports_only_what_they_did_themself(site):
    ann = uuid4()
    client = await site.bearer(Scope.USER, ann)
    answer = await report(client, interaction(user_id=ann), interaction())
    assert answer.json()["accepted"] == 1
    assert [(each["index"], each["code"]) for each in answer.json()["rejected"]] == [(1, "not_this_user")]


async def test_an_item_nested_without_end_does_not_refuse_its_neighbours(service):
    deep = b"[" * 500 + b"]" * 500
    good = msgspec.json.encode(interaction())
    answer = await service.post(
        "/api/interactions",
        content=b'{"interactions": [' + good + b"," + deep + b"]}",
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 202
    assert answer.json()["accepted"] == 1


async def test_a_moment_at_the_edge_of_the_calendar_is_recorded_and_one_beyond_it_refused(service):
    answer = await report(service, interaction(at="0001-01-01T00:00:00Z"), interaction(at="0001-01-01T00:00:00+14:00"))
    assert answer.json()["accepted"] == 1
    assert [(each["index"], each["code"]) for each in answer.json()["rejected"]] == [(1, "outside_calendar")]
