"""A replay, a restart and a question leave everything as it was."""

from random import Random

import pytest

from domain.engagement import interaction
from projections.recommendations.engine import CheckpointUnreadable, Engine
from projections.recommendations.question import FeedQuestion, SimilarQuestion
from projections.recommendations.vectors import HashedWords
from tests.support.platform import Platform, named, read

USERS = [f"user {nth}" for nth in range(30)]
VIDEOS = [f"video {nth}" for nth in range(60)]
KINDS = [interaction.VideoViewed] * 6 + [
    interaction.VideoLiked,
    interaction.VideoSkipped,
    interaction.VideoHidden,
    interaction.VideoUnliked,
    interaction.VideoSaved,
    interaction.VideoUnsaved,
]


@pytest.fixture(scope="module")
def platform() -> Platform:
    """A history with something of everything, the same in every run."""
    chance, platform = Random(7), Platform()
    for nth, video in enumerate(VIDEOS):
        platform.publish(video, creator=f"creator {nth % 5}", genre=("a", "b", "c")[nth % 3])
    for _ in range(1_500):
        user, video = chance.choice(USERS), chance.choice(VIDEOS)
        platform.interact(chance.choice(KINDS), user, video, watched_ms=chance.randrange(30_000))
        if chance.random() < 0.02:
            platform.follow(user, f"creator {chance.randrange(5)}", after=chance.choice([None, video]))
        if chance.random() < 0.01:
            platform.change(video, title=f"{video} again", genre="d")
    platform.withdraw("video 11")
    platform.publish("video 60", "video 61", creator="creator 1", genre="a")
    return platform


def every_answer(engine: Engine) -> list:
    feeds = [engine.feed(FeedQuestion(user_id=named(user))) for user in [*USERS, "a stranger"]]
    return feeds + [engine.similar(SimilarQuestion(video_id=named(video))) for video in ("video 1", "video 60")]


@pytest.mark.parametrize("seed", range(4))
def test_a_replay_answers_the_same_however_the_logs_are_interleaved(platform, seed):
    chance, engine = Random(seed), Engine()
    logs = [list(platform.engagement), list(platform.catalog)]
    while any(logs):
        log = chance.choice([log for log in logs if log])
        size = chance.choice([1, 10, 300])
        read(engine, log[:size])
        del log[:size]
        if chance.random() < 0.2:
            engine.feed(FeedQuestion(user_id=named("user 1")))
    assert every_answer(engine) == every_answer(platform.engine)


@pytest.mark.parametrize("cut", [0, 1, 37, 700, 1_500])
def test_a_dump_and_a_load_in_between_change_nothing(platform, cut):
    before = Engine()
    read(before, platform.catalog[: cut // 10])
    read(before, platform.engagement[:cut])
    after = Engine()
    after.load(before.dump())
    assert after.dump() == before.dump()
    read(after, platform.catalog[cut // 10 :])
    read(after, platform.engagement[cut:])
    assert every_answer(after) == every_answer(platform.engine)


def test_asking_changes_nothing(platform):
    before = platform.engine.dump()
    every_answer(platform.engine)
    assert platform.engine.dump() == before


class OtherWords(HashedWords):
    name = "other_words"


def test_a_checkpoint_with_vectors_of_another_meaning_is_refused(platform):
    engine = Engine(OtherWords())
    with pytest.raises(CheckpointUnreadable):
        engine.load(platform.engine.dump())
    assert engine.feed(FeedQuestion(user_id=named("user 1"))) == ()


def test_the_catalog_log_may_be_read_twice(platform):
    engine = Engine()
    read(engine, platform.catalog)
    once = engine.dump()
    read(engine, platform.catalog)
    assert every_answer(engine)
    assert engine.dump() == once
