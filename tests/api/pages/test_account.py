"""Somebody's own pages, and those of admins."""

import re

import httpx
import pytest

from tests.support.audience import PASSWORD, member, publish
from tests.support.pages import Visitor

pytestmark = pytest.mark.anyio


async def test_details_are_changed_and_the_address_stays(site):
    reader, _, email = await member(site)
    told = {"name": "Ada Byron", "birth_year": "1915", "country": "GB"}
    page = await reader.submit(await reader.open("/account"), "/account/details", told)
    assert "Your details are saved." in page.words
    assert {field: page.form("/account/details").fields[field] for field in told} == told
    assert email in page.words
    wrong = await reader.submit(page, "/account/details", {"name": "", "birth_year": "x", "country": "uk"})
    assert [it.attributes["name"] for it in wrong.all("input") if "aria-invalid" in it.attributes] == list(told)


async def test_another_password_ends_all_other_sessions(site):
    here, _, email = await member(site)
    elsewhere = Visitor(site)
    await elsewhere.sign_in(email, PASSWORD)
    account = await here.open("/account")
    wrong = await here.submit(account, "/account/password", {"present": "not it", "password": "another horse"})
    assert (wrong.status, "not the present password" in wrong.words) == (422, True)
    told = {"present": PASSWORD, "password": "another horse battery"}
    assert "all other sessions are signed out" in (await here.submit(account, "/account/password", told)).words
    assert (await here.open("/account")).path == "/account"
    assert (await elsewhere.open("/account")).path == "/sign-in"


async def test_a_session_elsewhere_is_ended_from_here(site):
    here, _, email = await member(site)
    elsewhere = Visitor(site)
    await elsewhere.sign_in(email, PASSWORD)
    account = await here.open("/account")
    [action] = {form.action for form in account.forms if re.match("/account/sessions/[0-9a-f-]+/end", form.action)}
    assert "That session is closed." in (await here.submit(account, action)).words
    assert (await elsewhere.open("/account")).path == "/sign-in"
    assert (await here.open("/account")).path == "/account"


async def test_signing_out_everywhere_is_signing_out_here_too(site):
    here, _, _ = await member(site)
    left = await here.submit(await here.open("/account"), "/account/sessions/end")
    assert "You are signed out everywhere." in left.words
    assert (await here.open("/account")).path == "/sign-in"


async def test_everybody_may_become_a_creator(site):
    reader, user_id, _ = await member(site)
    page = await reader.submit(await reader.open("/account"), "/account/creator")
    assert "You are a creator now." in page.words
    assert page.links(f"^/creators/{user_id}$")


async def test_a_key_is_shown_once_acts_for_its_maker_and_is_revoked(site):
    reader, user_id, _ = await member(site)
    page = await reader.open("/account/keys")
    form = page.form("/account/keys").fields | {"label": "upload <script>"}
    made = await reader.send("/account/keys", form)
    [key] = [it.text for it in made.all("code") if it.attributes.get("id") == "key"]
    again = await reader.send("/account/keys", form)
    assert key in again.words, "sending the same form again makes no other key"
    listed = await reader.open("/account/keys")
    assert key not in listed.response.text
    assert listed.words.count("upload <script>") == 1

    api = httpx.AsyncClient(
        transport=site.transport, base_url="http://playhead", headers={"Authorization": f"Bearer {key}"}
    )
    assert (await api.get(f"/api/users/{user_id}")).status_code == 200
    [action] = {form.action for form in listed.forms if form.action.endswith("/revocation")}
    assert "The key is revoked." in (await reader.submit(listed, action)).words
    assert (await api.get(f"/api/users/{user_id}")).status_code == 401


async def test_nobody_revokes_the_key_of_another(site, ada):
    other, _, _ = await member(site)
    made = await other.submit(await other.open("/account/keys"), "/account/keys", {"label": "mine"})
    [action] = {form.action for form in made.forms if form.action.endswith("/revocation")}
    csrf = (await ada.open("/account")).form("/sign-out").fields["csrf_token"]
    assert (await ada.send(action, {"csrf_token": csrf})).status == 404


async def test_what_is_held_can_be_taken_away(site):
    reader, user_id, email = await member(site)
    answer = await reader.client.get("/account/privacy/export.json")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert (answer.json()["user_id"], email in answer.text) == (str(user_id), True)


async def test_whoever_erases_themself_types_their_address_and_is_gone(site, visitor):
    reader, user_id, email = await member(site, name="Grace Hopper")
    [video_id] = await publish(site, user_id, "What stays")
    assert "Grace Hopper" in (await visitor.open(f"/watch/{video_id}")).words
    page = await reader.open("/account/privacy")
    refused = await reader.submit(page, "/account/privacy/erasure", {"email": "somebody@example.org"})
    assert refused.status == 422
    gone = await reader.submit(page, "/account/privacy/erasure", {"email": email.upper()})
    assert "are erased" in gone.words
    assert (await reader.open("/account")).path == "/sign-in"
    assert (await visitor.sign_in(email, PASSWORD)).status == 422


async def test_the_admin_page_is_for_those_who_look_after_the_platform(ada, admin, visitor):
    page = await admin.open("/admin")
    for word in ("postgres", "video_engagement", "catalog", "recommendations"):
        assert word in page.words
    assert (await ada.open("/admin")).status == 403
    assert (await visitor.open("/admin")).path == "/sign-in"


@pytest.mark.parametrize("base", ["https://playhead.example", "https://127.0.0.1.example"])
async def test_mails_are_shown_to_this_machine_only(site, base):
    reader = httpx.AsyncClient(transport=site.transport, base_url=base, headers={"Accept": "text/html"})
    assert (await reader.get("/mails")).status_code == 404
    far = httpx.ASGITransport(app=site.app, client=("203.0.113.7", 1))
    stranger = httpx.AsyncClient(transport=far, base_url="https://127.0.0.1", headers={"Accept": "text/html"})
    assert (await stranger.get("/mails")).status_code == 404


async def test_an_unknown_sentence_in_the_cookie_is_not_said(visitor):
    visitor.client.cookies.set("flash", "<b>pay here</b>")
    page = await visitor.open("/sign-in")
    assert "pay here" not in page.response.text


async def test_the_chosen_colours_are_remembered_and_forgotten(visitor):
    page = await visitor.open("/sign-in")
    dark = await visitor.submit(page, "/scheme", {"scheme": "dark"})
    assert dark.path == "/sign-in"
    assert dark.all("html")[0].attributes["data-scheme"] == "dark"
    system = await visitor.submit(dark, "/scheme", {"scheme": "auto"})
    assert "data-scheme" not in system.all("html")[0].attributes
