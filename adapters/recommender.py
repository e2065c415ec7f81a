"""The composition root of the process that recommends.

It stands apart from `adapters.composition` because it alone loads numpy and
river: a second of imports and a hundred megabytes that nobody else needs.
"""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from adapters.composition import System
from adapters.memory.recommendations import MemoryRecommendations
from adapters.milvus.collection import VectorCollection
from adapters.milvus.index import MilvusIndex
from adapters.nats.recommendations import serve_recommender
from adapters.redis.connection import RedisConnection
from adapters.redis.freshness import RedisFreshness
from projections.recommendations.engine import Engine
from projections.recommendations.vectors import HashedWords

INDEX_FROM = 20_000
"""Videos beyond which Milvus is asked; below, walking all vectors in memory takes a hundredth of the time."""


@asynccontextmanager
async def compose_recommender(system: System) -> AsyncGenerator[MemoryRecommendations]:
    """The recommender as it was when last checkpointed, answering; the caller moves it along the logs."""
    settings, embedder = system.settings, HashedWords()
    async with AsyncExitStack() as resources:
        redis = RedisConnection(settings.redis_url)
        resources.push_async_callback(redis.close)
        freshness = RedisFreshness(redis)
        vectors = VectorCollection(settings.milvus_uri, name=f"videos_{embedder.name}", token=settings.milvus_token)
        index = MilvusIndex(vectors)
        model = MemoryRecommendations(
            Engine(embedder),
            patience=settings.read_your_writes_seconds,
            index=index,
            index_from=INDEX_FROM,
            freshness=freshness,
        )
        await model.restore(system.checkpoints)
        await freshness.open({log: await model.position(log) for log in system.recommendations.logs})
        resources.push_async_callback(freshness.close)
        index.open(model)
        resources.push_async_callback(index.close)
        await serve_recommender(system.nats, model, tracing=system.tracing)
        yield model
