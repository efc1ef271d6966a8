"""Supplies: place and amount, and a stock that never goes below nothing."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from services.emergency.app import service

MASKS = {
    "name": "防化服",
    "category": "equipment",
    "measure": "套",
    "stock": 10,
    "minimum": 4,
    "keeper": "区消防救援大队",
    "street": "天骄街道",
    "place": "一号库",
}


@pytest.fixture
def running(serve):
    return serve(service)


@pytest.fixture
def office(running):
    return running.client()


@pytest.mark.clause("E-6.3")
def test_a_resource_is_found_by_kind_and_place_with_its_amount(office):
    office.post("/supplies", json=MASKS)
    office.post("/supplies", json=MASKS | {"name": "担架", "category": "medical", "street": "罕台镇"})

    found = office.get("/supplies", params={"street": "罕台镇", "category": "medical"}).json()["items"]

    assert [(item["name"], item["stock"], item["place"], item["street"]["name"]) for item in found] == [
        ("担架", 10, "一号库", "罕台镇")
    ]


@pytest.mark.clause("E-6.3")
def test_more_than_there_is_cannot_be_taken(office):
    id = office.post("/supplies", json=MASKS).json()["id"]

    refused = office.post(f"/supplies/{id}/stock", json={"change": -11, "reason": "调往现场"})

    assert (refused.status_code, refused.json()["stock"]) == (409, 10)
    assert refused.json()["basis"][0]["clause"] == "E-6.3"
    assert (
        office.post(f"/supplies/{id}/stock", json={"change": -10, "reason": "调往现场"}).json()["stock"] == 0
    )


def test_takers_at_the_same_time_never_take_more_than_there_is(running, office):
    id = office.post("/supplies", json=MASKS).json()["id"]

    def take(_):
        return office.post(f"/supplies/{id}/stock", json={"change": -3, "reason": "调往现场"}).status_code

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(take, range(6)))

    assert answers == [200, 200, 200, 409, 409, 409]
    assert office.get(f"/supplies/{id}").json()["stock"] == 1


def test_the_database_itself_refuses_a_stock_below_nothing(running, office):
    office.post("/supplies", json=MASKS)
    with pytest.raises(psycopg.errors.CheckViolation):
        running.sql("UPDATE supplies SET stock = -1")


@pytest.mark.clause("E-6.3")
def test_what_is_below_the_least_to_be_kept_is_listed(office):
    id = office.post("/supplies", json=MASKS).json()["id"]
    assert office.get("/supplies/lacking").json()["items"] == []

    office.post(f"/supplies/{id}/stock", json={"change": -7, "reason": "报废"})

    assert [item["id"] for item in office.get("/supplies/lacking").json()["items"]] == [id]


def test_half_a_position_is_refused_with_what_to_do(office):
    refused = office.post("/supplies", json=MASKS | {"latitude": "39.81"})
    assert refused.status_code == 422
    assert "纬度和经度" in refused.json()["errors"][0]["reason"]
