"""Generated requests to every route of the document, by two users who have nothing to do with each other.

schemathesis makes the requests, right ones and wrong ones, and holds the
answers to the document; what it cannot know is looked for here: that nothing of
one user shows in an answer to the other.

``python -m tests.contracts.api_check --cases 2000`` checks a platform of its own
and prints a table.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import uuid4

import msgspec
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation

from domain.identity.api_key import Scope
from tests.support.site import Site

CREATED = 201
SERVER_ERROR = 500

NOT_CHECKED = {"not_a_server_error", "positive_data_acceptance", "max_response_time", "unsupported_method"}
"""The first two are done here, with what only this API knows; the last has a walk of its own (``bad_input``)."""

EACH_FOR_ITSELF = {"ReportInteractions"}
"""Takes what is wrong, and says so item by item."""

FINAL = {"EraseSubject", "PublishVideo", "GrantRole", "RevokeRole", "TakeRole"}
"""Not asked of those who ask: there would be nobody to go on with."""

NOT_IN_SCHEMAS = {"cursor", "min_position", "token", "email", "password", "user_id", "at"}
"""Parts that are judged by more than their shape."""

STRING = {"allow-x00": False, "codec": "utf-8"}


class Person(msgspec.Struct, frozen=True):
    """A user with a key, what is theirs by the name of the parameter, and words that nobody else may see.

    ``made`` are the videos that they drafted on the way, which they may publish.
    """

    headers: Mapping[str, str]
    theirs: Mapping[str, Sequence[str]]
    canaries: Sequence[str]
    made: list[str]


class Finding(msgspec.Struct, frozen=True):
    """Something that should not be so."""

    operation: str
    what: str
    request: str


class Report(msgspec.Struct):
    """What was asked and found: counts by operation, and by operation and status."""

    cases: Counter[str]
    statuses: Counter[tuple[str, int]]
    findings: list[Finding]


async def two_people(site: Site) -> tuple[Person, Person]:
    """Two creators with drafts, keys and names of their own."""
    return await _person(site), await _person(site)


async def _person(site: Site) -> Person:
    owner, canary = uuid4(), f"canary-{uuid4().hex}"
    admin, key, user_id = await site.bearer(Scope.ADMIN), await site.bearer(Scope.CREATOR, owner), str(owner)
    await admin.post("/api/users", json={"id": user_id, "name": canary, "email": f"{canary}@example.org"})
    told = {"creator_id": user_id, "title": canary, "description": canary}
    drafts = [(await admin.post("/api/videos", json=told)).json()["id"] for _ in range(2)]
    spare = await admin.post("/api/api-keys", json={"scope": "user", "label": canary, "user_id": user_id})
    return Person(
        headers={"Authorization": key.headers["authorization"]},
        theirs={"user_id": [user_id], "creator_id": [user_id], "video_id": drafts, "key_id": [spare.json()["id"]]},
        canaries=[canary, *drafts, spare.json()["id"], spare.json()["key"]],
        made=[],
    )


async def check(site: Site, port: int, *, cases: int, start: int) -> Report:
    """Ask about ``cases`` times in all; ``start`` is where chance begins, so that the same is asked again."""
    people = await two_people(site)
    document = (await site.client.get("/schema/openapi.json")).json()
    return await asyncio.to_thread(Checker(document, f"http://127.0.0.1:{port}", people, start).run, cases)


class Checker:
    """Asks one operation after another, by both people in turn."""

    def __init__(self, document: Mapping[str, Any], url: str, people: tuple[Person, Person], start: int) -> None:
        config = SchemathesisConfig.from_dict({"generation": STRING})
        self._schema = schemathesis.openapi.from_dict(dict(document), config=config)
        self._url = url
        self._people = people
        self._start = start
        self._chance = random.Random(start)
        self._session = requests.Session()
        self._aimed: set[str] = set()
        self._report = Report(Counter(), Counter(), [])
        load_all_checks()
        self._checks = [CHECKS.get_one(name) for name in CHECKS.get_all_names() if name not in NOT_CHECKED]

    def run(self, cases: int) -> Report:
        """What came of it."""
        operations: list[Any] = [cast("Any", found).ok() for found in self._schema.get_all_operations()]
        operations = [each for each in operations if each.path.startswith("/api/") and _id(each) != "WatchCounts"]
        each_time = max(1, cases // (2 * len(operations)))
        for operation in operations:
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                self._ask(operation, mode, each_time)
        return self._report

    def _ask(self, operation: APIOperation, mode: GenerationMode, times: int) -> None:
        @seed(self._start)
        @settings(
            max_examples=times,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=cast("Any", list(HealthCheck)),
        )
        @given(operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            self._one(case, _id(operation), mode)

        ask()

    def _one(self, case: Any, name: str, mode: GenerationMode) -> None:
        self._report.cases[name] += 1
        asker, other = self._people if self._report.cases[name] % 2 else self._people[::-1]
        sent = self._aim(case, asker, other, name)
        answer = case.call(base_url=self._url, session=self._session, headers=asker.headers, timeout=30)
        self._report.statuses[name, answer.status_code] += 1
        if name == "DraftVideo" and answer.status_code == CREATED:
            asker.made.append(answer.json()["id"])
        self._hold_to_document(case, answer, asker, name, mode)
        if answer.status_code >= SERVER_ERROR:
            self._find(case, name, f"answers {answer.status_code}")
        for canary in other.canaries:
            if canary in answer.text and canary not in sent:
                self._find(case, name, "shows what is another user's")
        if mode is GenerationMode.POSITIVE and answer.status_code in {400, 422} and not _may_refuse(answer.json()):
            self._find(case, name, f"refuses what its schema allows: {answer.text[:300]}")

    def _aim(self, case: Any, asker: Person, other: Person, name: str) -> str:
        """Let the request mean something that is there, often; returns what of the other's it names."""
        named: list[str] = []
        for place in (case.path_parameters, case.query, case.body):
            for parameter in asker.theirs if isinstance(place, dict) else ():
                chance = self._chance.random()
                if parameter in place and chance < 0.6:
                    own = chance >= 0.2 and (name not in FINAL or (name == "PublishVideo" and asker.made))
                    whose = asker if own else other
                    made = whose.made if parameter == "video_id" else []
                    place[parameter] = self._chance.choice(
                        made if made and name == "PublishVideo" else [*whose.theirs[parameter], *made]
                    )
                    named.append(place[parameter])
                    self._aimed = {case.id}
        return " ".join(named)

    def _hold_to_document(self, case: Any, answer: Any, asker: Person, name: str, mode: GenerationMode) -> None:
        # An id that was put in may have taken the place of what was wrong.
        excluded = ["negative_data_rejection"] if name in EACH_FOR_ITSELF or case.id in self._aimed else []
        checks = [each for each in self._checks if each.__name__ not in excluded]
        try:
            case.validate_response(
                answer, checks=checks, headers=dict(asker.headers), transport_kwargs={"base_url": self._url}
            )
        except FailureGroup as failures:
            for failure in failures.exceptions:
                self._find(case, name, f"{failure.title}: {failure.message[:300]} ({mode.value})")

    def _find(self, case: Any, name: str, what: str) -> None:
        asked = f"{case.method} {case.formatted_path} {case.query} {str(case.body)[:300]}"
        self._report.findings.append(Finding(name, what, asked))


def _id(operation: APIOperation) -> str:
    return operation.definition.raw["operationId"]


def _may_refuse(problem: Mapping[str, Any]) -> bool:
    """Whether a refusal goes by more than the shape of what was sent."""
    if problem["code"] != "invalid":
        return True
    # JSON Schema takes 3.0 for an integer; we do not.
    return all(each["field"] in NOT_IN_SCHEMAS or "got `float`" in each["detail"] for each in problem["errors"])
