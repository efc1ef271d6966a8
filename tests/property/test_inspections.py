"""Joint inspections, what they found, and the units that act on it."""

import pytest

from kit.district import units
from kit.web.caller import Caller
from services.property.plan.inspections import FINDING, UNIT, problem_kinds
from services.property.plan.roles import STREET
from services.property.surveys.form import Status
from tests.property.conftest import row
from tests.property.test_coverage import _compound

NOTE = {"note": "已到现场处理"}
#: The problems of the document (二(二)3), in its order, and who acts on each.
KINDS = [
    ("物业服务乱收费", "区市场监督管理局"),
    ("电梯维保单位责任不落实", "区市场监督管理局"),
    ("违章搭建", "区城市管理综合行政执法局"),
    ("违法违规装饰装修", "区城市管理综合行政执法局"),
    ("侵占公共部位", "区住房和城乡建设局"),
    ("破坏公共绿地", "区城市管理综合行政执法局"),
    ("占用消防通道", "区消防救援大队"),
    ("电动车违规充电", "区消防救援大队"),
    ("违规饲养动物", "区公安分局"),
    ("违规停用共建电源", "东胜供电公司"),
    ("窃电", "东胜供电公司"),
    ("拖欠共建电费", "东胜供电公司"),
]


@pytest.fixture
def street(running):
    scopes = ("property:read", "property:write", STREET)
    return running.client(*scopes, division="天骄街道", name="tianjiao-street")


@pytest.fixture
def brigade(running):
    return running.client("property:read", "property:write", unit="fire-rescue-brigade", name="brigade")


def _inspection(compound, **more):
    found = {"kind": "blocked-fire-lane", "place": "2 号楼北侧", "description": "消防通道停满车辆"}
    return {
        "compound_id": compound["id"],
        "held_on": "2024-06-24",
        "units": ["区住建局", "区消防救援大队"],
        "findings": [found],
    } | more


@pytest.mark.clause("P-2.2.3b")
def test_the_twelve_kinds_of_problems_each_have_a_unit_that_acts(centre):
    assert [(kind.name, units.unit(kind.unit).name) for kind in problem_kinds().values()] == KINDS
    shown = centre.get("/problem-kinds").json()
    assert [(kind["name"], kind["unit"]["name"]) for kind in shown] == KINDS


@pytest.mark.clause("P-2.2.3a", "P-2.2.3b")
@pytest.mark.parametrize(
    ("state", "of_unit", "of_street"),
    [
        ("sent", ["act", "decline"], []),
        ("acted", [], ["check", "redo"]),
        ("declined", [], ["close", "redo"]),
        ("checked", [], ["close"]),
        ("closed", [], []),
    ],
)
def test_the_unit_acts_or_says_why_not_and_the_street_checks_before_it_closes(state, of_unit, of_street):
    assert FINDING.allowed(state, Caller("unit", scopes=frozenset([UNIT]))) == of_unit
    assert FINDING.allowed(state, Caller("street", scopes=frozenset([STREET]))) == of_street


@pytest.mark.clause("P-2.2.3a", "P-2.2.3b")
def test_a_finding_is_sent_to_its_unit_and_followed_to_its_end(street, brigade, submit):
    submit(row("甲"))
    made = street.post("/inspections", json=_inspection(_compound(street, "甲")))
    assert made.status_code == 201, made.text
    [finding] = made.json()["findings"]
    assert (finding["unit"]["name"], finding["state"]) == ("区消防救援大队", "sent")
    [mine] = brigade.get("/findings", params={"unit": "区消防救援大队", "state": "sent"}).json()["items"]
    path = f"/findings/{mine['id']}"
    assert street.post(f"{path}/close", json=NOTE).status_code == 409
    for who, action, state in (
        (brigade, "act", "acted"),
        (street, "redo", "sent"),
        (brigade, "act", "acted"),
        (street, "check", "checked"),
        (street, "close", "closed"),
    ):
        assert who.post(f"{path}/{action}", json=NOTE).json()["state"] == state
    steps = [step["action"] for step in street.get(path).json()["steps"]]
    assert steps == ["open", "act", "redo", "act", "check", "close"]


