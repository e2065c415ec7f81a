"""One sentence that outlives a redirect.

The cookie names a sentence of ours and holds no words of its own: whoever could
plant one would choose among what is written here, so there is nothing to sign.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec
from litestar.datastructures import Cookie

COOKIE = "flash"
SECONDS = 60


class Flash(msgspec.Struct, frozen=True):
    """What has just been done, to be said once."""

    text: str
    tone: Literal["good", "warn", "bad"] = "good"


FLASHES: Mapping[str, Flash] = {
    "signed_in": Flash("You are signed in."),
    "signed_out": Flash("You are signed out."),
    "signed_out_everywhere": Flash("You are signed out everywhere."),
    "session_closed": Flash("That session is closed."),
    "email_verified": Flash("Your e-mail address is verified. You can sign in now."),
    "mail_sent": Flash("If an account has this address, a mail is on its way to it."),
    "verification_sent": Flash("A mail with a new link is on its way."),
    "password_changed": Flash("Your password is changed; all other sessions are signed out."),
    "password_reset": Flash("Your password is set. You can sign in with it now."),
    "details_saved": Flash("Your details are saved."),
    "creator_now": Flash("You are a creator now."),
    "key_revoked": Flash("The key is revoked. It opens nothing any more."),
    "hidden": Flash("You will not be shown that video again."),
    "erased": Flash("Your account and everything personal in it are erased."),
}


def flashing(name: str, *, secure: bool) -> Cookie:
    """Say this on the next page.  Raises `KeyError` for a sentence that is not there."""
    assert FLASHES[name]
    return Cookie(key=COOKIE, value=name, max_age=SECONDS, httponly=True, samesite="lax", secure=secure)


def said(*, secure: bool) -> Cookie:
    """Never say it again."""
    return Cookie(key=COOKIE, value="", max_age=0, httponly=True, samesite="lax", secure=secure)
