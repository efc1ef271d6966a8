"""Fallback management, subsidies, service centres and pilots (P-2.4.3, P-2.4.5, P-2.4.6)."""

import pytest

from tests.property.conftest import lacking, row
from tests.property.test_coverage import _compound


@pytest.fixture
def compound(centre, submit):
    submit(row("甲"))
    return _compound(centre, "甲")


def _fallback(compound, *services, **more):
    return {
        "compound_id": compound["id"],
        "company_id": compound["company"],
        "state_owner": "区国资委",
        "services": list(services),
        "asked_on": "2024-05-10",
        "in_favour": 168,
        "against": 12,
        "abstained": 20,
        "begins_on": "2024-06-01",
    } | more


@pytest.mark.clause("P-2.4.3")
def test_fallback_management_has_what_was_chosen_from_the_menu_of_its_first_day(centre, compound):
    item = {"name": "保洁", "standard": "每日一次", "begins_on": "2024-06-01"}
    cleaning = centre.post("/menu-items", json=item).json()["id"]
    later = centre.post("/menu-items", json=item | {"name": "绿化", "begins_on": "2024-06-02"}).json()["id"]
    made = centre.post("/fallbacks", json=_fallback(compound, cleaning))
    assert (made.status_code, made.json()["services"]) == (201, [cleaning])
    for body, pointer in (
        (_fallback(compound), "/services"),
        (_fallback(compound, cleaning, later), "/services/1"),
        (_fallback(compound, cleaning, asked_on="2024-06-02"), "/"),
    ):
        refused = centre.post("/fallbacks", json=body)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    assert centre.post("/fallbacks", json=_fallback(compound, cleaning)).status_code == 409


@pytest.mark.clause("P-2.4.3")
@pytest.mark.parametrize(
    ("amount", "status"), [("50000.10", 201), ("0.01", 201), ("0.00", 422), ("0.001", 422), (50000, 422)]
)
def test_a_subsidy_is_exact_to_the_cent(centre, compound, amount, status):
    body = {
        "compound_id": compound["id"],
        "company_id": compound["company"],
        "amount": amount,
        "policy": "鄂住建发〔2023〕163 号",
        "granted_on": "2024-06-20",
    }
    answer = centre.post("/subsidies", json=body)
    assert answer.status_code == status
    assert status == 422 or answer.json()["amount"] == amount


@pytest.mark.clause("P-2.4.5")
def test_a_service_centre_is_a_communitys_and_of_its_street(centre, running, compound):
    [community] = centre.get("/divisions", params={"kind": "community"}).json()["items"]
    [district] = centre.get("/divisions", params={"kind": "district"}).json()["items"]
    body = {"name": "团结社区管理服务中心（虚构）", "begins_on": "2024-06-01"}
    made = centre.post("/service-centres", json=body | {"community_id": community["id"]})
    assert made.status_code == 201
    assert centre.post("/service-centres", json=body | {"community_id": district["id"]}).status_code == 422
    own, other = (running.client("property:read", division=street) for street in ("天骄街道", "交通街道"))
    path = f"/service-centres/{made.json()['id']}"
    assert (own.get(path).status_code, other.get(path).status_code) == (200, 404)


@pytest.mark.clause("P-2.4.6")
def test_a_street_without_a_pilot_is_listed(centre, compound):
    assert len(lacking(centre, "pilot")) == 15
    body = {"compound_id": compound["id"], "compound_type": "老旧零散小区"}
    days = {"begins_on": "2024-06-01", "ends_on": "2024-06-20"}
    assert centre.post("/pilots", json=body | days).status_code == 201
    assert "天骄街道" not in lacking(centre, "pilot", on="2024-06-20")
    assert "天骄街道" in lacking(centre, "pilot", on="2024-06-21")
    assert [each["id"] for each in centre.get("/pilots", params={"q": "老旧"}).json()["items"]]
