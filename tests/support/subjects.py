"""People of whom something is held everywhere."""

from uuid import UUID, uuid4

from adapters.composition import System
from application.mails import Promises
from domain.engagement.interaction import SearchMade
from domain.engagement.report import ReportedInteraction
from tests.support.accounts import AccountHolder
from tests.support.facts import NOON
from tests.support.people import Person, member
from tests.support.site import OPERATOR, Site
from workers.follow import catch_up
from workers.projector import Projector


async def somebody(site: Site) -> Person:
    """A person with a session, a key, a search, a mail in the folder and another one that waits."""
    person = await member(site)
    made = await person.client.post("/api/api-keys", json={"scope": "user", "label": "my old laptop"})
    assert made.status_code == 201, made.text
    person.tokens["api_key"] = made.json()["key"]
    await search(site.system, person.user_id, "zyxwel")
    holder = AccountHolder(site.system, person.email, user_id=person.user_id)
    await holder.ask_reset()
    await take_in(site.system)
    while await site.system.mails.keep_one():
        pass
    await holder.ask_reset()
    await take_in(site.system)
    return person


async def take_in(system: System) -> None:
    """Let the outbox know of all mails that are promised."""
    await catch_up(Projector(Promises(), system.outbox, system.logs["identity"]))


async def search(system: System, user_id: UUID, words: str) -> UUID:
    """Report a search; returns the id of the event."""
    report = ReportedInteraction(id=uuid4(), at=NOON, user_id=user_id, kind="search", query=words)
    await system.engagement.report([(0, report)], OPERATOR)
    return report.id


async def searched(system: System, event_id: UUID) -> object:
    """The words of a search, as far as they can be read."""
    [fact] = await system.logs["engagement"].stream(event_id)
    assert isinstance(fact.event, SearchMade)
    return fact.event.query
