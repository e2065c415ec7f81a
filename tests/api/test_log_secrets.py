"""Somebody walks through the whole of it, and nothing that they said or were told in secret is in a log.

The lines are caught before anything is masked in them (`adapters/masking.py`):
what is tried here is that no secret is handed to a log at all.
"""

import asyncio
import io
import json
import logging
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
import structlog

from application.identity.link_tokens import LinkPurpose
from tests.api.test_engagement import interaction, report
from tests.support.databases import empty_database
from tests.support.people import Person, account_of, link, verify
from tests.support.site import Site, open_site, settings_for
from tests.support.waiting import until
from workers.erasures import finish_erasures
from workers.mails import keep_mails

pytestmark = pytest.mark.anyio

NAME, PASSWORD, OTHER_PASSWORD = "Canaryname Byron", "canaryword harbour", "canaryword lighthouse"
LABEL, QUERY = "canarylabel phone", "canaryquery words"


class Lines:
    """All that is logged, by us and by libraries, as text."""

    def __init__(self) -> None:
        self._written = io.StringIO()
        traces = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        structlog.configure(
            processors=[
                structlog.contextvars.merge_contextvars,
                structlog.processors.ExceptionRenderer(traces),
                structlog.processors.JSONRenderer(),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
            logger_factory=structlog.PrintLoggerFactory(self._written),
        )
        self._handler = logging.StreamHandler(self._written)
        logging.getLogger().addHandler(self._handler)

    def close(self) -> None:
        logging.getLogger().removeHandler(self._handler)
        structlog.reset_defaults()

    @property
    def text(self) -> str:
        return self._written.getvalue()

    def count(self, event: str) -> int:
        return sum(json.loads(line)["event"] == event for line in self.text.splitlines() if line.startswith("{"))


@pytest.fixture
def lines() -> Iterator[Lines]:
    caught = Lines()
    yield caught
    caught.close()


async def test_no_secret_is_handed_to_a_log(lines: Lines, postgres_url, nats_url, redis_url, tmp_path):
    with empty_database(postgres_url) as database:
        async with open_site(settings_for(database, nats_url, redis_url, data=str(tmp_path))) as site:
            reactors = [asyncio.create_task(keep_mails(site.system)), asyncio.create_task(finish_erasures(site.system))]
            secrets = await walk(site)
            await until(lambda: lines.count("mail_attempted") >= 2)
            for reactor in reactors:
                reactor.cancel()
            await asyncio.gather(*reactors, return_exceptions=True)
    assert lines.count("request_answered") >= 15
    assert lines.count("batch_projected") >= 1
    assert [secret for secret in secrets if secret in lines.text] == []


async def walk(site: Site) -> list[str]:
    """Register, verify, sign in, make a key, report, fail at all of it; returns what nobody else may know."""
    email = f"canarymail{uuid4().hex}@example.org"
    visitor = site.client
    asked = {"email": email, "password": PASSWORD, "name": NAME}
    assert (await visitor.post("/api/accounts", json=asked)).status_code == 202
    assert (await visitor.post("/api/accounts", json={**asked, "surplus": PASSWORD})).status_code == 422
    assert (await visitor.post("/api/accounts", content=json.dumps(asked)[:-1])).status_code >= 400
    verification = await link(site, email, LinkPurpose.VERIFICATION)
    assert (await verify(site, email, PASSWORD)).status_code == 200
    await visitor.get("/verify", params={"token": verification})

    person = Person(site, email, (await account_of(site, email)).user_id, PASSWORD)
    signed = await person.sign_in()
    wrong = await visitor.post("/api/sessions", json={"email": email, "password": OTHER_PASSWORD})
    assert wrong.status_code in {401, 403}
    refreshed = (await visitor.post("/api/sessions/refresh", json={"refresh_token": signed["refresh_token"]})).json()
    person.tokens = refreshed
    key = await make_key(person.client)
    searched = interaction(kind="search", user_id=str(person.user_id), video_id=None, query=QUERY)
    assert (await report(person.client, searched)).status_code == 202
    await person.with_secret(key + "x").get("/api/accounts/me")
    browser = await person.browser()
    await visitor.get("/account", headers={"Cookie": f"__Host-session={browser}"})

    await visitor.post("/api/password-resets", json={"email": email})
    reset = await link(site, email, LinkPurpose.PASSWORD_RESET)
    await visitor.post("/api/passwords", json={"token": reset, "password": OTHER_PASSWORD})
    await visitor.post("/api/sessions/refresh", json={"refresh_token": signed["refresh_token"]})
    tokens = [each[name] for each in (signed, refreshed) for name in ("access_token", "refresh_token")]
    said = [email, email.partition("@")[0], NAME, "Canaryname", "canaryword", LABEL, "canaryquery"]
    return [*said, *tokens, key, key.rpartition("_")[2], browser, verification, reset, site.system.settings.master_key]


async def make_key(client: httpx.AsyncClient) -> str:
    made = await client.post("/api/api-keys", json={"scope": "user", "label": LABEL})
    assert made.status_code == 201, made.text
    return made.json()["key"]


async def test_a_secret_that_is_handed_to_a_log_is_found(lines: Lines):
    structlog.get_logger().warning("careless", detail=PASSWORD)
    logging.getLogger("library").warning("careless %s", NAME)
    assert PASSWORD in lines.text
    assert NAME in lines.text
