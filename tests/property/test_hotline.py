"""A citizen's request may say which compound it is about, and no other than one of its street (P-2.2.2b)."""

from collections.abc import Callable
from uuid import UUID

import pytest

from kit.dispatch.api import make_router
from kit.testing import Client
from services.property.matters import LETTER, MATTERS
from tests.property.conftest import row

pytestmark = pytest.mark.clause("P-2.2.2b")
CALL = {"matter": "property-service", "summary": "楼道灯不亮", "division": "天骄街道"}


@pytest.fixture
def hotline(running) -> Client:
    return running.client("dispatch:write", "dispatch:read", name="12345")


@pytest.fixture
def compound(centre, submit) -> str:
    submit(row("甲小区"))
    [found] = centre.get("/compounds").json()["items"]
    return found["id"]


@pytest.fixture
def merged(centre, submit, compound) -> Callable[[], None]:
    """Merge the compound into another."""
    submit(row("甲小区"), row("乙小区"))
    others = [each["id"] for each in centre.get("/compounds").json()["items"] if each["id"] != compound]

    def merge() -> None:
        body = {"into": others[0], "reason": "同一小区"}
        answer = centre.post(f"/compounds/{compound}/withdraw", json=body)
        assert answer.status_code == 200, answer.text

    return merge


def test_the_document_says_once_that_a_request_may_name_a_compound():
    routes = make_router("property", LETTER, "物业服务", MATTERS).routes
    [take] = [route for route in routes if route.name == "take_request"]
    assert take.description.count("compound：") == 1


@pytest.mark.parametrize("written", [str, str.upper, lambda id: UUID(id).hex])
def test_the_compound_is_kept_always_written_alike(hotline, compound, running, written):
    taken = hotline.post("/dispatch/requests", json=CALL | {"details": {"compound": written(compound)}})
    assert taken.status_code == 201, taken.text
    assert running.sql("SELECT details FROM dispatch_requests") == [({"compound": compound},)]


@pytest.mark.parametrize("details", [{}, {"compound": None}, {"floor": 3}])
def test_no_compound_needs_to_be_named_and_other_details_are_kept(hotline, running, details):
    assert hotline.post("/dispatch/requests", json=CALL | {"details": details}).status_code == 201
    assert running.sql("SELECT details FROM dispatch_requests") == [(details,)]


@pytest.mark.parametrize(
    "told", ["01990000-0000-7000-8000-000000000000", "甲小区", "", 7, True, [], {"id": "x"}]
)
def test_what_is_no_compound_is_refused_by_field_and_nothing_is_taken(hotline, compound, running, told):
    refused = hotline.post("/dispatch/requests", json=CALL | {"details": {"compound": told}})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/details/compound")
    assert running.sql("SELECT count(*) FROM dispatch_requests") == [(0,)]


def test_a_compound_of_another_street_is_refused(hotline, compound):
    call = CALL | {"division": "交通街道", "details": {"compound": compound}}
    refused = hotline.post("/dispatch/requests", json=call)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/details/compound")
    assert "交通街道" in refused.json()["detail"]


def test_a_compound_that_was_merged_into_another_is_refused(hotline, compound, merged):
    merged()
    refused = hotline.post("/dispatch/requests", json=CALL | {"details": {"compound": compound}})
    assert refused.status_code == 422


def test_a_request_that_is_sent_twice_is_the_same_whatever_became_of_its_compound(hotline, compound, merged):
    call = CALL | {"external_number": "12345-1", "details": {"compound": compound}}
    first = hotline.post("/dispatch/requests", json=call).json()["number"]
    merged()
    assert hotline.post("/dispatch/requests", json=call).json()["number"] == first
