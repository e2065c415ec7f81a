"""The feed, a video and its creator."""

import re
from uuid import uuid4

import pytest

from domain.identity.account_events import Role
from tests.support.audience import creator, draft, member, publish
from tests.support.pages import Document

pytestmark = pytest.mark.anyio

HOSTILE = """<script>alert(1)</script>"><img src=x onerror=alert(2)>{{ 7*7 }}"""


def shown(page: Document) -> list[str]:
    """The ids of videos in the order of the page."""
    links = [link.removeprefix("/watch/") for link in page.links("^/watch/[^/]+$")]
    return list(dict.fromkeys(links))


def pressed(page: Document) -> dict[str, str]:
    return {
        it.attributes["id"]: it.attributes["aria-pressed"]
        for it in page.all("button")
        if it.attributes.get("id") in {"like", "save", "follow"}
    }


def count(page: Document, name: str) -> int:
    [number] = [it.text for it in page.all("dd") if it.attributes.get("data-count") == name]
    return int(number.replace(",", ""))


async def test_the_feed_shows_titles_creators_lengths_and_reasons(visitor, videos):
    page = await visitor.open("/")
    assert len(shown(page)) == 25
    assert set(shown(page)) <= {str(each) for each in videos}
    for word in ("Plum cake", "Vega", "1:35"):
        assert word in page.words
    assert all(it.text for it in page.all("p") if it.attributes.get("class") == "why")


async def test_more_is_the_same_page_with_more_of_it(visitor, videos):
    page = await visitor.open("/")
    [more] = page.links(r"^/\?count=")
    longer = await visitor.open(more)
    assert len(shown(longer)) == len(videos)
    assert longer.links(r"^/\?count=") == []


async def test_what_a_page_has_is_not_added_to_it_again(visitor, videos):
    page = await visitor.open("/")
    part = await visitor.open("/more", params={"count": 50, "have": shown(page)})
    assert set(shown(part)) == {str(each) for each in videos} - set(shown(page))
    assert part.all("html") == []


@pytest.mark.parametrize("query", ["count=0", "count=101", "count=x", "genre=", "after=x", "after=engagement:x"])
async def test_what_makes_no_sense_in_the_address_is_said_on_a_page(visitor, query):
    page = await visitor.open(f"/?{query}")
    assert page.status == 422
    assert query.partition("=")[0] in page.words or "min_position" in page.words


async def test_a_genre_without_videos_says_so(visitor, videos):
    page = await visitor.open("/?genre=opera")
    assert shown(page) == []
    assert "Nothing to show yet" in page.words


async def test_a_video_shows_its_words_its_creator_its_counts_and_what_is_like_it(visitor, videos, baker):
    page = await visitor.open(f"/watch/{videos[3]}")
    assert page.one("h1") == "Plum cake, 4 ways"
    assert page.links(f"^/creators/{baker}$")
    assert "Vega" in page.words
    assert count(page, "views") == 0
    assert str(videos[3]) not in shown(page)
    assert shown(page)


async def test_what_somebody_wrote_stays_words(site, visitor):
    writer = await creator(site, HOSTILE)
    [video_id] = await publish(site, writer, HOSTILE, genre="<b>genre</b>", description=HOSTILE, themes=(HOSTILE,))
    for path in (f"/watch/{video_id}", f"/creators/{writer}"):
        page = await visitor.open(path)
        assert HOSTILE in page.one("h1")
        assert page.all("img") == []
        assert page.all("b") == []
        assert all("src" in it.attributes for it in page.all("script"))
        assert "49" not in page.one("h1")


async def test_a_like_counts_once_however_often_the_button_is_pressed_and_can_be_taken_back(ada, videos):
    path = f"/watch/{videos[0]}"
    page = await ada.open(path)
    before = count(page, "likes")
    await ada.submit(page, f"{path}/interactions", kind="like")
    liked = await ada.submit(page, f"{path}/interactions", kind="like")
    assert (liked.path, count(liked, "likes"), pressed(liked)["like"]) == (path, before + 1, "true")
    back = await ada.submit(liked, f"{path}/interactions", kind="unlike")
    assert (count(back, "likes"), pressed(back)["like"]) == (before, "false")


