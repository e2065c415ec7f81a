"""What holds for every page: landmarks, titles, labels, and nothing that a strict policy forbids."""

import re
from collections import Counter

import pytest

from tests.support.pages import Document

SITE = " \N{EN DASH} Playhead"

pytestmark = pytest.mark.anyio

FOR_ALL = [
    "/",
    "/?genre=cooking",
    "/watch/{video}",
    "/creators/{creator}",
    "/sign-in",
    "/register",
    "/registered",
    "/verify?token=x",
    "/forgot",
    "/reset?token=x",
    "/design",
    "/mails",
    "/nothing-here",
]
FOR_MEMBERS = ["/", "/saved", "/watch/{video}", "/creators/{creator}", "/account", "/account/keys", "/account/privacy"]
FOR_ADMINS = ["/admin"]

ASKED = [
    *(("visitor", path) for path in FOR_ALL),
    *(("ada", path) for path in FOR_MEMBERS),
    *(("admin", path) for path in FOR_ADMINS),
]


@pytest.fixture
async def page(request, visitor, ada, admin, videos, baker) -> Document:
    who, path = request.param
    reader = {"visitor": visitor, "ada": ada, "admin": admin}[who]
    return await reader.open(path.format(video=videos[0], creator=baker))


of_every_page = pytest.mark.parametrize("page", ASKED, ids=lambda asked: f"{asked[0]} {asked[1]}", indirect=True)


@of_every_page
async def test_a_page_says_what_it_is_and_where_its_parts_are(page: Document):
    assert page.status == (404 if page.path == "/nothing-here" else 200)
    assert page.response.headers["content-type"] == "text/html; charset=utf-8"
    assert page.all("html")[0].attributes["lang"] == "en"
    assert page.one("title").endswith(SITE)
    assert page.one("h1") == page.one("title").removesuffix(SITE)
    for landmark in ("header", "main", "footer"):
        assert len(page.all(landmark)) == 1
    skip = page.all("a")[0]
    assert (skip.text, skip.attributes["href"]) == ("Skip to the content", "#main")
    assert page.unclosed == []


@of_every_page
async def test_headings_go_down_one_step_at_a_time(page: Document):
    levels = [int(it.name[1]) for it in page.elements if re.fullmatch("h[1-6]", it.name)]
    assert levels[0] in {1, 2}
    assert all(after - before <= 1 for before, after in zip([1, *levels], levels, strict=False))


@of_every_page
async def test_ids_are_there_once_and_labels_lead_to_fields(page: Document):
    ids = Counter(it.attributes["id"] for it in page.elements if "id" in it.attributes)
    assert [each for each, times in ids.items() if times > 1] == []
    for label in page.all("label"):
        assert label.attributes["for"] in ids
    for described in page.elements:
        for name in ("aria-describedby", "aria-labelledby"):
            assert all(each in ids for each in described.attributes.get(name, "").split())


@of_every_page
async def test_nothing_is_written_into_a_page_that_the_policy_forbids(page: Document):
    policy = page.response.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    for it in page.elements:
        assert it.name != "style"
        assert "style" not in it.attributes
        assert not any(name.startswith("on") for name in it.attributes)
        if it.name == "script":
            assert it.attributes["src"].startswith("/static/")
            assert it.text == ""


@of_every_page
async def test_nothing_comes_from_elsewhere(page: Document):
    for it in page.elements:
        for name in ("src", "href", "action"):
            assert re.match(r"(/(?!/)|#|$)", it.attributes.get(name, ""))


@of_every_page
async def test_a_page_is_for_its_reader_only(page: Document):
    assert page.response.headers["cache-control"] == "no-store"
    assert page.response.headers["x-content-type-options"] == "nosniff"
    assert page.response.headers["referrer-policy"] == (
        "no-referrer" if "token=x" in str(page.response.url) else "same-origin"
    )


@of_every_page
async def test_every_form_that_changes_something_carries_the_token_of_its_session(page: Document):
    signed_in = bool(page.links("^/account$"))
    posting = {it.attributes["action"] for it in page.all("form") if it.attributes.get("method") == "post"}
    assert posting
    for form in page.forms:
        if form.action in posting:
            assert bool(form.fields.get("csrf_token")) is signed_in


@of_every_page
async def test_a_page_weighs_little(page: Document):
    assert len(page.response.content) < 60_000
