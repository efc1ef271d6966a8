"""Adjusting and lifting a warning: by whom, what stays, and what contradicts it."""

import pytest

from services.emergency.app import service
from services.emergency.warnings.shapes import EXAMPLE
from tests.emergency.test_warnings import actions, adjusted, issued, warner


@pytest.fixture
def running(serve):
    return serve(service)


@pytest.fixture
def office(running):
    return warner(running)


@pytest.mark.clause("E-3.3d")
@pytest.mark.parametrize("verb", ["adjust", "lift"])
def test_only_the_issuer_adjusts_or_lifts(running, office, verb):
    id = issued(office)["id"]
    body = {"reason": "解除"} if verb == "lift" else EXAMPLE | {"reason": "升级", "colour": "red"}

    refused = warner(running, "energy-bureau").post(f"/warnings/{id}/{verb}", json=body)

    assert (refused.status_code, refused.json()["type"]) == (403, "urn:dongsheng:problem:not-the-issuer")
    assert refused.json()["basis"][0]["clause"] == "E-3.3d"
    assert "谁发布谁解除" in refused.json()["detail"]
    assert office.post(f"/warnings/{id}/{verb}", json=body).status_code == 200


@pytest.mark.clause("E-3.3d")
def test_lifting_ends_the_warning_and_stops_what_it_asked_for(office):
    id = issued(office)["id"]
    lifted = office.post(f"/warnings/{id}/lift", json={"reason": "已封堵"}).json()

    assert (lifted["state"], lifted["lift_reason"], actions(lifted)) == ("lifted", "已封堵", set())
    assert adjusted(office, id).status_code == 409
    assert office.post(f"/warnings/{id}/lift", json={"reason": "再解除"}).status_code == 409


@pytest.mark.clause("E-3.3d")
def test_what_an_adjustment_does_not_send_stays(office):
    before = issued(office)
    raised = office.post(
        f"/warnings/{before['id']}/adjust", json={"colour": "red", "reason": "泄漏量增大"}
    ).json()

    said = ("accident_type", "expected_grade", "starts_at", "expires_at", "areas", "measures", "channels")
    assert raised["colour"] == "red"
    assert {name: raised[name] for name in (*said, "departments", "urgency", "certainty", "categories")} == {
        name: before[name] for name in (*said, "departments", "urgency", "certainty", "categories")
    }
    emptied = office.post(f"/warnings/{before['id']}/adjust", json={"measures": None, "reason": "误删"})
    assert [error["pointer"] for error in emptied.json()["errors"]] == ["/measures"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"expected_grade": "especially_major"}, "/colour"),
        ({"colour": "blue"}, "/colour"),
        ({"expires_at": "2024-06-24T09:59:00+08:00"}, "/expires_at"),
        ({"starts_at": "2024-06-26T10:00:00+08:00"}, "/expires_at"),
    ],
)
def test_a_change_that_contradicts_what_stays_is_refused(office, change, pointer):
    id = issued(office)["id"]
    refused = office.post(f"/warnings/{id}/adjust", json=change | {"reason": "泄漏量变化"})
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    assert office.get(f"/warnings/{id}").json()["state"] == "issued"
