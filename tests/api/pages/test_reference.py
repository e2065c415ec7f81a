"""The API as people read it."""

import re

import pytest

from api.conventions.problem_codes import problem_codes

pytestmark = pytest.mark.anyio


async def test_every_operation_stands_on_the_page_with_a_command_to_type(site):
    document = (await site.client.get("/schema/openapi.json")).json()
    page = (await site.client.get("/reference", headers={"Accept": "text/html"})).text
    for item in document["paths"].values():
        for operation in item.values():
            assert f'id="{operation["operationId"]}"' in page
            assert f'href="#{operation["operationId"]}"' in page
    assert page.count("curl") == sum(len(item) for item in document["paths"].values())


async def test_nothing_on_the_page_comes_from_elsewhere(site):
    page = (await site.client.get("/reference")).text
    assert re.findall(r'(?:src|href)="(?!/|#)[^"]*"', page) == []
    assert "<script" not in page


async def test_the_type_of_every_problem_leads_to_where_it_is_explained(site):
    page = (await site.client.get("/reference/problems")).text
    for each in problem_codes():
        place, _, anchor = each.example.type.partition("#")
        assert place == "/reference/problems"
        assert page.count(f'id="{anchor}"') == 1, each.code


async def test_every_anchor_of_the_page_is_there(site):
    page = (await site.client.get("/reference")).text
    problems = (await site.client.get("/reference/problems")).text
    ids, of_problems = set(re.findall(r'id="([^"]+)"', page)), set(re.findall(r'id="([^"]+)"', problems))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= ids
    assert set(re.findall(r'href="/reference/problems#([^"]+)"', page)) <= of_problems
