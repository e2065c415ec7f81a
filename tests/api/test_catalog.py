"""Videos and creators, over HTTP."""

from base64 import urlsafe_b64encode
from typing import Any
from uuid import uuid4

import pytest

from domain.identity.api_key import Scope
from tests.api.test_engagement import interaction, report

pytestmark = pytest.mark.anyio

CATS = {
    "title": "Cats",
    "description": "Nine lives",
    "genre": "animals",
    "themes": ["pets", "fun"],
    "language": "en-GB",
    "duration_ms": 61_000,
    "generation": {"hook": "question", "length": 60, "loud": True, "seed": None, "warmth": 0.5},
}


async def draft(client, creator=None, **details: Any) -> dict[str, Any]:
    body = {"creator_id": str(creator or uuid4()), **CATS, **details}
    answer = await client.post("/api/videos", json=body)
    assert answer.status_code == 201
    return answer.json()


async def publish(client, creator=None, **details: Any) -> dict[str, Any]:
    video = await draft(client, creator, **details)
    return (await client.post(f"/api/videos/{video['id']}/publication")).json()


async def test_a_video_is_drafted_published_changed_and_read_back_at_once(service):
    creator = uuid4()
    receipt = await draft(service, creator)
    video = f"/api/videos/{receipt['id']}"
    await service.post(f"{video}/publication")
    changed = (await service.put(video, json={"title": "Dogs"})).json()
    shown = await service.get(video, params={"min_position": changed["position"]})
    body = shown.json()
    assert shown.status_code == 200
    assert (body["title"], body["status"], body["version"], body["genre"]) == ("Dogs", "published", 3, None)
    assert body["creator_id"] == str(creator)
    assert body["published_at"] >= body["drafted_at"]
    assert set(body["counts"].values()) == {0}


async def test_all_details_come_back_as_they_were_sent(service):
    receipt = await draft(service)
    shown = (await service.get(f"/api/videos/{receipt['id']}", params={"min_position": receipt["position"]})).json()
    assert {name: shown[name] for name in CATS} == CATS


async def test_a_draft_and_a_withdrawn_video_are_shown_to_their_creator_only(site, service):
    creator = uuid4()
    owner, other = await site.bearer(Scope.CREATOR, creator), await site.bearer(Scope.CREATOR, uuid4())
    receipt = await draft(owner, creator)
    video, known = f"/api/videos/{receipt['id']}", {"min_position": receipt["position"]}
    assert (await owner.get(video, params=known)).json()["status"] == "draft"
    assert (await other.get(video, params=known)).json()["code"] == "video_not_found"
    withdrawn = (await owner.post(f"{video}/withdrawal", json={"reason": "rights"})).json()
    known = {"min_position": f"catalog:{withdrawn['position']}"}
    assert (await service.get(video, params=known)).json()["status"] == "withdrawn"
    assert (await other.get(video, params=known)).status_code == 404


async def test_others_can_neither_change_nor_see_that_there_is_a_video(site, service):
    receipt = await publish(service)
    other = await site.bearer(Scope.CREATOR, uuid4())
    refused = await other.put(f"/api/videos/{receipt['id']}", json={"title": "Mine"})
    unknown = await other.put(f"/api/videos/{uuid4()}", json={"title": "Mine"})
    assert (refused.status_code, refused.json()["code"]) == (404, "video_not_found")
    assert unknown.json()["code"] == refused.json()["code"]


async def test_a_withdrawn_video_cannot_be_published(service):
    receipt = await draft(service)
    await service.post(f"/api/videos/{receipt['id']}/withdrawal", json={"reason": "rights"})
    refused = await service.post(f"/api/videos/{receipt['id']}/publication")
    assert (refused.status_code, refused.json()["code"]) == (409, "video_withdrawn")


async def test_counts_are_read_after_the_interactions_that_were_reported(service):
    receipt = await publish(service)
    video = receipt["id"]
    told = [
        interaction(video_id=video, kind="view", watched_ms=1500),
        interaction(video_id=video),
        interaction(video_id=video),
        interaction(video_id=video, kind="unlike"),
        interaction(video_id=video, kind="unsave"),
    ]
    position = (await report(service, *told)).json()["position"]
    known = {"min_position": f"{receipt['position']},engagement:{position}"}
    counts = (await service.get(f"/api/videos/{video}", params=known)).json()["counts"]
    assert (counts["views"], counts["watched_ms"], counts["likes"], counts["saves"]) == (1, 1500, 1, 0)


