"""What to show next, over HTTP, from a recommender that follows the same logs."""

from uuid import uuid4

import pytest

from domain.identity.api_key import Scope
from tests.api.test_catalog import publish
from tests.api.test_engagement import interaction, report
from tests.support.databases import empty_database
from tests.support.site import open_site, settings_for

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def site(postgres_url, nats_url, redis_url, milvus_uri):
    with empty_database(postgres_url) as database:
        async with open_site(settings_for(database, nats_url, redis_url, milvus_uri=milvus_uri)) as site:
            yield site


@pytest.fixture(scope="module")
async def videos(service):
    """Six videos of two genres, and the position at which they are all known."""
    receipts = [
        await publish(service, title=f"No. {number}", genre="animals" if number % 2 else "cooking")
        for number in range(6)
    ]
    return [receipt["id"] for receipt in receipts], f"catalog:{receipts[-1]['position']}"


async def test_a_stranger_is_recommended_what_there_is_each_with_a_reason(service, videos):
    ids, known = videos
    answer = await service.get("/api/recommendations", params={"user_id": str(uuid4()), "min_position": known})
    items = answer.json()["items"]
    assert answer.status_code == 200
    assert {item["video_id"] for item in items} == set(ids)
    assert all(item["reasons"] and item["title"] and item["creator_id"] for item in items)
    assert set(answer.json()["positions"]) == {"catalog", "engagement"}


async def test_what_was_seen_a_moment_ago_is_not_recommended_again(service, videos):
    ids, known = videos
    user = uuid4()
    seen = interaction(user_id=user, video_id=ids[0], kind="view", watched_ms=9_000)
    position = (await report(service, seen)).json()["position"]
    params = {"user_id": str(user), "min_position": f"{known},engagement:{position}", "count": 100}
    items = (await service.get("/api/recommendations", params=params)).json()["items"]
    assert {item["video_id"] for item in items} == set(ids[1:])


async def test_filters_leave_only_what_matches(service, videos):
    _, known = videos
    params = {"user_id": str(uuid4()), "genre": "animals", "min_position": known, "count": 2}
    items = (await service.get("/api/recommendations", params=params)).json()["items"]
    assert len(items) == 2
    assert all(item["title"] in {"No. 1", "No. 3", "No. 5"} for item in items)


async def test_videos_like_one_leave_it_out(service, videos):
    ids, known = videos
    params = {"video_id": ids[0], "min_position": known}
    items = (await service.get("/api/similar-videos", params=params)).json()["items"]
    assert items
    assert ids[0] not in {item["video_id"] for item in items}


async def test_nothing_is_like_a_video_that_is_not_there(service, videos):
    refused = await service.get("/api/similar-videos", params={"video_id": str(uuid4()), "min_position": videos[1]})
    assert (refused.status_code, refused.json()["code"]) == (404, "video_not_found")


async def test_a_user_asks_for_nobody_else(site):
    ann = uuid4()
    client = await site.bearer(Scope.USER, ann)
    assert (await client.get("/api/recommendations", params={"user_id": str(ann)})).status_code == 200
    refused = await client.get("/api/recommendations", params={"user_id": str(uuid4())})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_this_user")


@pytest.mark.parametrize(("name", "value"), [("count", "0"), ("count", "101"), ("genre", ""), ("creator_id", "17")])
async def test_a_bad_parameter_is_named(service, name, value):
    refused = await service.get("/api/recommendations", params={"user_id": str(uuid4()), name: value})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert [each["field"] for each in refused.json()["errors"]] == [name]


async def test_with_everything_there_it_is_ready(site):
    answer = await site.client.get("/readyz")
    checks = answer.json()["checks"]
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert set(checks) == {"postgres", "schema", "nats", "redis", "recommender", "milvus", "mails", "read_models"}
    assert all(check["milliseconds"] >= 0 for check in checks.values())
