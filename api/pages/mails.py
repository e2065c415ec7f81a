"""``/mails``: what would have been sent, on a machine that sends no mail."""

from ipaddress import ip_address
from uuid import UUID

from litestar import Controller, Response, get
from litestar.params import FromPath

from adapters.composition import System
from api.conventions.rate_limits import client_address
from api.pages.rendering import Pages
from api.pages.viewer import PageRequest
from api.parts import Part
from domain.kernel.errors import NotFound

NAMES_OF_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


class MailNotShown(NotFound):
    """Mails are really sent, or are not for whoever asks from there, or there is none."""

    code = "mail_not_shown"


class MailboxPages(Controller):
    """Letters with their links, for whoever sits at this machine: it is they who try the platform out."""

    path = "/mails"

    @get()
    async def list_mails(self, request: PageRequest, pages: Part[Pages], system: Part[System]) -> Response[str]:
        """The newest first."""
        if system.mailbox is None or not _from_here(request):
            raise MailNotShown("mails are not shown here")
        return pages.draw(request, "mails.html", title="Mails", mails=await system.mailbox.list())

    @get("/{mail_id:uuid}")
    async def read_mail(
        self, request: PageRequest, mail_id: FromPath[UUID], pages: Part[Pages], system: Part[System]
    ) -> Response[str]:
        """One letter, as text, with its link."""
        if system.mailbox is None or not _from_here(request):
            raise MailNotShown("mails are not shown here")
        if (mail := await system.mailbox.read(mail_id)) is None:
            raise MailNotShown("there is no such mail")
        return pages.draw(request, "mail.html", referrer="no-referrer", title=mail.subject, mail=mail)


def _from_here(request: PageRequest) -> bool:
    """Whether this machine asks itself, by its own name: a page elsewhere that resolves to us has another."""
    try:
        loopback = ip_address(client_address(request.scope)).is_loopback
    except ValueError:
        return False
    return loopback and (request.url.hostname or "") in NAMES_OF_HERE
