"""Pages of other origins may use the gateway only where a setting names them."""

import pytest
from pydantic import ValidationError

from gateway.settings import GatewaySettings

PAGE = "https://pages.example"
ASKED = {"Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization,if-match"}


def of_cors(answer):
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control")}


def test_no_page_may_unless_a_setting_names_it(gateway, upstream):
    there = upstream()
    door = gateway(property=there)

    assert of_cors(door.get("/property/v1/x", headers={"Origin": PAGE})) == {}
    asked = door.http.request("OPTIONS", "/property/v1/x", headers={"Origin": PAGE} | ASKED)
    assert (asked.status_code, of_cors(asked)) == (401, {})
    assert len(there.seen) == 1


@pytest.fixture
def there(upstream):
    return upstream()


@pytest.fixture
def door(gateway, there):
    return gateway(property=there, settings={"origins": (PAGE,)})


def test_a_browser_that_asks_for_a_named_page_is_answered_at_the_door(door, there):
    answer = door.http.request("OPTIONS", "/property/v1/x", headers={"Origin": PAGE} | ASKED)

    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == ASKED["Access-Control-Request-Headers"]
    assert "access-control-allow-credentials" not in answer.headers
    assert there.seen == []


def test_one_that_asks_for_another_is_refused_with_a_problem(door):
    answer = door.http.request(
        "OPTIONS", "/property/v1/x", headers={"Origin": "https://evil.example"} | ASKED
    )

    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:dongsheng:problem:cross-origin"
    assert "origin" in answer.headers["vary"].lower()
    assert of_cors(answer) == {}


@pytest.mark.parametrize("path", ["/property/v1/x", "/dispatch/v1/unknown", "/none"])
def test_a_named_page_may_read_every_answer_and_the_headers_it_needs(door, path):
    answer = door.get(path, headers={"Origin": PAGE})

    assert answer.headers["access-control-allow-origin"] == PAGE
    assert {"ETag", "Link", "RateLimit", "Retry-After"} <= set(
        answer.headers["access-control-expose-headers"].split(", ")
    )


def test_a_refusal_of_the_door_can_be_read_too(door):
    answer = door.http.get("/property/v1/x", headers={"Origin": PAGE})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (401, PAGE)


def test_another_page_may_read_nothing(door):
    assert (
        "access-control-allow-origin"
        not in door.get("/property/v1/x", headers={"Origin": "https://evil.example"}).headers
    )


@pytest.mark.parametrize("wrong", ["*", "pages.example", "https://pages.example/", "https://pages.example/a"])
def test_an_origin_is_what_a_browser_sends(wrong):
    with pytest.raises(ValidationError) as refused:
        GatewaySettings(origins=(wrong,))
    assert any(error["loc"][0] == "origins" for error in refused.value.errors())
