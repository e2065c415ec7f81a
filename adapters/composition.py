"""The composition root: the one module that knows which adapter fills which port.

``api`` and ``workers`` import this, settings and logs, and no other adapter.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import msgspec
from psycopg import InterfaceError, OperationalError

from adapters.key_seeds import DerivedKeySeeds
from adapters.link_tokens import MacLinkTokens
from adapters.mail.folder import FolderPost
from adapters.mail.letters import TemplateLetters
from adapters.mail.office import post_for
from adapters.nats.connection import NatsConnection
from adapters.nats.doorbell import Doorbell
from adapters.nats.forgetting import open_subject_keys
from adapters.nats.recommendations import NatsRecommender
from adapters.passwords import Argon2Hasher
from adapters.postgres.api_keys import PostgresApiKeys
from adapters.postgres.checkpoints import PostgresCheckpoints
from adapters.postgres.connections import pool
from adapters.postgres.creators import PostgresCreators
from adapters.postgres.erasures import PostgresErasures
from adapters.postgres.install import install
from adapters.postgres.key_uses import PostgresKeyUses
from adapters.postgres.log import Pool, PostgresLog
from adapters.postgres.mails import PostgresMails
from adapters.postgres.migrate import migrate
from adapters.postgres.positions import PostgresPositions
from adapters.postgres.read_model import PostgresReadModel
from adapters.postgres.sessions import PostgresSessions
from adapters.postgres.subject_keys import SubjectKeys
from adapters.postgres.vault import PostgresAddresses, PostgresCredentials, PostgresVault
from adapters.postgres.video_engagement import PostgresVideoEngagement
from adapters.postgres.videos import PostgresVideos
from adapters.postgres.viewer_marks import PostgresViewerMarks
from adapters.readiness import watch
from adapters.redis.answers import CachedRecommender, RedisAnswers
from adapters.redis.connection import RedisConnection
from adapters.redis.limiter import RedisLimiter
from adapters.settings import Settings, SettingsInvalid
from adapters.subjects import compose_subjects
from adapters.tracing import open_tracing
from application.catalog import Catalog
from application.engagement import Engagement
from application.identity.accounts import Accounts
from application.identity.api_keys import ApiKeys
from application.identity.attempts import Attempts
from application.identity.mailed_links import MailedLinks
from application.identity.passwords import Passwords
from application.identity.registration import Registrations
from application.identity.roles import Roles
from application.identity.sessions import Sessions
from application.identity.subjects import Subjects
from application.identity.users import Identity
from application.identity.vault import Vault
from application.limits import Limiter
from application.mailing import Mails
from application.ports import Clock
from application.readiness import Watch
from application.tracing import Tracing
from domain.events import CONTEXTS
from projections.api_keys import ApiKeys as IssuedKeys
from projections.creators import Creators
from projections.read_model import Projection
from projections.recommendations.projection import RecommendationsProjection
from projections.recommendations.question import Recommender
from projections.video_engagement import VideoEngagement
from projections.videos import Videos
from projections.viewer_marks import ViewerMarks

POOL_SIZE = 8
"""Connections for reading, in each process; every log that is written to has one more of its own."""

STORE_UNAVAILABLE: tuple[type[Exception], ...] = (OperationalError, InterfaceError)
"""What a query raises when PostgreSQL cannot be reached, or has no connection free in time."""

ANSWER_SECONDS = 1.0
"""How long the recommender may think, after the wait for positions that it was asked for."""

TABLES: Sequence[tuple[Projection[Any], type[PostgresReadModel[Any]]]] = (
    (Videos(), PostgresVideos),
    (Creators(), PostgresCreators),
    (VideoEngagement(), PostgresVideoEngagement),
    (ViewerMarks(), PostgresViewerMarks),
    (IssuedKeys(), PostgresApiKeys),
)
"""The projections whose answers are kept in PostgreSQL, and where."""

RECOMMENDATIONS = RecommendationsProjection()
"""The one whose answers are kept in the memory of its own process; see `adapters.recommender`."""


class System(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of one process, named as the rest of the code names them."""

    settings: Settings
    clock: Clock
    pool: Pool
    nats: NatsConnection
    doorbell: Doorbell
    logs: Mapping[str, PostgresLog]
    identity: Identity
    registrations: Registrations
    accounts: Accounts
    sessions: Sessions
    roles: Roles
    api_keys: ApiKeys
    issued_keys: PostgresApiKeys
    key_uses: PostgresKeyUses
    vault: Vault
    catalog: Catalog
    engagement: Engagement
    videos: PostgresVideos
    creators: PostgresCreators
    video_engagement: PostgresVideoEngagement
    viewer_marks: PostgresViewerMarks
    recommendations: RecommendationsProjection
    recommender: Recommender
    positions: PostgresPositions
    checkpoints: PostgresCheckpoints
    limiter: Limiter
    tracing: Tracing | None
    mails: Mails
    outbox: PostgresMails
    mailbox: FolderPost | None
    subjects: Subjects
    erasures: PostgresErasures
    readiness: Watch


def utc_now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


async def prepare(settings: Settings) -> Sequence[str]:
    """Bring the database up to the code: migrations, then read models; returns what was applied.  Repeatable."""
    url = _required(settings.postgres_url, "PLAYHEAD_POSTGRES_URL")
    applied = await migrate(url)
    installed = await install(url, [*(each for each, _ in TABLES), RECOMMENDATIONS], [model for _, model in TABLES])
    return [*applied, *installed]


