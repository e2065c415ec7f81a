"""The few files that pages need: kept for good, packed once, and all there."""

import gzip
import re
from uuid import UUID

import pytest

from api.pages.assets import AssetNotFound, Assets, page_assets
from api.pages.posters import KNOWN, poster
from tests.support.pages import Visitor

pytestmark = pytest.mark.anyio


async def test_a_file_is_kept_for_good_under_the_digest_of_all_of_them(visitor: Visitor):
    page = await visitor.open("/sign-in")
    [css] = [it.attributes["href"] for it in page.all("link") if it.attributes["rel"] == "stylesheet"]
    answer = await visitor.client.get(css)
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    plain = await visitor.client.get(css, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.text == answer.text


async def test_the_address_of_another_version_gets_what_there_is_for_now(visitor: Visitor):
    answer = await visitor.client.get("/static/0123456789abcdef/playhead.css")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


def test_another_content_is_another_address_for_every_file():
    first, second = Assets({"a.css": b"a", "b.js": b"b"}), Assets({"a.css": b"a", "b.js": b"c"})
    assert first.address("a.css") != second.address("a.css")


def test_a_page_cannot_name_a_file_that_is_not_there():
    with pytest.raises(AssetNotFound):
        page_assets().address("forgotten.js")


def test_scripts_weigh_little_and_name_only_each_other():
    assets = page_assets()
    names = ["htmx.js", "impressions.js", "live.js", "reports.js", "watch.js"]
    assert sum(len(gzip.compress(assets.find(name).body)) for name in names) < 30_000
    for name in names[1:]:
        imported = re.findall(r'from "\./([\w.]+)"', assets.find(name).body.decode())
        assert all(assets.find(each) for each in imported)


def test_a_poster_is_always_the_same_small_and_holds_no_words():
    for number in range(200):
        video_id = UUID(int=number * 7919)
        for genre in [*KNOWN, None, '"><script>', "opera"]:
            drawn = poster(video_id, genre)
            assert drawn == poster(video_id, genre)
            assert len(drawn) < 1700
            assert re.fullmatch(r'[\w\s<>="/#.\-]*', drawn)
            assert "script" not in drawn
