"""Mails as admins see them: what is owed, what became of it, and once more, please."""

from uuid import uuid4

import pytest

from domain.identity.api_key import Scope
from tests.support.site import open_site, settings_for
from tests.support.subjects import somebody

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(database, nats_url, redis_url, tmp_path):
    async with open_site(settings_for(database, nats_url, redis_url, data=str(tmp_path))) as site:
        yield site


async def test_admins_see_which_mails_are_owed_page_by_page_and_nobody_else_does(site):
    person = await somebody(site)
    admin = await site.bearer(Scope.ADMIN)
    assert (await person.client.get("/api/mails")).status_code == 403
    first = (await admin.get("/api/mails", params={"limit": 1})).json()
    rest = (await admin.get("/api/mails", params={"cursor": first["next_cursor"]})).json()
    assert len(first["items"]) == 1
    assert len(rest["items"]) == 1
    assert rest["next_cursor"] is None
    assert person.email not in str((first, rest))
    waiting = (await admin.get("/api/mails", params={"mail_state": "waiting"})).json()["items"]
    assert [mail["kind"] for mail in waiting] == ["password_reset"]


async def test_a_mail_is_tried_again_if_that_would_help(site):
    await somebody(site)
    admin = await site.bearer(Scope.ADMIN)
    mails = (await admin.get("/api/mails")).json()["items"]
    waiting = next(mail for mail in mails if mail["state"] == "waiting")
    settled = next(mail for mail in mails if mail["state"] != "waiting")
    again = await admin.post(f"/api/mails/{waiting['mail_id']}/attempts")
    assert (again.status_code, again.json()["state"]) == (202, "waiting")
    refused = await admin.post(f"/api/mails/{settled['mail_id']}/attempts")
    assert (refused.status_code, refused.json()["code"]) == (409, "mail_settled")
    unknown = await admin.post(f"/api/mails/{uuid4()}/attempts")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "mail_not_found")
