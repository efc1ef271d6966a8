"""What every register does alike: list, read, enter, change and remove, guarded by ETag, phones hidden."""

import pytest

from kit.web.shapes import choices
from services.emergency.app import service
from services.emergency.supplies.experts import Specialty

EXPERT = {"name": "某专家", "specialty": "coal", "department": "区能源局", "phone": "13812345678"}


@pytest.fixture
def running(serve):
    return serve(service)


@pytest.fixture
def office(running):
    return running.client()


def entered(office, **change):
    made = office.post("/experts", json=EXPERT | change)
    assert made.status_code == 201, made.json()
    return made


def test_an_entry_is_made_read_changed_and_removed(office):
    made = entered(office)
    path = made.headers["location"].removeprefix("/emergency/v1")
    assert office.get(path).json() == made.json()

    changed = office.put(
        path, json=EXPERT | {"title": "教授级高工"}, headers={"If-Match": made.headers["etag"]}
    )
    assert (changed.status_code, changed.json()["title"]) == (200, "教授级高工")

    gone = office.delete(path, headers={"If-Match": changed.headers["etag"]})
    assert (gone.status_code, office.get(path).status_code) == (204, 404)


@pytest.mark.parametrize(("headers", "status"), [({}, 428), ({"If-Match": '"7"'}, 412)])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_what_the_caller_has_not_seen_is_neither_changed_nor_removed(office, method, headers, status):
    path = f"/experts/{entered(office).json()['id']}"
    body = {"json": EXPERT} if method == "PUT" else {}

    refused = office.request(method, path, headers=headers, **body)

    assert refused.status_code == status
    assert office.get(path).status_code == 200


def test_a_list_is_paged_and_filtered(office):
    for number in range(5):
        entered(office, name=f"煤矿专家{number}")
    entered(office, name="水利专家", specialty="water_works", department="区水利局")

    first = office.get("/experts", params={"specialty": "coal", "limit": 3}).json()
    second = office.get("/experts", params={"specialty": "coal", "limit": 3, "cursor": first["next"]}).json()

    assert [item["name"] for item in first["items"] + second["items"]] == [f"煤矿专家{n}" for n in range(5)]
    assert second["next"] is None
    assert [item["name"] for item in office.get("/experts", params={"q": "水利"}).json()["items"]] == [
        "水利专家"
    ]


def test_a_phone_is_sealed_in_the_database_masked_in_answers_and_revealed_on_the_record(running, office):
    made = entered(office).json()
    assert made["phone"] == "138****5678"
    ((sealed,),) = running.sql("SELECT phone_sealed FROM experts")
    assert b"13812345678" not in bytes(sealed)

    assert office.get(f"/experts/{made['id']}/phone").status_code == 403
    trusted = running.client("emergency:read", "personal:read", name="trusted")
    assert trusted.get(f"/experts/{made['id']}/phone").json() == {"phone": "13812345678"}
    ((client, subject),) = running.sql(
        "SELECT client, subject FROM audit WHERE action = 'emergency.phone.revealed'"
    )
    assert (client, subject) == ("trusted", made["id"])


def test_a_phone_left_out_of_a_change_stays_and_null_removes_it(office):
    made = entered(office)
    path = f"/experts/{made.json()['id']}"
    without = {name: value for name, value in EXPERT.items() if name != "phone"}

    kept = office.put(path, json=without, headers={"If-Match": made.headers["etag"]})
    assert kept.json()["phone"] == "138****5678"
    removed = office.put(path, json=EXPERT | {"phone": None}, headers={"If-Match": kept.headers["etag"]})
    assert removed.json()["phone"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("department", "区魔法局"), ("phone", "138****5678"), ("specialty", "magic"), ("name", "")],
)
def test_a_wrong_field_is_pointed_at(office, field, value):
    refused = office.post("/experts", json=EXPERT | {field: value})
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [f"/{field}"]


def test_who_may_only_read_does_not_write(running):
    assert running.client("emergency:read").post("/experts", json=EXPERT).status_code == 403


def test_every_change_is_an_event(running, office):
    made = entered(office)
    office.delete(f"/experts/{made.json()['id']}", headers={"If-Match": "*"})
    events = running.sql("SELECT type, data->>'kind', data->>'change' FROM events ORDER BY id")
    assert events == [
        ("emergency.register.changed", "experts", "entered"),
        ("emergency.register.changed", "experts", "removed"),
    ]


@pytest.mark.clause("E-2.3")
def test_experts_are_found_by_field(office):
    entered(office)
    entered(office, name="医生", specialty="medicine", department="区卫生健康委员会")
    found = office.get("/experts", params={"specialty": "medicine"}).json()["items"]
    assert [item["name"] for item in found] == ["医生"]


@pytest.mark.clause("E-2.3")
def test_a_supervising_department_without_experts_is_listed(office):
    def lacking():
        return {unit["name"] for unit in office.get("/experts/lacking").json()["departments"]}

    assert len(lacking()) == 19
    entered(office)
    assert len(lacking()) == 18
    assert "区能源局" not in lacking()


def test_every_specialty_has_a_chinese_name():
    assert choices(Specialty).startswith("dangerous_goods 危险化学品，coal 煤矿，")
    assert all("一" <= each.zh[0] <= "鿿" for each in Specialty)
