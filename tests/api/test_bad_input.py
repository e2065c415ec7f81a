"""Every route answers every bad input as the conventions say, and the printed table says the same."""

import pytest

from tests.contracts.bad_input import BAD_INPUTS, METHOD
from tests.contracts.bad_input_table import PAGE, rendered, walk

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def answers(site):
    return await walk(site)


@pytest.mark.parametrize("bad", BAD_INPUTS, ids=lambda bad: bad.name)
async def test_every_route_answers_as_the_conventions_say(answers, bad):
    heard = [(route, answer) for route, each, all_ in answers if each is bad for answer in all_]
    assert heard
    for route, answer in heard:
        asked, told = f"{route.method} {answer.request.url}", answer.json()
        assert answer.status_code in bad.statuses, (asked, answer.text)
        assert told["code"] in (bad.codes or {told["code"]}), asked
        assert answer.headers["content-type"] == "application/problem+json", asked
        assert told["status"] == answer.status_code
        assert told["type"] == f"/reference/problems#{told['code']}"
        assert told["instance"] == answer.request.url.path
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-request-id"]
        if answer.status_code == 422:
            assert told["errors"], asked
            assert all(each["field"] for each in told["errors"]), (asked, told)
        if bad is METHOD:
            assert route.method in {each.strip() for each in answer.headers["allow"].split(",")}, asked


async def test_every_route_was_asked_in_several_ways(answers):
    asked: dict[str, int] = {}
    for route, _, heard in answers:
        asked[route.id] = asked.get(route.id, 0) + bool(heard)
    assert min(asked.values()) >= 3, asked


async def test_whatever_was_answered_is_documented(answers):
    for route, bad, heard in answers:
        for answer in heard:
            if bad is not METHOD:
                assert str(answer.status_code) in route.statuses, (route.method, route.path, bad.name, answer.text)


async def test_the_table_is_current(answers):
    assert PAGE.read_text() == rendered(answers), "run: python -m tests.contracts.bad_input_table"
