"""``/register`` and ``/verify``: an account, and the proof that its address is its owner's."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import QueryParameter
from msgspec import Meta

from adapters.composition import System
from api.conventions.auth import call_of
from api.conventions.problems import BodyInvalid
from api.conventions.rate_limits import client_address
from api.pages.forms import Form, read_form
from api.pages.rendering import Pages, onward
from api.pages.signing_in import Address
from api.pages.viewer import PageRequest
from api.parts import Part
from application.identity.registration import Registration
from domain.identity.account import LinkInvalid
from domain.kernel.errors import Invalid

Token = Annotated[str, QueryParameter(min_length=1, max_length=512)]


class RegistrationForm(msgspec.Struct, frozen=True):
    """The fields of the form."""

    name: Annotated[str, Meta(min_length=1, max_length=128)]
    email: Address
    password: Annotated[str, Meta(min_length=10, max_length=256)]


class LinkForm(msgspec.Struct, frozen=True):
    """What a link in a mail carries, and the password that was chosen with the registration."""

    token: Annotated[str, Meta(min_length=1, max_length=512)]
    password: Annotated[str, Meta(min_length=1, max_length=256)]


class AddressForm(msgspec.Struct, frozen=True):
    """Where a mail is to be sent."""

    email: Address


class Registering(Controller):
    """From nobody to somebody with a proved address."""

    @get("/register")
    async def read_page(self, request: PageRequest, pages: Part[Pages]) -> Response[str]:
        """The form."""
        return pages.draw(request, "register.html", title="Register", form=Form())

    @post("/register", status_code=200)
    async def register(
        self, request: PageRequest, pages: Part[Pages], system: Part[System]
    ) -> Response[str] | Response[None]:
        """Ask for an account; the answer is the same whether the address has one already."""
        form = await read_form(request)
        try:
            told = form.read(RegistrationForm)
            asked = Registration(email=told.email, password=told.password, name=told.name)
            await system.registrations.register(asked, client=client_address(request.scope), call=call_of(request))
        except BodyInvalid as invalid:
            form = form.with_faults(invalid.errors)
        except Invalid as invalid:
            form = form.refused(invalid)
        else:
            return onward(request, "/registered")
        return pages.draw(request, "register.html", status=422, title="Register", form=form)

    @get("/registered")
    async def read_registered(self, request: PageRequest, pages: Part[Pages], system: Part[System]) -> Response[str]:
        """What to do next; where mails are written to a folder, where they can be read."""
        return pages.draw(request, "registered.html", title="Look into your mail", mailbox=system.mailbox is not None)

    @get("/verify")
    async def read_link(self, request: PageRequest, pages: Part[Pages], token: Token) -> Response[str]:
        """A form to send: programs that follow links in mails to look for harm send none, and so use up none."""
        return _verification(request, pages, Form({"token": token}))

    @post("/verify", status_code=200)
    async def verify(
        self, request: PageRequest, pages: Part[Pages], system: Part[System]
    ) -> Response[str] | Response[None]:
        """Take the link's word for the address, from who knows the password."""
        form = await read_form(request)
        try:
            told = form.read(LinkForm)
            await system.registrations.verify(told.token, told.password, call_of(request))
        except BodyInvalid as invalid:
            return _verification(request, pages, form.with_faults(invalid.errors), status=422)
        except LinkInvalid:
            return _verification(request, pages, form, status=422, works=False)
        except Invalid as invalid:
            return _verification(request, pages, form.refused(invalid), status=422)
        return onward(request, "/sign-in", flash="email_verified")

    @post("/verification")
    async def ask_again(self, request: PageRequest, system: Part[System]) -> Response[None]:
        """Ask for another link; the answer is the same whether there is anything to verify."""
        told = (await read_form(request)).read(AddressForm)
        client = client_address(request.scope)
        await system.registrations.ask_verification(told.email, client=client, call=call_of(request))
        return onward(request, "/sign-in", flash="mail_sent")


def _verification(
    request: PageRequest, pages: Pages, form: Form, *, status: int = 200, works: bool = True
) -> Response[str]:
    title = "Verify your address" if works else "This link is used up"
    return pages.draw(
        request, "verify.html", status=status, referrer="no-referrer", title=title, form=form, works=works
    )
