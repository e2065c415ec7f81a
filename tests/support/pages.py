"""Pages as their reader finds them, and somebody who opens them and fills in forms: a browser without JavaScript."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

from tests.support.site import Site

ORIGIN = "https://127.0.0.1"
"""Browsers keep the cookie of a session for HTTPS and for their own machine; this client, for HTTPS only."""

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


@dataclass
class Element:
    """One element: its name, its attributes, and the words in it."""

    name: str
    attributes: dict[str, str]
    text: str = ""


@dataclass
class FormOnPage:
    """A form, with what is filled in already."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Document(HTMLParser):
    """One page."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__()
        self.response = response
        self.status = response.status_code
        self.path = response.url.path
        self.elements: list[Element] = []
        self.forms: list[FormOnPage] = []
        self.unclosed: list[Element] = []
        self.feed(response.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in VOID:
            self.unclosed.append(element)
        if tag == "form":
            self.forms.append(FormOnPage(element.attributes["action"]))
        if tag in {"input", "select"} and self._in_form() and "name" in element.attributes:
            self.forms[-1].fields[element.attributes["name"]] = element.attributes.get("value", "")
        if tag == "option" and "selected" in element.attributes:
            self.forms[-1].fields[list(self.forms[-1].fields)[-1]] = element.attributes["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag in {"path", "circle", "rect"}:
            return
        assert self.unclosed, f"</{tag}> closes nothing"
        assert self.unclosed[-1].name == tag, f"</{tag}> closes <{self.unclosed[-1].name}>"
        self.unclosed.pop()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        for element in self.unclosed:
            element.text += data

    def all(self, name: str) -> list[Element]:
        return [element for element in self.elements if element.name == name]

    def one(self, name: str) -> str:
        """What the only element of this name says."""
        [element] = self.all(name)
        return " ".join(element.text.split())

    @property
    def words(self) -> str:
        """All that is there to read."""
        return " ".join(self.one("body").split())

    def links(self, pattern: str) -> list[str]:
        return [it.attributes["href"] for it in self.all("a") if re.search(pattern, it.attributes.get("href", ""))]

    def form(self, action: str, **fields: str) -> FormOnPage:
        """The first form with this action, and with these fields as they are."""
        found = [it for it in self.forms if it.action == action and fields.items() <= it.fields.items()]
        assert found, f"no form leads to {action} on {self.path}: {[it.action for it in self.forms]}"
        return found[0]

    def _in_form(self) -> bool:
        return any(element.name == "form" for element in self.unclosed)


class Visitor:
    """Somebody with a browser: keeps cookies, follows redirects, sends forms as they stand on pages."""

    def __init__(self, site: Site) -> None:
        self.client = httpx.AsyncClient(
            transport=site.transport, base_url=ORIGIN, headers={"Accept": "text/html"}, follow_redirects=True
        )

    async def open(self, path: str, **options: Any) -> Document:
        return Document(await self.client.get(path, **options))

    async def send(self, path: str, fields: dict[str, str], **headers: str) -> Document:
        """Post a form, from a page of ours unless ``headers`` say otherwise."""
        return Document(await self.client.post(path, data=fields, headers={"Origin": ORIGIN, **headers}))

    async def submit(self, page: Document, action: str, told: dict[str, str] | None = None, **find: str) -> Document:
        """Fill in a form of the page and send it."""
        return await self.send(action, {**page.form(action, **find).fields, **(told or {})})

    async def sign_in(self, email: str, password: str) -> Document:
        page = await self.open("/sign-in")
        return await self.submit(page, "/sign-in", {"email": email, "password": password})