@pytest.mark.clause("P-2.2.3b")
def test_a_unit_that_does_not_act_says_why(street, brigade, submit):
    submit(row("甲"))
    made = street.post("/inspections", json=_inspection(_compound(street, "甲"))).json()
    path = f"/findings/{made['findings'][0]['id']}"
    refused = brigade.post(f"{path}/decline", json={})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/note")
    assert brigade.post(f"{path}/decline", json=NOTE).json()["allowed"] == []
    assert street.post(f"{path}/close", json=NOTE).json()["state"] == "closed"


@pytest.mark.clause("P-2.2.3b")
def test_only_the_unit_of_a_finding_acts_on_it(running, street, submit):
    submit(row("甲"))
    made = street.post("/inspections", json=_inspection(_compound(street, "甲"))).json()
    other = running.client("property:read", "property:write", unit="urban-management-bureau")
    refused = other.post(f"/findings/{made['findings'][0]['id']}/act", json=NOTE)
    assert (refused.status_code, refused.json()["detail"]) == (
        403,
        "这个问题由区消防救援大队承办，请由其办理。",
    )


@pytest.mark.clause("P-2.2.3a")
def test_a_joint_inspection_is_led_by_the_street_with_other_units(centre, street, running, submit):
    submit(row("甲"), row("乙", street="交通街道"))
    compound = _compound(centre, "甲")
    refused = centre.post("/inspections", json=_inspection(compound))
    assert (refused.status_code, refused.json()["missing"]) == (403, [STREET])
    assert street.post("/inspections", json=_inspection(_compound(centre, "乙"))).status_code == 404
    for wrong, pointer in (
        ({"units": []}, "/units"),
        ({"units": ["海关"]}, "/units/0"),
        ({"held_on": "2024-06-25"}, "/held_on"),
        ({"findings": [{"kind": "地震", "place": "楼", "description": "震"}]}, "/findings/0/kind"),
    ):
        answer = street.post("/inspections", json=_inspection(compound, **wrong))
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
    assert street.get("/inspections").json()["items"] == []


@pytest.mark.clause("P-2.2.3a")
def test_every_covered_compound_is_to_be_inspected_once_a_quarter(street, centre, submit, running):
    submit(row("甲"), row("乙"), row("丙", Status.NONE))
    running.clock.now = running.clock.now.replace(month=8)
    answer = street.post("/inspections", json=_inspection(_compound(centre, "甲"), held_on="2024-07-01"))
    assert answer.status_code == 201
    for day, owing in (
        ("2024-06-19", []),  # nobody knew that they are covered
        ("2024-06-30", [("甲", "2024-06-30", False), ("乙", "2024-06-30", False)]),
        ("2024-07-01", [("乙", "2024-06-30", True), ("甲", "2024-12-31", False)]),
        ("2024-12-31", [("乙", "2024-06-30", True), ("甲", "2024-12-31", False)]),
        ("2025-01-01", [("乙", "2024-06-30", True), ("甲", "2024-12-31", True)]),
    ):
        assert _owing(centre, day) == owing, day


@pytest.mark.clause("P-2.2.3a")
def test_a_compound_is_to_be_inspected_since_it_is_covered_again(centre, submit, running):
    running.clock.now = running.clock.now.replace(month=8)
    for status, as_of in (
        (Status.QUASI, "2024-04-20"),
        (Status.NONE, "2024-05-20"),
        (Status.QUASI, "2024-07-20"),
    ):
        submit(row("甲", status), as_of=as_of)
    assert _owing(centre, "2024-06-30") == []
    assert _owing(centre, "2024-08-01") == [("甲", "2024-09-30", False)]


def _owing(client, day):
    items = client.get("/duties/joint-inspection", params={"on": day}).json()["items"]
    return [(each["name"], each["due_on"], each["overdue"]) for each in items]
