"""Who works on requests: a unit that may do nothing else in the service; and what follows a call back (P-2.2.2b)."""

import pytest

from services.office.app import service


@pytest.fixture
def office(serve):
    return serve(service)


@pytest.fixture
def hotline(office):
    return office.client("dispatch:write", "dispatch:read", name="12345")


@pytest.fixture
def unit(office):
    return office.client("dispatch:read", "dispatch:handle", unit="government-office", name="handling")


@pytest.fixture
def request_of(hotline):
    body = {"matter": "government-affairs", "summary": "咨询办事流程"}
    return f"/dispatch/requests/{hotline.post('/dispatch/requests', json=body).json()['number']}"


@pytest.mark.clause("P-2.2.2b")
def test_a_unit_handles_its_requests_with_a_scope_for_that_alone(office, unit, request_of):
    assert {"accept", "ask-return", "answer"} <= set(unit.get(request_of).json()["allowed"])
    for action in ("accept", "contact", "answer"):
        assert unit.post(f"{request_of}/{action}", json={"note": "已办理"}).status_code == 200
    assert unit.get("/units").status_code == 403, "nothing else of the service"


def test_another_unit_s_request_is_not_its_own(office, request_of):
    other = office.client("dispatch:read", "dispatch:handle", unit="justice-bureau", name="other")
    refused = other.post(f"{request_of}/accept", json={})
    assert (refused.status_code, refused.json()["type"]) == (
        403,
        "urn:dongsheng:problem:another-units-request",
    )


@pytest.mark.parametrize(
    ("said", "following"),
    [
        ({"reached": True, "solved": False, "satisfied": False}, "redo"),
        ({"reached": True, "solved": True, "satisfied": True}, "close"),
        ({"reached": False}, "close"),
    ],
)
def test_what_the_caller_says_decides_what_the_hotline_does_next(hotline, unit, request_of, said, following):
    unit.post(f"{request_of}/answer", json={"note": "已办理"})
    hotline.post(f"{request_of}/audit", json={})
    called = hotline.post(f"{request_of}/call-back", json=said).json()
    assert (called["next_actor"]["unit"], called["next_actor"]["action"]) == (None, following)
