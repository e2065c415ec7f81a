"""Personal data inside events: readable while its subject wants it to be.

A field typed `Personal` is encrypted with a key of its fact's subject before it
is stored.  Destroying the key erases the value everywhere at once, also in
copies and backups of the log, while the event itself stays; whoever reads the
event then finds `ERASED` in its place and the type checker makes them say what
that means.
"""

from typing import Annotated, TypeVar

import msgspec

T = TypeVar("T")


class Erased(msgspec.Struct, frozen=True, tag="erased", tag_field="kind"):
    """What is left of a personal value after its subject was erased.

    A struct that stands in a `Personal` field is tagged by ``kind`` too, so that the two can be told apart.
    """


ERASED = Erased()


class PersonalMark:
    """Marks a field for encryption; see `Personal`."""


Personal = Annotated[T | Erased, PersonalMark()]
"""The type of an event field that holds personal data of the fact's subject."""
