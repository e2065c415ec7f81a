"""Somebody with a browser, who notes whatever it complains of."""

import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
RULES = ("wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice")

OBSERVE = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
addEventListener("securitypolicyviolation", (event) => console.error("policy: " + event.violatedDirective));
"""
WEIGHED = """
() => {
  const [page] = performance.getEntriesByType("navigation");
  const files = performance.getEntriesByType("resource").filter((it) => it.transferSize);
  const bytes = (list) => list.reduce((sum, it) => sum + it.transferSize, 0);
  const [paint] = performance.getEntriesByName("first-contentful-paint");
  return {
    html: page.decodedBodySize,
    page: page.transferSize,
    scripts: bytes(files.filter((it) => it.name.endsWith(".js"))),
    all: page.transferSize + bytes(files),
    requests: 1 + files.length,
    painted: paint ? paint.startTime : null,
    shifted: window.shifted,
  };
}
"""


def chromium() -> str | None:
    """Where the browser is; None if it is not installed."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@asynccontextmanager
async def open_browser(path: str) -> AsyncGenerator[Browser]:
    """A browser without a window."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()


class Reader:
    """One browser of somebody, with pages that it opens on one site."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.context = context
        self.origin = origin
        self.complaints: list[str] = []
        self.strayed: list[str] = []

    async def open(self, path: str) -> Page:
        """A new tab."""
        page = await self.context.new_page()
        await page.add_init_script(OBSERVE)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)
        await page.goto(f"{self.origin}{path}")
        return page

    async def sign_in(self, email: str, password: str) -> Page:
        page = await self.open("/sign-in")
        await page.fill("#email", email)
        await page.fill("#password", password)
        await page.press("#password", "Enter")
        await page.wait_for_url(f"{self.origin}/")
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        # A page that says 404 is meant to; the browser complains of that, too.
        if message.type in {"error", "warning"} and "server responded with a status of" not in message.text:
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(self.origin):
            self.strayed.append(request.url)


@asynccontextmanager
async def reading(browser: Browser, origin: str, **options: Any) -> AsyncGenerator[Reader]:
    """Somebody whose browser knows nothing yet."""
    context = await browser.new_context(**options)
    try:
        yield Reader(context, origin)
    finally:
        await context.close()


async def violations(page: Page) -> list[str]:
    """What axe finds wrong: the rule, and where."""
    found = await Axe().run(page, options={"runOnly": list(RULES), "resultTypes": ["violations"]})
    return [
        f"{it['id']}: {node['target']} {node.get('failureSummary', '')}"
        for it in found.response["violations"]
        for node in it["nodes"]
    ]


async def weighed(page: Page) -> dict[str, float]:
    """Bytes over the wire, requests, milliseconds to the first paint with content, and how far things were shifted."""
    await page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
    return await page.evaluate(WEIGHED)
