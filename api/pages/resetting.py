"""``/forgot`` and ``/reset``: another password for somebody who reads the mail of the address."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from msgspec import Meta

from adapters.composition import System
from api.conventions.auth import call_of
from api.conventions.bearers import Bearers
from api.conventions.problems import BodyInvalid
from api.conventions.rate_limits import client_address
from api.pages.forms import Form, read_form
from api.pages.registration import AddressForm, Token
from api.pages.rendering import Pages, onward
from api.pages.viewer import PageRequest
from api.parts import Part
from domain.identity.account import LinkInvalid
from domain.kernel.errors import Invalid


class NewPasswordForm(msgspec.Struct, frozen=True):
    """A password, and the link that lets choose it."""

    token: Annotated[str, Meta(min_length=1, max_length=512)]
    password: Annotated[str, Meta(min_length=10, max_length=256)]


class Resetting(Controller):
    """For those who forgot."""

    @get("/forgot")
    async def read_page(self, request: PageRequest, pages: Part[Pages]) -> Response[str]:
        """The form."""
        return pages.draw(request, "forgot.html", title="Choose a new password", form=Form())

    @post("/forgot", status_code=200)
    async def ask(
        self, request: PageRequest, pages: Part[Pages], system: Part[System]
    ) -> Response[str] | Response[None]:
        """Ask for a link; the answer is the same whether the address has an account."""
        form = await read_form(request)
        try:
            told = form.read(AddressForm)
        except BodyInvalid as invalid:
            form = form.with_faults(invalid.errors)
            return pages.draw(request, "forgot.html", status=422, title="Choose a new password", form=form)
        await system.accounts.ask_reset(told.email, client=client_address(request.scope), call=call_of(request))
        return onward(request, "/sign-in", flash="mail_sent")

    @get("/reset")
    async def read_link(self, request: PageRequest, pages: Part[Pages], token: Token) -> Response[str]:
        """The form for the new password; the link is used up with the form, not with the page."""
        return _form(request, pages, Form({"token": token}))

    @post("/reset", status_code=200)
    async def choose(
        self, request: PageRequest, pages: Part[Pages], system: Part[System], bearers: Part[Bearers]
    ) -> Response[str] | Response[None]:
        """Set the password; ends all sessions."""
        form = await read_form(request)
        try:
            told = form.read(NewPasswordForm)
            user_id, _ = await system.accounts.reset_password(told.token, told.password, call_of(request))
            bearers.forget_user(user_id)
        except BodyInvalid as invalid:
            return _form(request, pages, form.with_faults(invalid.errors), status=422)
        except LinkInvalid:
            return _form(request, pages, form, status=422, works=False)
        except Invalid as invalid:
            return _form(request, pages, form.refused(invalid), status=422)
        return onward(request, "/sign-in", flash="password_reset")


def _form(request: PageRequest, pages: Pages, form: Form, *, status: int = 200, works: bool = True) -> Response[str]:
    title = "Choose a new password" if works else "This link is used up"
    return pages.draw(request, "reset.html", status=status, referrer="no-referrer", title=title, form=form, works=works)
