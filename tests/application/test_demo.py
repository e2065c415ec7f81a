"""The example platform: the same for the same seed, right in every record, and full of taste."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import mean

import msgspec
import pytest

from application.demo.watching import interactions
from application.demo.words import GENRES
from application.demo.world import made_up
from application.history.facts import Recording, facts_of
from application.history.records import read_record

ENDS = datetime(2026, 11, 23, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def world():
    return made_up(1, 0.2, ENDS)


@pytest.fixture(scope="module")
def happened(world):
    return interactions(world)


def test_a_seed_makes_one_world(world, happened):
    again = made_up(1, 0.2, ENDS)

    assert [*again.users, *again.videos] == [*world.users, *world.videos]
    assert interactions(again) == happened


def test_another_seed_or_scale_shares_nothing(world):
    ids = {record.id for record in [*world.users, *world.videos]}

    for other in (made_up(2, 0.2, ENDS), made_up(1, 0.1, ENDS)):
        assert ids.isdisjoint(record.id for record in [*other.users, *other.videos])


def test_every_record_is_one_that_an_import_takes(world, happened):
    records = [*world.users, *world.videos, *happened]

    assert [read_record(msgspec.json.encode(record)) for record in records] == records
    facts = [fact for record in records for fact in facts_of(record, Recording("operator:test", ENDS))[1]]
    assert len({fact.event_id for fact in facts}) == len(facts)


def test_it_is_about_as_large_as_asked(world, happened):
    assert (len(world.creators), len(world.videos), len(world.viewers)) == (8, 120, 80)
    assert 7_200 < len(happened) < 10_000
    assert {kind for kind, _ in Counter(it.kind for it in happened).most_common()} == {
        *("view", "like", "skip", "impression", "save", "follow", "share", "comment", "search", "hide")
    }


def test_time_runs_forward_and_ends_when_the_world_does(world, happened):
    published = {video.id: video.at for video in world.videos}
    joined = {user.id: user.at for user in world.users}

    assert all(one.at <= next_.at for one, next_ in pairwise(happened))
    assert ENDS - timedelta(days=1) < happened[-1].at <= ENDS
    assert all(it.at >= joined[it.user_id] for it in happened)
    assert all(it.at >= published[it.video_id] for it in happened if it.video_id)


def test_viewers_like_what_is_to_their_taste(world, happened):
    genre = {video.id: video.genre for video in world.videos}
    favourite = {
        viewer.record.id: max((it.name for it in GENRES), key=lambda name: viewer.tastes.get(name, 0.0))
        for viewer in world.viewers
    }
    liked = mean(genre[it.video_id] == favourite[it.user_id] for it in happened if it.kind == "like")
    skipped = mean(genre[it.video_id] == favourite[it.user_id] for it in happened if it.kind == "skip")

    assert liked > 3 / len(GENRES)
    assert liked > 2 * skipped
