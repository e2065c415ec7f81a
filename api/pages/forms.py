"""Forms as browsers send them: read with care, and given back with what is wrong beside the field."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import parse_qsl

import msgspec
from litestar.exceptions import HTTPException

from api.conventions.auth import require_form
from api.conventions.problems import BodyInvalid, BodyMalformed, FieldProblem
from api.conventions.session_cookie import CSRF_FIELD
from api.pages.viewer import PageRequest
from domain.kernel.errors import Invalid

T = TypeVar("T", bound=msgspec.Struct)

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 50


class NotAForm(HTTPException):
    """A body of another media type than the one forms are sent in."""

    status_code = 415


class Form:
    """What was typed, by field, and what is wrong with it, in the order in which a reader should see it."""

    def __init__(self, values: Mapping[str, str] | None = None, faults: Sequence[FieldProblem] = ()) -> None:
        self._values = values or {}
        self.faults = faults

    def __getitem__(self, field: str) -> str:
        """What was typed there; empty if nothing was."""
        return self._values.get(field, "")

    @property
    def fields(self) -> frozenset[str]:
        """Those that were sent."""
        return frozenset(self._values)

    def wrong(self, field: str) -> str:
        """What is wrong with a field; empty if nothing is."""
        return next((fault.detail for fault in self.faults if fault.field == field), "")

    def with_faults(self, faults: Sequence[FieldProblem]) -> "Form":
        """The same form, to be shown again."""
        return Form(self._values, faults)

    def refused(self, refusal: Invalid) -> "Form":
        """The same form, with the one thing that the application found wrong."""
        return self.with_faults([FieldProblem(refusal.field or "", sentence(str(refusal)))])

    def found_wrong(self, detail: str) -> "Form":
        """The same form, with something wrong that is not to be found in one field."""
        return self.with_faults([FieldProblem("", detail)])

    def read(self, target: type[T]) -> T:
        """The fields as ``target``, a struct; what is left empty counts as not given.

        Raises `BodyInvalid` with all that is wrong, not only the first.
        """
        given: dict[str, Any] = {}
        faults: list[FieldProblem] = []
        for field in msgspec.structs.fields(target):
            text = self[field.name]
            if text == "":
                if field.required:
                    faults.append(FieldProblem(field.name, "Fill this in."))
                continue
            try:
                given[field.name] = msgspec.convert(text, type=field.type, strict=False)
            except msgspec.ValidationError as wrong:
                faults.append(FieldProblem(field.name, sentence(_for_people(str(wrong)))))
        if faults:
            raise BodyInvalid(faults)
        return target(**given)


async def read_form(request: PageRequest) -> Form:
    """The form in the body; of a field that is sent twice, the last.

    Raises `CsrfRefused` unless a page of ours sent it, `NotAForm`, and
    `BodyMalformed` for what no browser sends.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise NotAForm
    body = await request.body()
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError as wrong:  # of ASCII, of UTF-8, of the form and of the number of fields
        raise BodyMalformed("the form cannot be read") from wrong
    if any("\x00" in name + value for name, value in pairs):
        raise BodyMalformed("the form holds U+0000")
    form = Form(dict(pairs))
    require_form(request, form[CSRF_FIELD])
    return form


def sentence(text: str) -> str:
    """``text`` as a sentence of its own."""
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _for_people(message: str) -> str:
    """What msgspec found, in words for those who fill in forms."""
    if "length >=" in message:
        return f"This needs at least {message.rpartition('>= ')[2]} characters"
    if "length <=" in message:
        return f"This takes at most {message.rpartition('<= ')[2]} characters"
    if "matching regex" in message and "@" in message:
        return "This does not look like an e-mail address: name@example.org"
    return "This is not something that can go here"
