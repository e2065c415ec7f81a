"""What the groups of operations are about."""

from typing import NamedTuple


class Tag(NamedTuple):
    """A group; ``contexts`` are those whose refusals its operations can answer with."""

    name: str
    description: str
    contexts: frozenset[str]


TAGS = (
    Tag("accounts", "Accounts of people: passwords, sessions, roles, API keys.", frozenset({"identity"})),
    Tag("identity", "Users, as back ends keep them.", frozenset({"identity"})),
    Tag("catalog", "Videos and those who make them.", frozenset({"catalog"})),
    Tag("engagement", "What viewers do, reported in batches.", frozenset({"engagement"})),
    Tag("recommendations", "What to show next, and why.", frozenset({"catalog"})),
    Tag("live", "What changes while one looks.", frozenset({"catalog"})),
    Tag("operations", "For those who run the platform.", frozenset[str]()),
)
