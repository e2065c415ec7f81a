"""Walks through the platform: by mouse, by keyboard alone, and without JavaScript."""

import re
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from tests.browser.reader import Reader, reading
from tests.support.audience import PASSWORD, account
from tests.support.waiting import until

pytestmark = pytest.mark.anyio


async def follow_mail(reader: Reader, email: str) -> Page:
    """Open the link in the last mail to an address."""
    page = await reader.open("/mails")
    row = page.get_by_role("row").filter(has_text=email)

    async def arrived() -> bool:
        await page.reload()
        return await row.count() > 0

    await until(arrived)
    await row.get_by_role("link").click()
    href = await page.locator("pre a[href*=token]").get_attribute("href")
    await page.goto(reader.origin + re.sub(r"^https?://[^/]+", "", href or ""))
    return page


async def tab_to(page: Page, words: str) -> None:
    """Press Tab until the focus is on what is named so."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        here = await page.evaluate(
            """() => { const it = document.activeElement;
            return it.getAttribute("aria-label") || it.labels?.[0]?.textContent || it.textContent; }"""
        )
        if " ".join(here.split()) == words:
            return
    raise AssertionError(f"the focus never comes to {words!r}")


def number(page: Page, name: str):
    return page.locator(f"[data-count={name}]")


async def test_from_registering_to_a_key_and_out_again(visitor, gallery):
    email = f"{uuid4().hex[:12]}@example.org"
    page = await visitor.open("/")
    await page.get_by_role("link", name="Register").first.click()
    await page.fill("#name", "Ada")
    await page.fill("#email", email)
    await page.fill("#password", PASSWORD)
    await page.click("main button")
    await expect(page.locator("h1")).to_have_text("Look into your mail")

    page = await follow_mail(visitor, email)
    await page.fill("#password", PASSWORD)
    await page.get_by_role("button", name="Verify the address").click()
    await page.fill("#email", email)
    await page.fill("#password", PASSWORD)
    await page.click("main button.first")
    await expect(page.get_by_role("status")).to_have_text("You are signed in.")

    await page.locator(".card h2 a").first.click()
    await expect(page.locator("#live")).to_have_attribute("data-state", "on")
    onlooker = await visitor.open(page.url.removeprefix(visitor.origin))
    await expect(onlooker.locator("#live")).to_have_attribute("data-state", "on")
    await expect(number(onlooker, "likes")).to_have_text("0")
    await page.click("#like")
    await expect(page.locator("#like")).to_have_attribute("aria-pressed", "true")
    await expect(number(onlooker, "likes")).to_have_text("1")
    await expect(number(page, "likes")).to_have_text("1")
    assert await page.evaluate("document.activeElement.id") == "like"

    await page.goto(f"{visitor.origin}/account/keys")
    await page.fill("#label", "upload script")
    await page.get_by_role("button", name="Make a key").click()
    await expect(page.locator("#key")).to_have_text(re.compile("^ph_"))
    await page.goto(f"{visitor.origin}/account")
    await page.get_by_role("button", name="Sign out", exact=True).first.click()
    await expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


async def test_the_keyboard_alone_will_do(browser, gallery):
    _, email = await account(gallery.site)
    async with reading(browser, gallery.origin) as reader:
        page = await reader.open("/")
        await page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to the content")
        await expect(skip).to_be_in_viewport()
        await tab_to(page, "Sign in")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/sign-in")
        await tab_to(page, "E-mail address")
        await page.keyboard.type(email)
        await tab_to(page, "Password")
        await page.keyboard.type(PASSWORD)
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"{gallery.origin}/")
        title = (await page.locator(".card h2").first.inner_text()).strip()
        await tab_to(page, title)
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/watch/*")
        await tab_to(page, "Play")
        await page.keyboard.press("Space")
        await expect(page.get_by_role("button", name="Pause")).to_be_focused()
        await tab_to(page, "Save")
        await page.keyboard.press("Enter")
        await expect(page.locator("#save")).to_have_attribute("aria-pressed", "true")
        await expect(page.locator("#save")).to_be_focused()
        assert (reader.complaints, reader.strayed) == ([], [])


async def test_without_a_script_everything_still_works(browser, gallery):
    _, email = await account(gallery.site)
    async with reading(browser, gallery.origin, java_script_enabled=False) as reader:
        page = await reader.sign_in(email, PASSWORD)
        before = await page.locator(".card").count()
        await page.get_by_role("link", name="Show more").click()
        assert await page.locator(".card").count() > before
        await page.goto(f"{gallery.origin}/watch/{gallery.videos[1]}")
        await page.click("#like")
        await expect(page.locator("#like")).to_have_attribute("aria-pressed", "true")
        await expect(number(page, "likes")).to_have_text("1")
        await page.get_by_role("button", name="I have watched it").click()
        await expect(number(page, "views")).to_have_text("1")
        await page.get_by_role("button", name="Dark").click()
        await expect(page.locator("html")).to_have_attribute("data-scheme", "dark")


async def test_more_is_added_to_the_page_and_nothing_on_it_moves(visitor):
    page = await visitor.open("/")
    before = await page.locator(".card h2 a").evaluate_all("all => all.map((it) => it.href)")
    await page.get_by_role("link", name="Show more").click()
    await expect(page.locator(".card")).to_have_count(32)
    after = await page.locator(".card h2 a").evaluate_all("all => all.map((it) => it.href)")
    assert after[: len(before)] == before
    assert len(set(after)) == len(after)
    assert page.url == f"{visitor.origin}/"


async def test_what_was_watched_is_reported_when_the_page_is_left(admin, gallery):
    path = f"/watch/{gallery.videos[9]}"
    onlooker = await admin.open(path)
    await expect(onlooker.locator("#live")).to_have_attribute("data-state", "on")
    page = await admin.open(path)
    await page.get_by_role("button", name="Play").click()
    await expect(page.locator("[data-clock]")).to_have_text("0:02")
    await page.goto(f"{admin.origin}/design")
    await expect(number(onlooker, "views")).to_have_text("1")
    counts = await gallery.site.system.video_engagement.counts(gallery.videos[9])
    assert 1_000 <= counts.watched_ms <= 10_000


async def test_what_was_seen_of_the_feed_is_reported(admin, gallery):
    page = await admin.open("/")
    await expect(page.locator(".card").first).to_be_visible()
    first = await page.locator(".card").first.get_attribute("data-video")

    async def shown() -> bool:
        counts = await gallery.site.system.video_engagement.standings(gallery.videos)
        return any(str(video_id) == first and each.impressions for video_id, each in counts.counts.items())

    await until(shown)


async def test_what_is_wrong_with_a_form_takes_the_focus(visitor):
    page = await visitor.open("/sign-in")
    await page.fill("#email", "nobody@example.org")
    await page.fill("#password", "not it")
    await page.click("main button.first")
    summary = page.get_by_role("alert")
    await expect(summary).to_contain_text("The address or the password is not right.")
    await expect(summary).to_be_focused()


async def test_the_chosen_colours_stay(visitor):
    page = await visitor.open("/sign-in")
    light = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    await page.get_by_role("button", name="Dark").click()
    await expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    await page.goto(f"{visitor.origin}/forgot")
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") != light