@asynccontextmanager
async def compose(settings: Settings, *, clock: Clock = utc_now, process: str = "command") -> AsyncGenerator[System]:
    """Build the system of one process (as it is called in traces), and take it apart again, last opened first."""
    async with AsyncExitStack() as resources:
        tracing = await resources.enter_async_context(open_tracing(settings, process=process))
        opened = await _open(resources, settings, tracing)
        connections, nats, redis, logs = opened.pool, opened.nats, opened.redis, opened.logs
        recommender = _recommender(settings, nats, redis, tracing)
        positions = PostgresPositions(connections, patience=settings.read_your_writes_seconds)
        outbox, post, tokens = PostgresMails(connections), post_for(settings, clock), MacLinkTokens(settings.master_key)
        limiter = RedisLimiter(redis)
        registrations, accounts, sessions = _accounts(settings, clock, opened, limiter)
        yield System(
            settings=settings,
            clock=clock,
            pool=connections,
            nats=nats,
            doorbell=opened.doorbell,
            logs=logs,
            identity=Identity(logs["identity"], clock),
            registrations=registrations,
            accounts=accounts,
            sessions=sessions,
            roles=Roles(logs["identity"], clock),
            api_keys=ApiKeys(logs["identity"], clock, DerivedKeySeeds(settings.master_key)),
            issued_keys=PostgresApiKeys(connections),
            key_uses=opened.key_uses,
            vault=PostgresVault(connections),
            catalog=Catalog(logs["catalog"], clock),
            engagement=Engagement(logs["engagement"], clock),
            videos=PostgresVideos(connections),
            creators=PostgresCreators(connections),
            video_engagement=PostgresVideoEngagement(connections),
            viewer_marks=PostgresViewerMarks(connections),
            recommendations=RECOMMENDATIONS,
            recommender=recommender,
            positions=positions,
            checkpoints=PostgresCheckpoints(connections),
            limiter=limiter,
            tracing=tracing,
            mails=Mails(logs["identity"], outbox, TemplateLetters(settings.site_url), post, tokens, clock),
            outbox=outbox,
            mailbox=post if isinstance(post, FolderPost) else None,
            subjects=compose_subjects(
                settings, clock, connections, logs=logs, accounts=accounts, keys=opened.keys, redis=redis
            ),
            erasures=PostgresErasures(connections),
            readiness=watch(
                settings,
                clock,
                pool=connections,
                logs=logs,
                positions=positions,
                nats=nats,
                redis=redis,
                recommender=recommender,
                read_models=[*(each.name for each, _ in TABLES), RECOMMENDATIONS.name],
            ),
        )


class _Opened(msgspec.Struct, frozen=True):
    """What a process holds open."""

    pool: Pool
    nats: NatsConnection
    redis: RedisConnection
    doorbell: Doorbell
    keys: SubjectKeys
    logs: Mapping[str, PostgresLog]
    hasher: Argon2Hasher
    key_uses: PostgresKeyUses


async def _open(resources: AsyncExitStack, settings: Settings, tracing: Tracing | None) -> _Opened:
    url = _required(settings.postgres_url, "PLAYHEAD_POSTGRES_URL")
    connections = pool(url, size=POOL_SIZE)
    await connections.open()
    resources.push_async_callback(connections.close)
    nats = NatsConnection(_required(settings.nats_url, "PLAYHEAD_NATS_URL"))
    nats.open()
    resources.push_async_callback(nats.close)
    redis = RedisConnection(_required(settings.redis_url, "PLAYHEAD_REDIS_URL"))
    resources.push_async_callback(redis.close)
    doorbell = Doorbell(nats)
    keys = await open_subject_keys(connections, _required(settings.master_key, "PLAYHEAD_MASTER_KEY"), nats)
    capacity, ring = settings.writer_queue, doorbell.ring
    logs = {
        context: PostgresLog(
            context, url=url, pool=connections, keys=keys, capacity=capacity, committed=ring, tracing=tracing
        )
        for context in CONTEXTS
    }
    for log in logs.values():
        log.start()
        resources.push_async_callback(log.close)
    hasher, key_uses = Argon2Hasher(), PostgresKeyUses(connections)
    resources.callback(hasher.close)
    resources.push_async_callback(key_uses.close)
    return _Opened(connections, nats, redis, doorbell, keys, logs, hasher, key_uses)


def _recommender(
    settings: Settings, nats: NatsConnection, redis: RedisConnection, tracing: Tracing | None
) -> CachedRecommender:
    patience = settings.read_your_writes_seconds + ANSWER_SECONDS
    return CachedRecommender(NatsRecommender(nats, timeout=patience, tracing=tracing), RedisAnswers(redis))


def _accounts(
    settings: Settings, clock: Clock, opened: _Opened, limiter: Limiter
) -> tuple[Registrations, Accounts, Sessions]:
    log, pool, hasher = opened.logs["identity"], opened.pool, opened.hasher
    addresses = PostgresAddresses(pool, settings.master_key)
    attempts = Attempts(limiter, addresses, per_client=settings.attempts_per_client)
    passwords = Passwords(log, clock, addresses=addresses, credentials=PostgresCredentials(pool), hasher=hasher)
    sessions = Sessions(log, clock, store=PostgresSessions(pool), passwords=passwords, attempts=attempts)
    links = MailedLinks(log, clock, passwords=passwords, tokens=MacLinkTokens(settings.master_key), attempts=attempts)
    accounts = Accounts(
        log,
        clock,
        passwords=passwords,
        sessions=sessions,
        links=links,
        attempts=attempts,
        vault=PostgresVault(pool),
    )
    registrations = Registrations(log, clock, addresses=addresses, passwords=passwords, links=links)
    return registrations, accounts, sessions


def _required(value: str, variable: str) -> str:
    if not value:
        raise SettingsInvalid(
            f"{variable} is not set and no platform is running: start one with ./playhead up, or set the variable"
        )
    return value
