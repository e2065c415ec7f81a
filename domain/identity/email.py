"""Addresses of mail: when two of them are the same, and which can be none."""

import unicodedata

from domain.kernel.errors import Invalid

LONGEST = 254
"""Characters (RFC 5321, 4.5.3.1.3, less the angle brackets)."""

LONGEST_LOCAL_PART = 64


class EmailInvalid(Invalid):
    """No mail can be sent to this."""

    code = "email_invalid"

    def __init__(self) -> None:
        super().__init__("this is no address that mail can be sent to", field="email")


def mailable(email: str) -> str:
    """The address as mail is sent to it: NFC, nothing around it, and nothing in it that ends a header.

    Looks for what breaks mails, not for what some server may refuse: only a
    mail that arrives proves an address.  Raises `EmailInvalid`.
    """
    written = unicodedata.normalize("NFC", email.strip())
    local, at, domain = written.rpartition("@")
    wrong = not (local and at and domain) or len(written) > LONGEST or len(local) > LONGEST_LOCAL_PART
    if wrong or any(not char.isprintable() or char in ' "<>(),;:\\@' for char in local + domain):
        raise EmailInvalid
    if domain.startswith(".") or ".." in domain or _ascii(domain) is None:
        raise EmailInvalid
    return written


def normalised(email: str) -> str:
    """The form under which an account is found: the same for addresses that we take for the same.

    NFKC and case-folded in both parts, the domain in its ASCII form.  A mail
    server may tell capitals in the local part apart (RFC 5321, 2.4); none in
    wide use does, and an account for each way of writing would only mislead.
    Dots and plus signs stay: what they mean is each server's own business.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", email).casefold()).strip()
    local, at, domain = folded.rpartition("@")
    return local + at + (_ascii(domain) or domain)


def _ascii(domain: str) -> str | None:
    try:
        return domain.rstrip(".").encode("idna").decode()
    except UnicodeError:
        return None
