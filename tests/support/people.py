"""People with accounts, and what they do to come by one."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx

from adapters.link_tokens import MacLinkTokens
from application.identity.link_tokens import LinkClaim, LinkPurpose
from application.identity.registration import Registration
from domain.identity.account import Account
from domain.identity.session import SessionKind
from tests.support.site import OPERATOR, Site

PASSWORD = "a quiet harbour town"


def new_address() -> str:
    return f"{uuid4().hex}@example.org"


@dataclass
class Person:
    """Somebody who signed in at least once; `client` speaks for their last session of tokens."""

    site: Site
    email: str
    user_id: UUID
    password: str = PASSWORD
    tokens: dict[str, Any] = field(default_factory=dict)

    @property
    def client(self) -> httpx.AsyncClient:
        return self.with_secret(self.tokens["access_token"])

    def with_secret(self, secret: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=self.site.transport, base_url="http://playhead", headers={"Authorization": f"Bearer {secret}"}
        )

    async def sign_in(self) -> dict[str, Any]:
        answer = await self.site.client.post("/api/sessions", json={"email": self.email, "password": self.password})
        assert answer.status_code == 201, answer.text
        self.tokens = answer.json()
        return self.tokens

    async def browser(self) -> str:
        """The cookie of a new browser session, as a page would set it."""
        account = await account_of(self.site, self.email)
        signed = await self.site.system.sessions.begin(account, SessionKind.BROWSER, OPERATOR.call)
        return signed.secrets.proof.text


async def register(site: Site, email: str, password: str = PASSWORD) -> httpx.Response:
    return await site.client.post("/api/accounts", json={"email": email, "password": password, "name": "Ada"})


async def account_of(site: Site, email: str) -> Account:
    user_id = await site.system.registrations.find(email, OPERATOR)
    assert user_id is not None
    return (await site.system.accounts.account(user_id, OPERATOR))[0]


async def link(site: Site, email: str, purpose: LinkPurpose) -> str:
    """The token of the link that the last mail of this kind holds."""
    account = await account_of(site, email)
    promised = account.verification if purpose is LinkPurpose.VERIFICATION else account.reset
    assert promised is not None
    claim = LinkClaim(account.user_id, promised.request_id)
    return MacLinkTokens(site.system.settings.master_key).token(purpose, claim)


async def verify(site: Site, email: str, password: str = PASSWORD) -> httpx.Response:
    token = await link(site, email, LinkPurpose.VERIFICATION)
    return await site.client.post("/api/accounts/verification", json={"token": token, "password": password})


async def member(site: Site) -> Person:
    """Somebody new, verified and signed in, without the waiting that visitors are kept even by."""
    email = new_address()
    asked = Registration(email=email, password=PASSWORD, name="Ada")
    person = Person(site, email, await site.system.registrations.open_verified(asked, OPERATOR))
    signed = await site.system.sessions.begin(await account_of(site, email), SessionKind.TOKEN, OPERATOR.call)
    access, refresh = signed.secrets
    assert refresh is not None
    session_id = str(signed.session.session_id)
    person.tokens = {"session_id": session_id, "access_token": access.text, "refresh_token": refresh.text}
    return person
