"""What mails say: a text and a simple page each, out of ``templates/``."""

from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined, select_autoescape

from application.mailing import Letter
from application.mails import MailKind, PromisedMail

SUBJECTS = {
    MailKind.VERIFICATION: "Is this your address?",
    MailKind.ACCOUNT_EXISTS: "You have an account already",
    MailKind.PASSWORD_RESET: "Choose a new password",
}
PAGES = {
    MailKind.VERIFICATION: "/verify?token={token}",
    MailKind.ACCOUNT_EXISTS: "/forgot",
    MailKind.PASSWORD_RESET: "/reset?token={token}",
}
"""Where the links lead, below the platform's public URL."""


class TemplateLetters:
    """`Letters` out of a template for each kind of mail: ``<kind>.txt`` and ``<kind>.html``."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url
        self._templates = Environment(
            loader=FunctionLoader(_template),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )

    def write(self, mail: PromisedMail, *, to: str, token: str | None) -> Letter:
        """See `Letters`."""
        told = {
            "subject": SUBJECTS[mail.kind],
            "link": self._public_url + PAGES[mail.kind].format(token=token),
            "site": self._public_url,
            "until": f"{mail.expires_at:%-d %B %Y, %H:%M} UTC",
        }
        return Letter(
            mail_id=mail.mail_id,
            to=to,
            subject=SUBJECTS[mail.kind],
            text=self._templates.get_template(f"{mail.kind}.txt").render(told),
            html=self._templates.get_template(f"{mail.kind}.html").render(told),
        )


def _template(name: str) -> str:
    return (files("adapters.mail") / "templates" / name).read_text()
