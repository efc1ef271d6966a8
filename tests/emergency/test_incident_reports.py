"""Further reports on an accident: each kept, the sum graded anew, the way upward drawn."""

from xml.etree import ElementTree

import pytest

from services.emergency.case.grading import AssessmentChanged

CHANGED = AssessmentChanged.type


@pytest.mark.clause("E-4.1e")
def test_a_report_that_raises_the_grade_is_an_event_with_before_and_after(emergency):
    incident = emergency.report(endangered=2)

    same = emergency.tell(incident, deaths=1, serious_injuries=3, endangered=0)
    raised = emergency.tell(incident, deaths=3)

    assert same["changed"] == {}
    assert raised["changed"] == {"grade": ["general", "larger"], "response_level": ["IV", "III"]}
    ((_, data),) = emergency.events(CHANGED)
    assert (data["grade"], data["response_level"], data["after_report"]) == (
        ["general", "larger"],
        ["IV", "III"],
        3,
    )


@pytest.mark.clause("E-4.1e")
def test_a_correction_downwards_is_possible_and_visible(emergency):
    incident = emergency.report(deaths=3)
    emergency.tell(incident, deaths=2)

    now = emergency.duty.get(incident).json()
    grades = [each["grade"] for each in emergency.duty.get(f"{incident}/reports").json()]

    assert (now["deaths"], now["assessment"]["grade"], grades) == (2, "general", ["larger", "general"])
    assert emergency.events(CHANGED)[0][1]["grade"] == ["larger", "general"]


@pytest.mark.clause("E-4.1e")
def test_news_of_an_earlier_hour_does_not_overwrite_newer_news(emergency):
    incident = emergency.report(
        occurred_at="2024-06-24T08:00:00+08:00", reported_at="2024-06-24T08:05:00+08:00"
    )
    emergency.duty.post(
        f"{incident}/reports",
        json={"occurred_at": "2024-06-24T09:00:00+08:00", "facts": {"deaths": 2, "missing": 0}},
    )
    emergency.duty.post(
        f"{incident}/reports",
        json={"occurred_at": "2024-06-24T08:30:00+08:00", "facts": {"deaths": 1, "serious_injuries": 4}},
    )
    now = emergency.duty.get(incident).json()
    assert (now["deaths"], now["serious_injuries"]) == (2, 4)


@pytest.mark.clause("E-4.1e", "E-4.1f")
@pytest.mark.parametrize(
    ("kind", "facts", "lacks"),
    [
        (
            "follow_up",
            {"nature": "塌方", "progress": "搜救", "outlook": "可控", "measures": "支护"},
            ["伤亡和损失", "舆情"],
        ),
        ("closing", {"overview": "塌方", "response": "已救", "cause": "支护不足"}, ["经验教训", "整改措施"]),
    ],
)
def test_a_report_names_what_its_kind_should_say_and_it_does_not(emergency, kind, facts, lacks):
    taken = emergency.tell(emergency.report(), kind, **facts)
    assert [each["name"] for each in taken["report"]["missing_fields"]] == lacks


def test_a_later_report_fills_in_unit_street_and_their_tasks(emergency):
    taken = emergency.duty.post("/incidents", json={"place": "某矿", "occurred_at": "now"}).json()
    incident = f"/incidents/{taken['number']}"
    emergency.tell(incident, unit="示例煤业公司", division="铜川镇")

    owners = {each["owner"]: each for each in emergency.duty.get(incident).json()["tasks"]}
    assert owners["local-street"]["unit"] == "tongchuan-town"
    assert owners["accident-unit"]["owner_name"] == "示例煤业公司"
    assert emergency.duty.get(f"{incident}/command").json()["commander"]["name"] == "示例煤业公司"


@pytest.mark.clause("E-4.1d", "E-4.1e")
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"facts": {"deaths": -1}}, "deaths"),
        ({"facts": {"direct_loss_yuan": "1.234"}}, "direct_loss_yuan"),
        ({"facts": {"occurred_at": "2024-06-24T11:00:00+08:00"}}, "occurred_at"),
        ({"occurred_at": "2024-06-24T11:00:00+08:00"}, "occurred_at"),
        ({"occurred_at": "2020-06-24T11:00:00+08:00"}, "occurred_at"),
        ({"kind": "rumour"}, "kind"),
    ],
)
def test_a_report_with_a_wrong_field_is_taken_and_the_field_kept_as_it_was_told(emergency, body, field):
    incident = emergency.report()
    taken = emergency.duty.post(f"{incident}/reports", json=body | {"reporter_name": "王某"})
    assert taken.status_code == 201
    assert [each["field"] for each in taken.json()["report"]["unread"]] == [field]
    assert taken.json()["report"]["occurred_at"] == "2024-06-24T09:30:00+08:00"
    assert "原样留存" in emergency.duty.get(f"{incident}/timeline").text


