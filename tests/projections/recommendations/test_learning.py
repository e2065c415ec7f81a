"""What is learned from touches, told by what it leads to."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.engagement import interaction
from projections.recommendations.cooccurrence import PARTNERS, Cooccurrence
from projections.recommendations.popularity import Popularity
from projections.recommendations.question import ReasonCode
from tests.support.platform import Platform, titles


@pytest.fixture
def platform() -> Platform:
    platform = Platform()
    platform.publish("long", "short", "other")
    for viewer in range(10):
        platform.watch(f"viewer {viewer}", "long", ms=600_000)
        platform.watch(f"viewer {viewer}", "short", ms=15_000)
    return platform


def causes(platform: Platform, user: str) -> set[ReasonCode]:
    return {reason.code for item in platform.feed(user) for reason in item.reasons}


def test_a_view_is_measured_by_the_length_of_its_own_video(platform):
    platform.watch("ann", "short", ms=14_000)
    assert ReasonCode.BECAUSE_YOU_WATCHED in causes(platform, "ann")
    platform.watch("bob", "long", ms=14_000)
    assert ReasonCode.BECAUSE_YOU_WATCHED not in causes(platform, "bob")


def test_a_view_that_goes_on_becomes_positive_when_enough_was_watched(platform):
    platform.interact(interaction.VideoProgressed, "ann", "long", watched_ms=10_000)
    assert ReasonCode.BECAUSE_YOU_WATCHED not in causes(platform, "ann")
    platform.interact(interaction.VideoProgressed, "ann", "long", watched_ms=500_000)
    assert ReasonCode.BECAUSE_YOU_WATCHED in causes(platform, "ann")


def test_a_view_of_unknown_duration_is_seen_and_not_positive(platform):
    platform.interact(interaction.VideoViewed, "ann", "short")
    assert "short" not in titles(platform.feed("ann"))
    assert ReasonCode.BECAUSE_YOU_WATCHED not in causes(platform, "ann")


def test_a_loop_left_running_does_not_make_later_views_look_short(platform):
    platform.watch("ann", "short", ms=15_000 * 200)
    for viewer in range(40):
        platform.watch(f"late {viewer}", "short", ms=15_000)
    platform.watch("bob", "short", ms=15_000)
    assert ReasonCode.BECAUSE_YOU_WATCHED in causes(platform, "bob")


def test_the_same_touch_reported_again_teaches_nothing_new(platform):
    platform.like("ann", "short")
    scores = {item.title: item.score for item in platform.feed("bob")}
    platform.like("ann", "short")
    platform.watch("ann", "short", ms=15_000)
    assert {item.title: item.score for item in platform.feed("bob")} == pytest.approx(scores)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=300))
def test_pairs_are_counted_exactly_while_their_rows_have_room(touches):
    table, exact = Cooccurrence(), np.zeros((30, 30))
    table.make_room(30)
    for past, item in touches:
        if past != item:
            table.add(np.array([past], np.int32), item, 0.5, both_ways=True)
            exact[past, item] += 0.5
            exact[item, past] += 0.5
    for row in range(30):
        scores = table.scores(np.array([row], np.int32), np.ones(1), 30)
        assert np.abs(scores - exact[row]).max() <= 0.5 * len(touches) // 100 + 1e-6


def test_a_row_stays_bounded_and_keeps_its_strong_partners():
    table, items = Cooccurrence(), 4 * PARTNERS
    table.make_room(items)
    strong = np.arange(1, 21, dtype=np.int32)
    for weak in range(21, items):
        for partner in (int(strong[weak % 20]), weak):
            table.add(np.array([0], np.int32), partner, 1.0, both_ways=False)
    scores = table.scores(np.array([0], np.int32), np.ones(1), items)
    assert np.count_nonzero(scores) <= PARTNERS
    assert set(strong) <= set(np.argsort(-scores)[:40])


def test_popularity_survives_more_touches_than_a_float_can_count():
    popularity = Popularity()
    popularity.make_room(2)
    for _ in range(60_000):
        popularity.add(0, 1.0)
    popularity.add(1, 1.0)
    shares = popularity.shares(slice(2))
    assert np.isfinite(shares).all()
    assert shares.sum(axis=0) == pytest.approx(1.0, abs=1e-6)
    assert shares[1] == pytest.approx(1 - 0.5 ** (1 / np.array([20.0, 200.0, 1000.0, 5000.0])), rel=0.01)
