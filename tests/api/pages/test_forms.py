"""Forms: sent from our own pages only, and given back with what is wrong beside the field."""

import re
from uuid import uuid4

import pytest

from tests.support.audience import PASSWORD, member
from tests.support.pages import ORIGIN, Visitor
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


async def mailed(visitor: Visitor, email: str, link: str) -> str:
    """The last link of this kind in a mail to the address."""
    found: list[str] = []

    async def arrived() -> bool:
        box = await visitor.open("/mails")
        for path in box.links("^/mails/"):
            mail = await visitor.open(path)
            if email in mail.words and (hit := re.search(rf"{link}\?token=[\w.~-]+", mail.words)):
                found.append(hit[0])
                return True
        return False

    await until(arrived)
    return found[0]


async def test_from_registering_to_signing_out_without_a_script(visitor):
    email = f"{uuid4().hex[:12]}@example.org"
    told = {"name": "Ada", "email": email, "password": PASSWORD}
    sent = await visitor.submit(await visitor.open("/register"), "/register", told)
    assert (sent.path, sent.one("h1")) == ("/registered", "Look into your mail")

    unproved = await visitor.sign_in(email, PASSWORD)
    assert "not verified yet" in unproved.words

    verify = await visitor.open(await mailed(visitor, email, "/verify"))
    wrong = await visitor.submit(verify, "/verify", {"password": "not the one"})
    assert "not the present password" in wrong.words
    proved = await visitor.submit(wrong, "/verify", {"password": PASSWORD})
    assert proved.path == "/sign-in"
    assert "is verified" in proved.words

    home = await visitor.submit(proved, "/sign-in", {"email": email, "password": PASSWORD})
    assert home.path == "/"
    assert "You are signed in." in home.words
    account = await visitor.open("/account")
    assert email in account.words
    left = await visitor.submit(account, "/sign-out")
    assert left.links("^/sign-in$")
    assert (await visitor.open("/account")).path == "/sign-in"


async def test_a_password_is_chosen_anew_by_a_link_that_works_once(site, visitor):
    _, _, email = await member(site)
    asked = await visitor.submit(await visitor.open("/forgot"), "/forgot", {"email": email})
    assert "a mail is on its way" in asked.words
    link = await mailed(visitor, email, "/reset")
    await visitor.open(link)  # as mail scanners do: it uses nothing up
    reset = await visitor.open(link)
    done = await visitor.submit(reset, "/reset", {"password": "another horse battery"})
    assert "Your password is set." in done.words
    again = await visitor.submit(reset, "/reset", {"password": "a third horse battery"})
    assert (again.status, again.one("h1")) == (422, "This link is used up")
    assert (await visitor.sign_in(email, "another horse battery")).path == "/"


@pytest.mark.parametrize("address", ["nobody@example.org", "ada"])
async def test_whether_an_address_has_an_account_is_not_told(site, visitor, address):
    _, _, known = await member(site)
    refused = [
        await visitor.sign_in(it, "not the password")
        for it in (known, f"{address}@example.org".replace("@example.org@", "@"))
    ]
    assert [it.status for it in refused] == [422, 422]
    words = [re.sub(r"\S+@\S+", "", it.words) for it in refused]
    assert words[0] == words[1]


async def test_all_that_is_wrong_is_said_at_once_beside_its_field_and_before_the_form(visitor):
    page = await visitor.open("/register")
    wrong = await visitor.submit(page, "/register", {"name": "", "email": "nobody", "password": "short"})
    assert wrong.status == 422
    invalid = [it for it in wrong.all("input") if it.attributes.get("aria-invalid") == "true"]
    assert [it.attributes["name"] for it in invalid] == ["name", "email", "password"]
    for it in invalid:
        described = it.attributes["aria-describedby"].split()
        assert any(other.attributes.get("id") in described and other.text.strip() for other in wrong.all("p"))
    [summary] = [it for it in wrong.elements if it.attributes.get("role") == "alert"]
    assert "autofocus" in summary.attributes
    assert set(wrong.links("^#(name|email|password)$")) == {"#name", "#email", "#password"}
    assert "value" not in invalid[2].attributes, "a password is never sent back"
    assert invalid[1].attributes["value"] == "nobody"


async def test_a_password_that_all_would_guess_is_named_so(visitor):
    told = {"name": "Ada", "email": f"{uuid4().hex[:9]}@example.org", "password": "password123456"}
    wrong = await visitor.submit(await visitor.open("/register"), "/register", told)
    assert "among the first that others would try" in wrong.words


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": ORIGIN},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/sign-in", "/register", "/forgot", "/scheme", "/account/sessions/end", "/sign-out"])
async def test_a_form_from_elsewhere_is_refused(site, path, headers):
    reader = (await member(site))[0] if path.startswith(("/account", "/sign-out")) else Visitor(site)
    refused = await reader.send(path, {"email": "a@example.org", "password": PASSWORD, "scheme": "dark"}, **headers)
    assert refused.status == 403
    assert refused.response.headers.get_list("set-cookie") == []


@pytest.mark.parametrize("token", ["", "A" * 86, "not base64!"])
async def test_a_form_without_the_token_of_its_session_is_refused(ada, token):
    for path in ("/account/creator", "/account/details", "/account/keys", "/account/sessions/end", "/sign-out"):
        refused = await ada.send(path, {"name": "Mallory", "csrf_token": token})
        assert refused.status == 403
    assert "Mallory" not in (await ada.open("/account")).words


async def test_the_token_of_another_session_is_refused(site, ada):
    other, _, _ = await member(site)
    token = (await other.open("/account")).form("/sign-out").fields["csrf_token"]
    assert (await ada.send("/account/creator", {"csrf_token": token})).status == 403


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b'{"email": "a@example.org"}', "application/json", 415),
        (b"email=a@example.org", "text/plain", 415),
        (b"email=%ff", "application/x-www-form-urlencoded", 400),
        (b"email=%00", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a=1" for _ in range(100)), "application/x-www-form-urlencoded", 400),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 400),
        (b"no form at all", "application/x-www-form-urlencoded", 400),
        (b"email=" + b"a" * 300_000, "application/x-www-form-urlencoded", 413),
        (b"", "application/x-www-form-urlencoded", 422),
    ],
    ids=["json", "text", "not utf-8", "nul", "many", "bytes", "no form", "large", "empty"],
)
async def test_what_no_browser_sends_is_refused_as_a_page(visitor, body, media_type, status):
    headers = {"Origin": ORIGIN, "Content-Type": media_type}
    answer = await visitor.client.post("/sign-in", content=body, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    "to",
    [
        "//elsewhere.example",
        "https://elsewhere.example",
        "/\\elsewhere.example",
        "javascript:alert(1)",
        "/\t/x.example",
    ],
)
async def test_signing_in_leads_to_pages_of_ours_only(site, visitor, to):
    _, _, email = await member(site)
    page = await visitor.open("/sign-in", params={"to": to})
    home = await visitor.submit(page, "/sign-in", {"email": email, "password": PASSWORD, "to": to})
    assert (home.response.url.host, home.path, home.status) == ("127.0.0.1", "/", 200)


async def test_too_many_tries_are_answered_with_a_page_that_says_when_to_come_back(visitor):
    email = f"{uuid4().hex[:12]}@example.org"
    tries = [await visitor.sign_in(email, "wrong") for _ in range(6)]
    assert [it.status for it in tries] == [422] * 5 + [429]
    assert int(tries[-1].response.headers["retry-after"]) >= 1
    assert tries[-1].one("h1") == "A little slower, please"
