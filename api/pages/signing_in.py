"""``/sign-in`` and signing out."""

from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import QueryParameter
from msgspec import Meta

from adapters.composition import System
from api.conventions.auth import call_of
from api.conventions.bearers import Bearers
from api.conventions.problems import BodyInvalid
from api.conventions.rate_limits import client_address
from api.conventions.session_cookie import no_session_cookie, session_cookie
from api.pages.forms import Form, read_form
from api.pages.rendering import Pages, onward, own_path
from api.pages.viewer import PageRequest, signed_in, viewer_of
from api.parts import Part
from application.identity.sessions import EmailNotVerified, SignInRefused
from domain.identity.session import SessionKind

Address = Annotated[str, Meta(min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]
To = Annotated[str, QueryParameter(max_length=2048, description="The page to go to afterwards.")]
AnyPassword = Annotated[str, Meta(min_length=1, max_length=256)]


class SignInForm(msgspec.Struct, frozen=True):
    """The fields of the form."""

    email: Address
    password: AnyPassword
    to: str = "/"


class SigningIn(Controller):
    """A browser becomes somebody's, and nobody's again."""

    @get("/sign-in")
    async def read_page(self, request: PageRequest, pages: Part[Pages], to: To = "/") -> Response[str] | Response[None]:
        """The form; who is signed in already goes on at once."""
        if viewer_of(request):
            return onward(request, own_path(to))
        form = Form({"to": own_path(to)})
        return pages.draw(request, "sign_in.html", title="Sign in", form=form, unverified=False)

    @post("/sign-in", status_code=200)
    async def sign_in(
        self, request: PageRequest, pages: Part[Pages], system: Part[System]
    ) -> Response[str] | Response[None]:
        """Begin a session of this browser; what is wrong is said without saying which of the two it is."""
        form = await read_form(request)
        unverified, refusal = False, ""
        try:
            told = form.read(SignInForm)
            session = await system.sessions.sign_in(
                told.email,
                told.password,
                SessionKind.BROWSER,
                client=client_address(request.scope),
                call=call_of(request),
            )
        except BodyInvalid as invalid:
            form = form.with_faults(invalid.errors)
        except SignInRefused:
            refusal = "The address or the password is not right."
        except EmailNotVerified:
            unverified, refusal = True, "This address is not verified yet. Follow the link in the mail we sent."
        else:
            return onward(request, own_path(told.to), flash="signed_in", cookies=[session_cookie(session)])
        return pages.draw(
            request,
            "sign_in.html",
            status=422,
            title="Sign in",
            form=form.found_wrong(refusal) if refusal else form,
            unverified=unverified,
        )

    @post("/sign-out")
    async def sign_out(self, request: PageRequest, system: Part[System], bearers: Part[Bearers]) -> Response[None]:
        """End the session of this browser, and no other."""
        viewer, _ = signed_in(request), await read_form(request)
        if (session_id := viewer.actor.session_id) is not None:
            await system.sessions.sign_out(session_id, viewer.actor)
            bearers.forget_session(session_id)
        return onward(request, "/", flash="signed_out", cookies=[no_session_cookie()])
