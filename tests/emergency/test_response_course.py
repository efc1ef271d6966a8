"""A response from its proposal to its end: who may, in which order, at which level."""

import pytest

from services.emergency.plan import roles


@pytest.mark.clause("E-2.1c", "E-2.1d")
def test_the_office_proposes_and_headquarters_starts(emergency):
    incident = emergency.report()

    proposed = emergency.move(emergency.office, f"{incident}/response/propose", reason="2 人被困")
    started = emergency.move(emergency.headquarters, f"{incident}/response/start", reason="同意")

    assert (proposed["state"], proposed["level"], proposed["tasks"][-1]["part"]) == (
        "proposed",
        "IV",
        "first-response",
    )
    assert (started["state"], started["level"], started["led_by"]) == ("started", "IV", "区指挥部")
    assert [data["action"] for _, data in emergency.events("emergency.response.moved")] == [
        "propose",
        "start",
    ]


@pytest.mark.clause("E-2.1c", "E-2.1d")
@pytest.mark.parametrize(
    ("action", "who", "may"),
    [("propose", "headquarters", "区指挥部办公室"), ("start", "office", "区指挥部")],
)
def test_nobody_else_may_and_the_refusal_says_who(emergency, action, who, may):
    incident = emergency.report()
    if action == "start":
        emergency.move(emergency.office, f"{incident}/response/propose", reason="x")
    refused = emergency.move(getattr(emergency, who), f"{incident}/response/{action}", 403, reason="x")
    assert may in refused["detail"]
    assert refused["basis"][0]["clause"].startswith("E-2.1")


@pytest.mark.clause("E-2.1c", "E-4.9")
@pytest.mark.parametrize(
    ("before", "who", "action", "clause", "hint"),
    [
        ([], "field", "confirm-end", "E-4.9", "提请启动（区指挥部办公室）、启动（区指挥部）"),
        ([], "headquarters", "end", "E-4.9", "提请启动"),
        (["propose"], "headquarters", "end", "E-4.9", "启动（区指挥部）"),
        (["propose"], "office", "propose", "E-2.1d", "启动（区指挥部）"),
        (["propose", "start"], "headquarters", "start", "E-2.1c", "批准终止（区指挥部）"),
        (["propose", "start"], "headquarters", "end", "E-4.9", "现场指挥部确认"),
    ],
)
def test_out_of_turn_is_409_with_the_clause_and_who_may(emergency, before, who, action, clause, hint):
    incident = emergency.report()
    for step in before:
        caller = emergency.office if step == "propose" else emergency.headquarters
        emergency.move(caller, f"{incident}/response/{step}", reason="x")

    refused = emergency.move(getattr(emergency, who), f"{incident}/response/{action}", 409, reason="x")

    assert clause in [each["clause"] for each in refused["basis"]]
    assert hint in refused["detail"]
    assert refused["who"]


@pytest.mark.clause("E-4.4d")
def test_a_refusal_names_everybody_who_may(emergency):
    incident = emergency.report()
    emergency.start(incident)
    refused = emergency.move(emergency.headquarters, f"{incident}/response/start", 409, reason="x")
    assert refused["who"]["adjust"] == [roles.HEADQUARTERS, roles.OFFICE]
    assert "调整级别（区指挥部、区指挥部办公室）" in refused["detail"]


@pytest.mark.clause("E-4.4a")
def test_level_iv_gives_the_offices_the_departments_and_headquarters_tasks(emergency):
    incident = emergency.report(supervisor="区能源局")

    started = emergency.start(incident, departments=["区卫生健康委员会"])

    parts = {each["part"] for each in started["tasks"]}
    departments = {each["owner_name"] for each in started["tasks"] if each["part"] == "departments"}
    assert parts == {"first-response", "office", "departments", "headquarters"}
    assert departments == {"区能源局", "区卫生健康委员会"}


@pytest.mark.clause("E-4.4b")
def test_level_iii_also_reports_to_the_city(emergency):
    started = emergency.start(emergency.report(deaths=3))
    assert "report-to-city" in [each["entry"] for each in started["tasks"]]
    assert "市指挥部" in started["led_by"]


@pytest.mark.clause("E-4.4c")
@pytest.mark.parametrize(("deaths", "level"), [(10, "II"), (30, "I")])
def test_levels_ii_and_i_are_first_response_and_support(emergency, deaths, level):
    started = emergency.start(emergency.report(deaths=deaths))
    assert (started["level"], {each["part"] for each in started["tasks"]}) == (
        level,
        {"first-response", "support"},
    )
    assert "协助" in started["led_by"]


@pytest.mark.clause("E-4.4d")
def test_a_change_of_level_adds_what_is_missing_and_reopens_nothing(emergency):
    incident = emergency.report()
    before = emergency.start(incident)["tasks"]
    done = next(each for each in before if each["entry"] == "headquarters-rescue")
    emergency.move(emergency.role(roles.MEMBER, roles.OFFICE), f"/tasks/{done['id']}/finish")
    emergency.tell(incident, deaths=3)
    pending = emergency.duty.get(f"{incident}/response").json()

    up = emergency.move(emergency.office, f"{incident}/response/adjust", level="III", reason="3 人死亡")
    emergency.tell(incident, deaths=2)
    down = emergency.move(
        emergency.headquarters, f"{incident}/response/adjust", level="IV", reason="核实为 2 人"
    )

    assert pending["adjust_needed"] is True
    assert {each["entry"] for each in up["tasks"]} - {each["entry"] for each in before} == {"report-to-city"}
    assert [each["id"] for each in down["tasks"]] == [each["id"] for each in up["tasks"]]
    assert next(each for each in down["tasks"] if each["id"] == done["id"])["state"] == "done"
    assert down["state"] == "adjusted"


