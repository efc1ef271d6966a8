"""When leaders are away (D-2)."""

import threading

import pytest

from tests.office.test_in_charge import acting, asked, away

CHANGE = {"If-Match": "*"}


def entered(desk, **changes):
    body = {
        "leader": "gao-ming",
        "begins_at": "2024-06-24T08:00:00+08:00",
        "ends_at": "2024-06-26T18:00:00+08:00",
        "reason": "赴外地考察",
    }
    return desk.post("/absences", json=body | changes)


@pytest.mark.clause("D-2")
@pytest.mark.parametrize("ends", ["2024-06-24T07:59:59+08:00", "2024-06-24T08:00:00+08:00"])
def test_an_absence_that_ends_before_it_begins_or_at_once_is_refused_at_its_end(office, desk, ends):
    refused = entered(desk, ends_at=ends)
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/ends_at"]
    assert office.sql("SELECT count(*) FROM absences") == [(0,)]


@pytest.mark.clause("D-2")
@pytest.mark.parametrize(
    ("begins", "ends", "status"),
    [
        ("2024-06-26T17:59:59+08:00", "2024-06-27T18:00:00+08:00", 409),
        ("2024-06-26T18:00:00+08:00", "2024-06-27T18:00:00+08:00", 201),
        ("2024-06-23T08:00:00+08:00", "2024-06-24T08:00:00+08:00", 201),
        ("2024-06-23T08:00:00+08:00", "2024-06-24T08:00:00.000001+08:00", 409),
        ("2024-06-25T08:00:00+08:00", None, 409),
        ("2024-06-01T08:00:00+08:00", None, 409),
        ("2024-06-26T18:00:00+08:00", None, 201),
    ],
)
def test_two_absences_of_one_leader_never_share_a_moment(desk, begins, ends, status):
    assert entered(desk).status_code == 201
    second = entered(desk, begins_at=begins, ends_at=ends)
    assert second.status_code == status, second.text
    if status == 409:
        assert second.json()["type"].endswith(":overlapping-period")
        assert [each["pointer"] for each in second.json()["errors"]] == ["/begins_at"]
        assert {each["clause"] for each in second.json()["basis"]} == {"D-2"}
    assert entered(desk, leader="du-juan", begins_at=begins, ends_at=ends).status_code == 201


@pytest.mark.clause("D-2")
def test_of_two_that_are_entered_at_once_the_database_takes_one(desk):
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(entered(desk).status_code)) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(found) == [201, 409, 409, 409]


@pytest.mark.clause("D-2")
def test_an_open_absence_lasts_until_its_end_is_entered(desk):
    made = away(desk, "gao-ming", ends=None)
    assert acting(asked(desk, "区应急局", "2030-01-01T00:00:00+08:00")) == ["杜娟"]
    body = {
        "leader": "gao-ming",
        "begins_at": "2024-06-24T08:00:00+08:00",
        "ends_at": "2024-06-24T18:00:00+08:00",
        "reason": "出差",
    }
    path = f"/absences/{made['id']}"
    assert desk.put(path, json=body).status_code == 428
    assert desk.put(path, json=body, headers={"If-Match": '"7"'}).status_code == 412
    changed = desk.put(path, json=body, headers={"If-Match": '"1"'})
    assert changed.status_code == 200
    assert acting(asked(desk, "区应急局", "2024-06-24T18:00:00+08:00")) == ["高明"]
    assert [each["data"]["change"] for each in desk_events(desk)] == ["entered", "changed"]


def desk_events(desk):
    return desk.told("office.absence.changed", 2)


@pytest.mark.clause("D-2")
def test_what_is_cancelled_stays_and_counts_no_more(office, desk):
    made = away(desk, "gao-ming")
    path = f"/absences/{made['id']}"
    cancelled = desk.post(f"{path}/cancel", json={"reason": "行程取消"})
    assert cancelled.status_code == 200, cancelled.text
    assert cancelled.json()["cancelled_because"] == "行程取消"
    assert acting(asked(desk, "区应急局")) == ["高明"]
    away(desk, "gao-ming")  # the time is free again
    again = desk.post(f"{path}/cancel", json={"reason": "行程取消"})
    assert (again.status_code, again.json()["type"].split(":")[-1]) == (409, "absence-cancelled")
    body = {"leader": "gao-ming", "begins_at": "2024-07-24T08:00:00+08:00", "ends_at": None, "reason": "出差"}
    assert desk.put(path, json=body, headers=CHANGE).status_code == 409
    assert desk.get(path).json()["name"] == "高明"
    assert desk.delete(path, headers=CHANGE).status_code == 405
    told = office.sql(
        "SELECT details ->> 'change' FROM audit WHERE action = 'office.absence.changed' ORDER BY id"
    )
    assert [each for [each] in told] == ["entered", "cancelled", "entered"]


@pytest.mark.clause("D-2")
def test_a_leader_whom_no_document_names_cannot_be_away(desk):
    refused = entered(desk, leader="no-body")
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/leader"


@pytest.mark.clause("D-2")
def test_only_the_government_office_enters_absences(office):
    another = office.client("office:read", "office:write", "office:report", unit="emergency-bureau")
    refused = entered(another)
    assert (refused.status_code, refused.json()["type"].split(":")[-1]) == (403, "not-your-role")
    assert "只有区政府办公室" in refused.json()["detail"]