async def test_a_creators_videos_come_page_by_page_newest_first(service):
    creator = uuid4()
    receipts = [await publish(service, creator, title=f"No. {number}") for number in range(5)]
    known = {"min_position": receipts[-1]["position"], "limit": 2}
    titles, cursor = [], None
    for _ in range(3):
        page = (
            await service.get(f"/api/creators/{creator}/videos", params=known | ({"cursor": cursor} if cursor else {}))
        ).json()
        titles += [item["title"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert titles == ["No. 4", "No. 3", "No. 2", "No. 1", "No. 0"]
    assert cursor is None


async def test_drafts_are_listed_for_their_creator_only(site, service):
    creator = uuid4()
    receipt = await draft(service, creator)
    known = {"min_position": receipt["position"]}
    other = await site.bearer(Scope.CREATOR, uuid4())
    assert (await other.get(f"/api/creators/{creator}/videos", params=known)).json()["items"] == []
    assert len((await service.get(f"/api/creators/{creator}/videos", params=known)).json()["items"]) == 1


async def test_a_creator_has_videos_and_followers(service):
    creator = uuid4()
    receipt = await publish(service, creator)
    follow = interaction(kind="follow", creator_id=creator, video_id=None)
    position = (await report(service, follow)).json()["position"]
    known = {"min_position": f"catalog:{receipt['position']},engagement:{position}"}
    shown = await service.get(f"/api/creators/{creator}", params=known)
    assert shown.json() == {"id": str(creator), "videos": 1, "followers": 1}
    assert (await service.get(f"/api/creators/{uuid4()}")).json()["code"] == "creator_not_found"


@pytest.mark.parametrize("cursor", ["x", "!!!!", urlsafe_b64encode(b"\x93\x01\x02").decode(), "é", "a" * 500])
async def test_a_cursor_of_somebody_elses_making_is_refused(service, cursor):
    refused = await service.get(f"/api/creators/{uuid4()}/videos", params={"cursor": cursor})
    assert (refused.status_code, refused.json()["code"]) == (422, "cursor_invalid")


@pytest.mark.parametrize("limit", ["0", "101", "many", "1.5", "-1"])
async def test_a_limit_is_1_to_100(service, limit):
    refused = await service.get(f"/api/creators/{uuid4()}/videos", params={"limit": limit})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert [each["field"] for each in refused.json()["errors"]] == ["limit"]


@pytest.mark.parametrize("path", ["/api/videos/{id}", "/api/creators/{id}/videos", "/api/recommendations?user_id={id}"])
async def test_a_position_that_nobody_was_answered_is_not_waited_for(service, path):
    path = path.format(id=uuid4())
    refused = await service.get(f"{path}{'&' if '?' in path else '?'}min_position=catalog:{10**17}")
    assert (refused.status_code, refused.json()["code"]) == (422, "min_position_not_recorded")
    assert [each["field"] for each in refused.json()["errors"]] == ["min_position"]


@pytest.mark.parametrize("position", ["", "-1", "1.5", "catalog:", ":1", "engagement:1;2", "billing:1", "9" * 19, "²"])
async def test_a_position_is_a_number_or_names_a_log_that_matters(service, position):
    refused = await service.get(f"/api/videos/{uuid4()}", params={"min_position": position})
    assert (refused.status_code, refused.json()["code"]) == (422, "min_position_invalid")
    assert [each["field"] for each in refused.json()["errors"]] == ["min_position"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"themes": ["ok", ""]}, "themes[1]"),
        ({"language": "klingon language"}, "language"),
        ({"duration_ms": 0}, "duration_ms"),
        ({"generation": {"seed": 10**30}}, "generation.seed"),
        ({"generation": {"seed": [1]}}, "generation.seed"),
        ({"colour": "red"}, "colour"),
        ({"id": "17"}, "id"),
    ],
)
async def test_a_bad_field_is_named(service, changed, field):
    refused = await service.post("/api/videos", json={"creator_id": str(uuid4()), **CATS, **changed})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert [each["field"] for each in refused.json()["errors"]] == [field]


async def test_all_bad_fields_are_named_at_once(service):
    refused = await service.post("/api/videos", json={"title": 1, "duration_ms": "long", "colour": "red"})
    assert {each["field"] for each in refused.json()["errors"]} == {"creator_id", "title", "duration_ms", "colour"}
