"""The part of the composition root that knows where a person leaves traces: `adapters.composition` calls it."""

from collections.abc import Mapping

from adapters.holdings import Holdings
from adapters.mail.office import correspondence_for
from adapters.postgres.log import Pool, PostgresLog
from adapters.postgres.mails import PostgresMails
from adapters.postgres.sessions import PostgresSessions
from adapters.postgres.subject_keys import SubjectKeys
from adapters.postgres.videos import PostgresVideos
from adapters.redis.connection import RedisConnection
from adapters.redis.forgetting import KeptAnswers
from adapters.redis.limiter import RedisLimiter
from adapters.settings import Settings
from application.identity.accounts import Accounts
from application.identity.subjects import Subjects
from application.ports import Clock


def compose_subjects(
    settings: Settings,
    clock: Clock,
    pool: Pool,
    *,
    logs: Mapping[str, PostgresLog],
    accounts: Accounts,
    keys: SubjectKeys,
    redis: RedisConnection,
) -> Subjects:
    """Export and erasure, over everything that holds something about a person."""
    outbox = PostgresMails(pool)
    holdings = Holdings(logs, sessions=PostgresSessions(pool), outbox=outbox, videos=PostgresVideos(pool))
    return Subjects(
        logs["identity"],
        clock,
        accounts=accounts,
        limiter=RedisLimiter(redis),
        vault=keys,
        traces=[correspondence_for(settings, clock, outbox), KeptAnswers(redis)],
        holdings=holdings.by_heading(),
    )
