"""The register of units."""

import pytest

from kit.testing import Client
from services.office.app import service


@pytest.fixture
def office(serve) -> Client:
    return serve(service).client()


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("区应急管理局", "emergency-bureau"),
        ("东胜区应急管理局", "emergency-bureau"),
        ("区应急管理局(区矿山安全监管局)", "emergency-bureau"),
        ("区行政审批和政务服务局", "government-service-bureau"),
        ("天骄街道", "tianjiao"),
    ],
)
def test_a_unit_is_found_however_a_document_writes_it(office, written, unit):
    found = office.get("/units/resolve", params={"name": written})
    assert found.status_code == 200
    assert found.json()["id"].startswith(unit.split("-")[0])
    assert unit in found.json()["id"]


def test_an_unknown_name_is_an_answer_that_says_what_to_do(office):
    refused = office.get("/units/resolve", params={"name": "区魔法局"})
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "urn:dongsheng:problem:unknown-unit"
    assert refused.json()["errors"][0]["pointer"] == "?name"


def test_the_fifteen_streets_and_towns_are_units(office):
    streets = office.get("/units", params={"kind": "street"}).json()["items"]
    towns = office.get("/units", params={"kind": "town"}).json()["items"]
    assert (len(streets), len(towns)) == (12, 3)


def test_pages_follow_one_another_without_a_gap_or_a_repeat(office):
    seen, cursor = [], None
    while True:
        page = office.get("/units", params={"limit": 7} | ({"cursor": cursor} if cursor else {})).json()
        seen += [unit["id"] for unit in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == sorted(set(seen))
    assert len(seen) > 60


def test_loading_again_changes_nothing(serve):
    from services.office.units import load_units

    office = serve(service)
    before = (
        office.sql("SELECT * FROM units ORDER BY id"),
        office.sql("SELECT * FROM unit_aliases ORDER BY name"),
    )
    office.run(load_units)
    after = (
        office.sql("SELECT * FROM units ORDER BY id"),
        office.sql("SELECT * FROM unit_aliases ORDER BY name"),
    )
    assert before == after
