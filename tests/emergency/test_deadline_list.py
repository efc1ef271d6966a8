"""One list of what is owed in all accidents."""

import pytest

from services.emergency.plan import roles


def listed(caller, **params) -> list[tuple[str, str]]:
    rows = caller.get("/deadlines", params=params).json()["items"]
    return [(each["number"], each["id"]) for each in rows]


@pytest.mark.clause("E-4.1a", "E-4.1c")
def test_what_is_owed_in_all_accidents_is_one_list_the_earliest_due_first(emergency):
    first = emergency.report(unit_informed_at="2024-06-24T09:30:00+08:00").removeprefix("/incidents/")
    emergency.clock.advance(minutes=5)
    second = emergency.report(unit_informed_at="2024-06-24T09:20:00+08:00").removeprefix("/incidents/")

    assert listed(emergency.duty)[:4] == [
        (second, "phone-report"),
        (first, "phone-report"),
        (second, "written-report"),
        (first, "written-report"),
    ]
    assert ("casualty-change") not in [id for _, id in listed(emergency.duty)]
    assert (first, "casualty-change") in listed(emergency.duty, windows=True)


def test_it_is_paged_in_the_same_order(emergency):
    for _ in range(3):
        emergency.report()
    whole = listed(emergency.duty)
    paged, cursor = [], None
    while True:
        page = emergency.duty.get(
            "/deadlines", params={"limit": 2} | ({"cursor": cursor} if cursor else {})
        ).json()
        paged += [(each["number"], each["id"]) for each in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert paged == whole


@pytest.mark.clause("E-4.1a")
def test_what_is_late_and_what_is_about_to_be_are_told_apart(emergency):
    number = emergency.report(unit_informed_at="2024-06-24T09:30:00+08:00").removeprefix("/incidents/")
    emergency.clock.advance(minutes=20)
    assert listed(emergency.duty, standing="approaching") == [(number, "phone-report")]
    assert listed(emergency.duty, standing="overdue") == []
    emergency.clock.advance(minutes=10, seconds=1)
    emergency.running.tick("scan-deadlines")
    [late] = emergency.duty.get("/deadlines", params={"standing": "overdue"}).json()["items"]
    assert (late["id"], late["standing"], late["late_minutes"], late["breached"]) == (
        "phone-report",
        "overdue",
        1,
        True,
    )


def test_what_is_done_and_what_is_closed_is_owed_no_more(emergency):
    done, closed = emergency.report(), emergency.report(place="1 号井")
    hop = {"done_at": "2024-06-24T09:30:00+08:00"}
    emergency.move(emergency.duty, f"{done}/route/headquarters-to-city", **hop)
    emergency.move(emergency.office, f"{closed}/close", reason="误报", accident=False)
    owed = listed(emergency.duty)
    assert (done.removeprefix("/incidents/"), "upward-city") not in owed
    assert closed.removeprefix("/incidents/") not in {number for number, _ in owed}


def test_a_street_sees_its_own_and_an_exercise_stands_apart(emergency):
    own = emergency.report().removeprefix("/incidents/")
    emergency.report(division="罕台镇")
    drill = emergency.report(exercise=True).removeprefix("/incidents/")
    street = emergency.running.client("emergency:read", name="tongchuan", division="铜川镇")
    assert {number for number, _ in listed(street)} == {own}
    assert {number for number, _ in listed(emergency.duty, exercise=True)} == {drill}


def test_an_owner_asks_for_its_own(emergency):
    emergency.report()
    for named in ("emergency-bureau", "区应急管理局", "东胜区应急管理局"):
        assert {id for _, id in listed(emergency.duty, owner=named)} == {"upward-city"}, named


def test_who_owes_nothing_is_refused_and_told_who_does(emergency):
    refused = emergency.duty.get("/deadlines", params={"owner": "区教育局"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "?owner")
    assert "区应急管理局" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"occurred_at": "2024-06-24T09:00:00+08:00"}, "事故发生（单位负责人接报时间尚不知道）"),
        ({"occurred_at": None}, "区里首次接报（单位负责人接报时间尚不知道）"),
        ({"unit_informed_at": "2024-06-24T09:10:00+08:00"}, "单位负责人接到报告"),
    ],
)
def test_it_says_what_a_clock_is_counted_from_and_only_what_is_really_unknown(emergency, told, said):
    emergency.report(**told)
    [phone] = [
        each
        for each in emergency.role(roles.OFFICE).get("/deadlines").json()["items"]
        if each["id"] == "phone-report"
    ]
    assert phone["since_zh"] == said


def test_a_known_time_of_the_accident_is_not_called_unknown(emergency):
    incident = emergency.report(
        unit_informed_at="2024-06-24T09:10:00+08:00", occurred_at="2024-06-24T09:00:00+08:00"
    )
    window = next(each for each in emergency.duty.get(f"{incident}/deadlines").json() if each["window"])
    assert (window["since_zh"], window["provisional"]) == ("事故发生", False)