async def test_what_is_saved_is_listed_until_it_is_not(ada, videos):
    path = f"/watch/{videos[1]}"
    await ada.submit(await ada.open(path), f"{path}/interactions", kind="save")
    assert shown(await ada.open("/saved")) == [str(videos[1])]
    await ada.submit(await ada.open(path), f"{path}/interactions", kind="unsave")
    assert "Nothing is saved yet" in (await ada.open("/saved")).words


async def test_a_creator_is_followed_from_a_video_and_from_their_own_page(ada, videos, baker):
    path, page = f"/creators/{baker}/interactions", await ada.open(f"/watch/{videos[2]}")
    followed = await ada.submit(page, path)
    assert followed.path == f"/watch/{videos[2]}"
    assert pressed(followed)["follow"] == "true"
    own = await ada.open(f"/creators/{baker}")
    assert "1 follower" in own.words
    left = await ada.submit(own, path, kind="unfollow")
    assert (left.path, "0 followers" in left.words) == (f"/creators/{baker}", True)


async def test_a_video_that_somebody_does_not_want_is_not_shown_to_them_again(ada, videos):
    path = f"/watch/{videos[5]}"
    feed = await ada.submit(await ada.open(path), f"{path}/interactions", kind="hide")
    assert feed.path == "/"
    assert "not be shown that video again" in feed.words
    assert str(videos[5]) not in shown(await ada.open("/?count=100"))


async def test_who_has_not_signed_in_is_asked_to_and_comes_back(visitor, videos):
    path = f"/watch/{videos[0]}"
    page = await visitor.submit(await visitor.open(path), f"{path}/interactions", kind="like")
    assert page.path == "/sign-in"
    assert page.form("/sign-in").fields["to"] == path


async def test_impressions_are_counted_once_for_each_report(ada, videos):
    path, csrf = f"/watch/{videos[7]}", (await ada.open("/")).form("/scheme").fields["csrf_token"]
    before = (await ada.open(path)).status
    fields = {"id": str(uuid4()), "videos": f"{videos[7]} {videos[8]}", "csrf_token": csrf}
    for _ in range(2):
        assert (await ada.send("/impressions", fields)).status == 204
    assert before == 200
    assert (await ada.send("/impressions", {**fields, "videos": "x"})).status == 422


async def test_drafts_are_seen_by_their_creator_only(site, visitor):
    maker, user_id, _ = await member(site, Role.CREATOR)
    video_id = await draft(site, user_id, "Not yet")
    assert "Only you can see this" in (await maker.open(f"/watch/{video_id}")).words
    assert (await visitor.open(f"/watch/{video_id}")).status == 404


@pytest.mark.parametrize(
    "path", ["/watch/{id}", "/creators/{id}", "/watch/not-an-id", "/static/x/y.css", "/static/x/..%2f..%2fapp.py"]
)
async def test_what_is_not_there_is_a_page_that_says_so(visitor, path):
    page = await visitor.open(path.format(id=uuid4()), headers={"Accept": "text/html"})
    assert page.status == 404


async def test_somebody_without_a_name_has_a_neutral_one(site, visitor):
    nameless = await creator(site, None)
    await publish(site, nameless, "A quiet one")
    page = await visitor.open(f"/creators/{nameless}")
    assert re.fullmatch(r"Creator [0-9A-F]{4}", page.one("h1"))


async def test_a_page_that_is_not_there_does_not_ask_a_member_to_sign_in(ada):
    page = await ada.open("/nothing-here")
    assert page.status == 404
    assert page.links("^/account$")
    assert page.links("^/sign-in$") == []