def test_an_incident_that_is_not_there_is_404(emergency):
    assert emergency.duty.get("/incidents/DS-E-20240624-0099").status_code == 404
    assert emergency.duty.post("/incidents/x/reports", json={}).status_code == 404


@pytest.mark.clause("E-4.1c")
def test_every_step_of_the_way_upward_has_its_times(emergency):
    incident = emergency.report(reporter="unit")
    emergency.office.post(f"{incident}/verify", json={"note": "与矿方通话核实"})
    emergency.clock.advance(minutes=121)
    late = emergency.duty.post(f"{incident}/route/headquarters-to-city", json={"receiver": "市值班室"}).json()

    steps = {each["id"]: each for each in late["hops"]}
    assert steps["unit-to-headquarters"]["sender"] == "示例煤业公司"
    assert steps["unit-to-headquarters"]["standing"] == "met"
    assert (steps["headquarters-to-city"]["standing"], steps["headquarters-to-city"]["late_minutes"]) == (
        "met_late",
        1,
    )
    assert steps["government-to-higher"]["standing"] == "overdue"
    assert late["verified_at"] == "2024-06-24T09:30:00+08:00"
    assert "upward-city" in [each["deadline"] for each in emergency.duty.get(f"{incident}/breaches").json()]


def test_a_step_entered_again_keeps_its_first_time(emergency):
    incident = emergency.report()
    first = emergency.duty.post(f"{incident}/route/headquarters-to-city", json={}).json()
    emergency.clock.advance(minutes=5)
    again = emergency.duty.post(f"{incident}/route/headquarters-to-city", json={}).json()
    unknown = emergency.duty.post(f"{incident}/route/to-the-moon", json={})

    assert first["hops"][2]["done_at"] == again["hops"][2]["done_at"]
    assert unknown.status_code == 404
    assert "headquarters-to-city" in unknown.json()["detail"]


@pytest.mark.clause("E-A2")
def test_the_route_is_drawn_with_every_name_and_time(emergency):
    incident = emergency.report(unit="示例<煤业>&公司", reporter="unit")

    drawn = emergency.duty.get(f"{incident}/route.svg")

    assert drawn.headers["content-type"] == "image/svg+xml"
    words = "".join(ElementTree.fromstring(drawn.text).itertext())
    assert "示例<煤业>&公司" in words
    assert "电话 06-24 09:30 已报" in words
    assert "应于 06-24 11:30 前报" in words


@pytest.mark.clause("E-4.1g")
@pytest.mark.parametrize("kind", ["late", "omitted", "false", "concealed"])
def test_a_report_gone_wrong_is_a_finding_with_evidence_and_author(emergency, kind):
    incident = emergency.report()
    body = {"kind": kind, "about": "矿方晚报 25 分钟", "evidence": "通话记录"}

    found = emergency.office.post(f"{incident}/findings", json=body)
    without = emergency.office.post(f"{incident}/findings", json=body | {"evidence": ""})

    assert found.status_code == 201
    assert emergency.duty.get(f"{incident}/findings").json() == [found.json()]
    assert (found.json()["client"], found.json()["basis"][0]["clause"]) == ("office", "E-4.1g")
    assert without.json()["errors"][0]["pointer"] == "/evidence"
    assert emergency.duty.post(f"{incident}/findings", json=body).status_code == 403


@pytest.mark.clause("E-1.3")
def test_an_accident_is_referred_to_another_special_plan(emergency):
    incident = emergency.report()
    body = {"special_plan": "区煤矿事故专项预案", "receiver": "区煤矿专项指挥部"}
    referred = emergency.office.post(f"{incident}/refer", json=body).json()
    assert (referred["covered"], referred["referred_to"]) == (False, "区煤矿专项指挥部")
