"""What is next for whoever looks at an accident: three things, the most urgent first."""

import re
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.district.clock import SHANGHAI
from services.emergency.incidents.now import entered_at
from services.emergency.plan import roles
from services.emergency.plan.catalogue import catalogue
from services.emergency.plan.now import Thing, in_order

NOON = datetime(2024, 6, 24, 12, tzinfo=SHANGHAI)


def thing(does: str, due: datetime | None = None, *, pressing: bool = False) -> Thing:
    return Thing(does=does, clause="E-4.2", operation="POST /", due=due, pressing=pressing)


def now(caller, incident: str) -> list[str]:
    return [each["does"] for each in caller.get(f"{incident}/now").json()["now"]]


def test_what_is_about_to_be_late_comes_first_and_what_has_time_comes_last():
    later, soon = thing("later", NOON + timedelta(hours=2)), thing("soon", NOON + timedelta(hours=1))
    late = thing("late", NOON, pressing=True)
    assert in_order([later, thing("ask"), soon, thing("decide"), late]) == (
        late,
        thing("ask"),
        thing("decide"),
        soon,
        later,
    )


@given(st.lists(st.builds(thing, st.text(), st.none() | st.just(NOON), pressing=st.booleans())))
def test_nothing_is_left_out_and_an_order_is_an_order(things):
    ordered = in_order(things)
    assert sorted(map(repr, ordered)) == sorted(map(repr, things))
    assert in_order(ordered) == ordered


@pytest.mark.clause("E-4.1d", "E-4.1a")
def test_the_first_answer_begins_with_three_things_and_their_clocks(emergency):
    told = {"unit": "示例煤业公司", "place": "2 号井", "occurred_at": "now", "endangered": 2}
    taken = emergency.office.post("/incidents", json=told).json()
    assert list(taken)[:2] == ["now", "further"]
    assert [each["does"].partition("：")[0] for each in taken["now"]] == [
        "问清并续报",
        "核实接报的情况",
        "提请启动四级响应",
    ]
    assert taken["further"] > 0
    assert taken["now"][1]["operation"] == f"POST /emergency/v1/incidents/{taken['number']}/verify"


@pytest.mark.clause("E-4.1a")
def test_a_clock_that_is_nearly_over_comes_before_everything(emergency):
    incident = emergency.report(unit_informed_at="2024-06-24T09:30:00+08:00")
    emergency.clock.advance(minutes=25)
    first = emergency.office.get(f"{incident}/now").json()["now"][0]
    assert (first["does"], first["due"], first["pressing"]) == (
        "电话报告区应急管理局和主管部门（示例煤业公司）",
        "2024-06-24T10:00:00+08:00",
        True,
    )
    assert first["operation"].endswith(f"{incident}/route/unit-to-headquarters")


def test_what_meets_each_deadline_is_entered_by_an_operation_that_there_is(emergency):
    paths = emergency.duty.get("/openapi.json").json()["paths"]
    patterns = [
        re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)) for path, item in paths.items() if "post" in item
    ]
    for rule in catalogue().deadlines:
        if not rule.window:
            path = f"/emergency/v1/incidents/DS-E-20240624-0001/{entered_at(rule.id)}"
            assert any(re.fullmatch(pattern, path) for pattern in patterns), path


def test_each_operation_that_is_named_is_there(emergency):
    incident = emergency.report(deaths=3, unit_informed_at="2024-06-24T09:30:00+08:00")
    emergency.start(incident)
    everyone = emergency.role(*vars_of_roles(), name="all", unit="emergency-headquarters-office")
    asked = set()
    for _ in range(4):
        emergency.clock.advance(minutes=45)
        asked |= {each["operation"] for each in everyone.get(f"{incident}/now").json()["now"]}
    for operation in asked:
        method, path = operation.split(" ")
        answer = everyone.request(method, path.removeprefix("/emergency/v1"), json={})
        assert answer.status_code not in (404, 405), operation


def vars_of_roles() -> list[str]:
    return [role for name, role in vars(roles).items() if name.isupper()]


def test_a_unit_sees_its_own_tasks_and_no_other_s(emergency):
    incident = emergency.report()
    street = emergency.running.client("emergency:read", roles.MEMBER, name="tongchuan", unit="铜川镇")
    assert now(street, incident) == [
        "签收任务：转移受影响群众",
        "签收任务：采取措施稳住事态",
        "签收任务：引导救援队伍进场",
    ]
    tasks = emergency.duty.get("/tasks", params={"unit": "铜川镇"}).json()["items"]
    emergency.move(street, f"/tasks/{tasks[0]['id']}/acknowledge")
    assert now(street, incident)[0] == "办结任务：转移受影响群众"


@pytest.mark.clause("E-2.1c")
def test_headquarters_is_asked_to_decide_and_then_no_more(emergency):
    incident = emergency.report()
    emergency.move(emergency.office, f"{incident}/response/propose", reason="提请启动")
    assert "决定是否启动四级响应" in now(emergency.headquarters, incident)
    emergency.move(emergency.headquarters, f"{incident}/response/start", reason="同意")
    assert "决定是否启动四级响应" not in now(emergency.headquarters, incident)


@pytest.mark.clause("E-4.4d", "E-4.9")
def test_a_rise_is_to_be_followed_and_an_asked_end_to_be_decided(emergency):
    incident = emergency.report()
    emergency.start(incident)
    emergency.tell(incident, deaths=3)
    assert "将响应调整为三级" in [
        each["does"] for each in emergency.headquarters.get(f"{incident}/now").json()["now"]
    ]
    emergency.move(emergency.headquarters, f"{incident}/response/adjust", level="III", reason="死亡 3 人")
    emergency.move(emergency.field, f"{incident}/response/confirm-end", reason="危险已消除")
    assert "决定是否终止响应" in now(emergency.headquarters, incident)


def test_a_closed_file_asks_for_nothing(emergency):
    incident = emergency.report(deaths=0, endangered=0)
    emergency.move(emergency.office, f"{incident}/close", reason="误报", accident=False)
    assert emergency.office.get(f"{incident}/now").json()["now"] == []
