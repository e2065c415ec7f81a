"""Workers as they are run: processes that are told to stop, or killed, and started again."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from adapters.composition import System, compose, prepare
from adapters.settings import Settings
from application.catalog import VideoDetails
from domain.engagement.report import Kind, ReportedInteraction
from projections.recommendations.question import Answer, FeedQuestion, RecommenderUnavailable
from tests.support.facts import NOON
from tests.support.site import OPERATOR, settings_for
from tests.support.source_tree import ROOT
from tests.support.waiting import until

SURROUNDINGS = {
    name: value
    for name, value in os.environ.items()  # noqa: TID251 # what a process needs besides ours
    if not name.startswith("PLAYHEAD_")
}


@pytest.fixture
def settings(database: str, nats_url: str, redis_url: str, milvus_uri: str) -> Settings:
    return settings_for(database, nats_url, redis_url, milvus_uri=milvus_uri)


@pytest.fixture
async def system(settings: Settings) -> AsyncIterator[System]:
    await prepare(settings)
    async with compose(settings) as system:
        assert await system.nats.ready(10)
        yield system


@contextmanager
def worker(settings: Settings, tmp_path: Path, *names: str, **told_besides: str) -> Generator[subprocess.Popen[bytes]]:
    """Runs until the block ends, and is killed then if it still does."""
    told = {
        "PLAYHEAD_DATA": str(tmp_path),
        "PLAYHEAD_POSTGRES_URL": settings.postgres_url,
        "PLAYHEAD_NATS_URL": settings.nats_url,
        "PLAYHEAD_REDIS_URL": settings.redis_url,
        "PLAYHEAD_MILVUS_URI": settings.milvus_uri,
        "PLAYHEAD_MASTER_KEY": settings.master_key,
        "PLAYHEAD_METRICS_PORT": str(settings.metrics_port),
    }
    with (tmp_path / "worker.log").open("ab") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "workers", *names],
            cwd=ROOT,
            env={**SURROUNDINGS, **told, **told_besides},
            stderr=log,
        )
    try:
        yield running
    finally:
        running.kill()
        running.wait()


def stopped(running: subprocess.Popen[bytes]) -> int:
    running.send_signal(signal.SIGTERM)
    return running.wait(20)


def logged(tmp_path: Path, event: str) -> int:
    lines = (tmp_path / "worker.log").read_text().splitlines()
    return sum(json.loads(line)["event"] == event for line in lines if line.startswith("{"))


async def publish(system: System, count: int) -> list[UUID]:
    videos = [uuid4() for _ in range(count)]
    for number, video in enumerate(videos):
        await system.catalog.draft_video(video, uuid4(), VideoDetails(title=f"Video {number}"), OPERATOR)
        await system.catalog.publish_video(video, OPERATOR)
    return videos


async def watch(system: System, user: UUID, *videos: UUID) -> int:
    """Views and likes every video; returns the position of the last."""
    views = [touch("view", user, video) for video in videos]
    likes = [touch("like", user, video) for video in videos]
    return (await system.engagement.report(list(enumerate([*views, *likes])), OPERATOR)).position


def touch(kind: Kind, user: UUID, video: UUID) -> ReportedInteraction:
    return ReportedInteraction(id=uuid4(), at=NOON, user_id=user, kind=kind, video_id=video, watched_ms=9000)


async def at(system: System, name: str, **positions: int) -> None:
    async def there() -> bool:
        reached = {each.log: each.position for each in await system.positions.standings() if each.name == name}
        return all(reached[log] >= position for log, position in positions.items())

    await until(there, seconds=30)


async def answer(system: System, question: FeedQuestion) -> Answer:
    """What the recommender answers, once there is one again."""
    answers: list[Answer] = []

    async def answered() -> bool:
        try:
            answers.append(await system.recommender.feed(question))
        except RecommenderUnavailable:
            return False
        return True

    await until(answered, seconds=30)
    return answers[0]


@pytest.mark.anyio
async def test_a_worker_moves_every_read_model_and_stops_when_told(system: System, settings: Settings, tmp_path: Path):
    with worker(settings, tmp_path, "projections") as running:
        videos = await publish(system, 3)
        position = await watch(system, uuid4(), *videos)
        await at(system, "video_engagement", engagement=position)
        await at(system, "creators", engagement=position, catalog=6)
        await at(system, "videos", catalog=6)
        assert stopped(running) == 0
    assert (await system.video_engagement.counts(videos[0])).views == 1
    assert logged(tmp_path, "worker_stopped") == 1


@pytest.mark.anyio
async def test_a_recommender_that_is_killed_goes_on_where_its_checkpoint_was(
    system: System, settings: Settings, tmp_path: Path
):
    ann, bob = uuid4(), uuid4()
    videos = await publish(system, 12)
    await watch(system, ann, *videos[:6])
    position = await watch(system, bob, *videos[:2])
    question = FeedQuestion(user_id=bob, count=10, at_least={"engagement": position, "catalog": 24})

    with worker(settings, tmp_path, "recommendations") as running:
        await at(system, "recommendations", engagement=position, catalog=24)
        first = await system.recommender.feed(question)
        assert stopped(running) == 0
    saved = await system.checkpoints.load("recommendations", 1)
    assert saved is not None
    assert saved[0] == {"engagement": position, "catalog": 24}

    later = await watch(system, ann, videos[6])
    with worker(settings, tmp_path, "recommendations") as running:
        await at(system, "recommendations", engagement=later)
        running.kill()
    with worker(settings, tmp_path, "recommendations"):
        again = await answer(system, replace(question, at_least={"engagement": later}))

    assert {item.video_id for item in first.items} == set(videos[2:])
    assert {item.video_id for item in again.items} == set(videos[2:])
    assert again.positions["engagement"] == later


def test_a_worker_without_a_platform_says_how_to_get_one(tmp_path: Path):
    refused = subprocess.run(
        [sys.executable, "-m", "workers", "projections", "--data", str(tmp_path)],
        cwd=ROOT,
        env=SURROUNDINGS,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert refused.returncode == 1
    assert "./playhead up" in refused.stderr
    assert "Traceback" not in refused.stderr
