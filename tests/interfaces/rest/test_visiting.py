"""Visitors of pages that are mounted: known as callers are, and who shows what opens nothing is counted."""

from collections.abc import Iterator

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from agentkit.interfaces.rest import visitors
from tests.interfaces.rest.site import Site, site


@pytest.fixture
def house() -> Iterator[Site]:
    with site(rate=3) as one:
        who = visitors(one.app)

        async def page(request: Request) -> PlainTextResponse:
            return PlainTextResponse("hello", status_code=401 if await who(request) is None else 200)

        one.app.add_route("/page", page)
        yield one


def test_a_page_loads_in_many_requests_that_are_not_counted(house: Site) -> None:
    assert [house.client.get("/page", headers=house.ada).status_code for _ in range(10)] == [200] * 10
    assert [house.client.get("/page").status_code for _ in range(10)] == [401] * 10
    assert house.client.get("/v1/workflows").status_code == 401, "not one too many"


@pytest.mark.parametrize("shown", [{"Authorization": "Bearer agk_none_such"}, {"Cookie": "agentkit_session=forged"}])
def test_who_shows_a_page_what_opens_nothing_is_counted_as_everywhere(house: Site, shown: dict[str, str]) -> None:
    assert [house.client.get("/page", headers=shown).status_code for _ in range(3)] == [401] * 3
    assert house.client.get("/v1/workflows").status_code == 429
    assert house.client.get("/page", headers=house.ada).status_code == 200
