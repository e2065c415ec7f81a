"""Every page in the browser: fit for everybody's eyes and ears, on any width, light and dark, and light to load."""

import pytest
from playwright.async_api import Page

from tests.browser.reader import violations, weighed

pytestmark = pytest.mark.anyio

FOR_ALL = [
    "/",
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
    "/reference",
]
FOR_MEMBERS = ["/", "/saved", "/watch/{video}", "/account", "/account/keys", "/account/privacy", "/admin"]
ASKED = [*(("visitor", path) for path in FOR_ALL), *(("admin", path) for path in FOR_MEMBERS)]
WIDTHS = (320, 768, 1440, 1920)

READABLE_BYTES = 60_000
LONGER = {"/reference": 400_000}
"""The one page that is searched rather than read: all routes, with their bodies and answers."""

SCRIPT_BYTES = 100_000
FIRST_PAINT_MS = 1_000
SHIFT = 0.1


@pytest.mark.parametrize(("who", "path"), ASKED, ids=lambda said: said)
async def test_a_page_is_fit_for_everybody(gallery, visitor, admin, who, path):
    """One load for all that is asked of each page: loading is what takes the time."""
    reader = {"visitor": visitor, "admin": admin}[who]
    page = await reader.open(path.format(video=gallery.videos[0], creator=gallery.creator))
    await is_light(page, LONGER.get(path, READABLE_BYTES))
    await has_nothing_that_axe_finds(page)
    await never_scrolls_sideways(page)


async def is_light(page: Page, most: int) -> None:
    weight = await weighed(page)
    assert weight["html"] < most
    assert weight["scripts"] < SCRIPT_BYTES
    assert weight["shifted"] < SHIFT


async def has_nothing_that_axe_finds(page: Page) -> None:
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # colours at once
        assert await violations(page) == [], scheme


async def never_scrolls_sideways(page: Page) -> None:
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_a_page_is_painted_within_a_second(visitor):
    await visitor.open("/sign-in")  # the browser has been started, and the files are there
    weight = await weighed(await visitor.open("/"))
    assert weight["painted"] < FIRST_PAINT_MS


async def test_all_targets_are_large_enough_for_a_finger(visitor, gallery):
    page = await visitor.open(f"/watch/{gallery.videos[0]}")
    await page.set_viewport_size({"width": 320, "height": 900})
    small = await page.evaluate(
        """() => [...document.querySelectorAll("button, input:not([type=hidden]), nav a, .tag, .card .by")]
        .filter((it) => it.offsetParent && it.tagName !== "LI")
        .map((it) => [it.outerHTML.slice(0, 80), it.getBoundingClientRect()])
        .filter(([, box]) => box.height < 24 || box.width < 24).map(([it]) => it)"""
    )
    assert small == []


async def test_whoever_asks_for_less_motion_gets_none(browser, gallery):
    context = await browser.new_context(reduced_motion="reduce")
    page = await context.new_page()
    await page.goto(gallery.origin)
    await page.hover(".card")
    assert await page.evaluate("document.getAnimations().length") == 0
    await context.close()


async def test_what_has_the_focus_shows_it(visitor):
    page = await visitor.open("/")
    for _ in range(12):
        await page.keyboard.press("Tab")
        outlined = await page.evaluate(
            """() => [document.activeElement, null, "::after"].slice(1).some((part) =>
            getComputedStyle(document.activeElement, part).outlineStyle !== "none")"""
        )
        assert outlined, await page.evaluate("document.activeElement.outerHTML")
