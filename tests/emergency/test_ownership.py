"""A company has its own accidents and nobody else's; a street its own part of the district."""

import pytest

from services.emergency.plan import roles
from services.emergency.supplies.supplies import SupplyIn

CODE, OTHER = "91150602MA0DEMF00Q", "91110000600037341L"
PLANT = {
    "name": "某某煤业公司（虚构）",
    "uscc": CODE,
    "kind": "mining",
    "size": "large",
    "supervisor": "区能源局",
    "street": "铜川镇",
}


@pytest.fixture
def plant(emergency):
    return emergency.role(roles.COMPANY, name="plant", company=CODE)


@pytest.fixture
def stranger(emergency):
    return emergency.role(roles.COMPANY, name="stranger", company=OTHER)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("reports", {"facts": {"deaths": 0}}),
        ("response/propose-end", {"reason": "已处置"}),
        (
            "command/offer",
            {"situation": "2 人被困", "progress": "已支护", "risks": "垮落", "key_factors": "缺专家"},
        ),
        ("withdrawals", {"reason": "顶板有垮落征兆"}),
        ("forces", {"name": "某队", "persons": 8}),
    ],
)
def test_a_company_does_nothing_in_another_companys_accident(emergency, stranger, path, body):
    emergency.duty.post("/companies", json=PLANT)
    incident = emergency.report(unit=PLANT["name"])
    assert stranger.get(incident).status_code == 404
    assert stranger.post(f"{incident}/{path}", json=body).status_code == 404
    assert emergency.duty.get(incident).json()["deaths"] is None


def test_an_accident_is_the_companys_that_reports_it_or_that_bears_the_name_told(emergency, plant, stranger):
    own = plant.post("/incidents", json={"place": "2 号井", "occurred_at": "now"}).json()["number"]
    emergency.duty.post("/companies", json=PLANT)
    named = emergency.report(unit=PLANT["name"]).removeprefix("/incidents/")
    later = emergency.report(unit=None)
    assert plant.get(later).status_code == 404
    emergency.tell(later, unit=PLANT["name"])

    listed = [each["number"] for each in plant.get("/incidents").json()["items"]]
    assert listed == [later.removeprefix("/incidents/"), named, own]
    assert stranger.get("/incidents").json()["items"] == []


def test_the_companys_tasks_are_done_by_the_company_itself(emergency, plant):
    emergency.duty.post("/companies", json=PLANT)
    incident = emergency.report(unit=PLANT["name"])
    tasks = plant.get(f"{incident}/tasks").json()
    [own, *_] = [task for task in tasks if task["owner_name"] == PLANT["name"]]
    [foreign, *_] = [task for task in tasks if task["owner_name"] != PLANT["name"]]
    member = emergency.role(roles.MEMBER, roles.COMPANY, name="plant", company=CODE)
    assert emergency.move(member, f"/tasks/{own['id']}/acknowledge")["state"] == "acknowledged"
    assert member.post(f"/tasks/{foreign['id']}/acknowledge", json={}).status_code == 403


def test_a_release_that_is_not_published_is_not_the_companys_to_read(emergency, plant):
    emergency.duty.post("/companies", json=PLANT)
    incident = emergency.report(unit=PLANT["name"])
    draft = emergency.move(emergency.publicity, f"{incident}/releases", 201, title="通报", text="正文")
    path = f"/releases/{draft['id']}"
    assert plant.get(f"{incident}/releases").json() == []
    assert plant.get(path).status_code == 404
    emergency.move(emergency.role(roles.RELEASE_DISTRICT), f"{path}/approve", revision=1)
    emergency.move(emergency.publicity, f"{path}/publish", channels=["政府门户网站"])
    assert plant.get(path).status_code == 200


@pytest.fixture
def street(emergency):
    return emergency.role(
        roles.MEMBER, roles.WARNING, "personal:read", unit="tianjiao-street", division="天骄街道"
    )


def test_a_street_changes_nothing_of_the_districts_headquarters_and_reads_it_masked(emergency, street):
    [commander, *_] = emergency.duty.get("/headquarters-posts").json()["items"]
    path = f"/headquarters-posts/{commander['id']}"
    assert street.get(path).status_code == 200
    refused = street.put(path, json={"post": commander["post"], "holder": "张三"}, headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:dongsheng:problem:district-only")
    assert street.get(f"{path}/phone").status_code in (403, 404)


def test_a_street_changes_its_own_liaison_and_no_other_units(emergency, street):
    units = {each["unit"]["id"]: each["id"] for each in emergency.duty.get("/members").json()["items"]}
    if_any = {"If-Match": "*"}
    own, bureau, other = (
        street.put(f"/members/{units[unit]}", json={"unit": unit, "liaison": "某人（虚构）"}, headers=if_any)
        for unit in ("tianjiao-street", "emergency-bureau", "gongyuan-street")
    )
    assert (own.status_code, bureau.status_code, other.status_code) == (200, 403, 404)


def test_a_street_takes_nothing_from_another_streets_stock(emergency, street):
    example = SupplyIn.model_config["json_schema_extra"]["examples"][0]
    own, other = (
        emergency.move(emergency.duty, "/supplies", 201, **(example | {"street": name, "place": name}))["id"]
        for name in ("天骄街道", "公园街道")
    )
    assert emergency.move(street, f"/supplies/{own}/stock", change=-1, reason="领用")["stock"] == 19
    emergency.move(street, f"/supplies/{other}/stock", 404, change=-1, reason="领用")
    assert [each["id"] for each in street.get("/supplies").json()["items"]] == [own]