@pytest.mark.clause("E-4.3")
def test_a_level_milder_than_the_accident_asks_for_is_refused(emergency):
    incident = emergency.report(deaths=3)
    emergency.move(emergency.office, f"{incident}/response/propose", reason="x")
    refused = emergency.move(
        emergency.headquarters, f"{incident}/response/start", 409, level="IV", reason="x"
    )
    assert refused["basis"][0]["clause"] == "E-4.3"


@pytest.mark.clause("E-4.3")
def test_headquarters_alone_may_decide_on_level_iii(emergency):
    incident = emergency.report()
    emergency.start(incident)

    office = emergency.move(emergency.office, f"{incident}/response/adjust", 403, level="III", reason="x")
    beyond = emergency.move(
        emergency.headquarters, f"{incident}/response/adjust", 409, level="II", reason="x"
    )
    decided = emergency.move(
        emergency.headquarters, f"{incident}/response/adjust", level="III", reason="位置敏感"
    )

    assert (office["basis"][0]["clause"], beyond["basis"][0]["clause"]) == ("E-4.3", "E-4.3")
    assert (decided["level"], decided["level_asked"]) == ("III", "III")
    reasons = emergency.duty.get(incident).json()["assessment"]["reasons"]
    assert "headquarters_decides_iii" in [each["field"] for each in reasons]


@pytest.mark.clause("E-4.3", "E-4.4d")
def test_what_headquarters_decided_it_alone_takes_back(emergency):
    incident = emergency.report()
    emergency.start(incident, level="III")

    office = emergency.move(emergency.office, f"{incident}/response/adjust", 409, level="IV", reason="x")
    lowered = emergency.move(
        emergency.headquarters, f"{incident}/response/adjust", level="IV", reason="位置不再敏感"
    )

    assert office["basis"][0]["clause"] == "E-4.3"
    assert (lowered["level"], lowered["level_asked"], lowered["adjust_needed"]) == ("IV", "IV", False)
    reasons = emergency.duty.get(incident).json()["assessment"]["reasons"]
    assert "headquarters_decides_iii" not in [each["field"] for each in reasons]


@pytest.mark.clause("E-4.3")
def test_a_decision_for_iii_outlives_a_graver_hour(emergency):
    incident = emergency.report()
    emergency.start(incident, level="III")
    emergency.tell(incident, deaths=10)
    emergency.move(emergency.office, f"{incident}/response/adjust", level="II", reason="10 人死亡")
    emergency.tell(incident, deaths=1)
    assert emergency.duty.get(f"{incident}/response").json()["level_asked"] == "III"


@pytest.mark.clause("E-4.9")
@pytest.mark.parametrize(("action", "who"), [("confirm-end", "field"), ("propose-end", "company")])
def test_the_end_is_asked_for_by_the_field_or_the_unit_and_approved_by_headquarters(emergency, action, who):
    incident = emergency.report()
    emergency.start(incident)
    emergency.move(getattr(emergency, who), f"{incident}/response/{action}", reason="危险已消除")
    ended = emergency.move(emergency.headquarters, f"{incident}/response/end", reason="批准")
    again = emergency.move(emergency.headquarters, f"{incident}/response/end", 409, reason="批准")

    assert (ended["state"], ended["allowed"]) == ("ended", ["start"])
    assert again["basis"][0]["clause"] == "E-4.9"


@pytest.mark.clause("E-4.9")
def test_whoever_started_it_ends_it(emergency):
    incident = emergency.report()
    emergency.start(incident)
    emergency.move(emergency.field, f"{incident}/response/confirm-end", reason="x")
    city = emergency.role(roles.HEADQUARTERS, name="city", unit="city-headquarters")

    refused = emergency.move(city, f"{incident}/response/end", 409, reason="x")

    assert "谁启动谁终止" in refused["detail"]
    assert refused["who"] == {"end": ["emergency-headquarters"]}


@pytest.mark.clause("E-1.3")
def test_an_accident_under_another_plan_gets_no_response_here(emergency):
    incident = emergency.report(special_plan="区煤矿事故专项预案")
    refused = emergency.move(emergency.office, f"{incident}/response/propose", 409, reason="x")
    assert refused["basis"][0]["clause"] == "E-1.3"


def test_an_unknown_department_is_refused_in_place(emergency):
    incident = emergency.report()
    emergency.move(emergency.office, f"{incident}/response/propose", reason="x")
    refused = emergency.move(
        emergency.headquarters, f"{incident}/response/start", 422, reason="x", departments=["区魔法局"]
    )
    assert refused["errors"][0]["pointer"] == "/departments/0"
