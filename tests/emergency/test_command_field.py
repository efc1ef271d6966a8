"""The field headquarters: its groups, its site against the wind, its plans, evidence that was moved."""

import pytest

SCENE = {"latitude": 39.82, "longitude": 109.99}
NORTH_WEST = {"latitude": 39.83, "longitude": 109.977}
SOUTH_EAST = {"latitude": 39.81, "longitude": 110.003}


@pytest.fixture
def incident(emergency) -> str:
    incident = emergency.report(supervisor="区能源局", **SCENE)
    emergency.start(incident)
    return incident


def set_up(emergency, incident: str, status: int = 200, **body: object) -> dict:
    answer = emergency.office.post(f"{incident}/field-headquarters", json={"place": "矿区办公楼前"} | body)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.mark.clause("E-4.5a")
def test_only_the_groups_chosen_are_set_up_with_units_of_this_accident(emergency, incident):
    found = set_up(emergency, incident, groups=["综合协调组", "group-support"])

    groups = {each["name"]: each for each in found["groups"]}
    assert list(groups) == ["综合协调组", "综合保障组"]
    assert [each["name"] for each in groups["综合协调组"]["members"]] == [
        "铜川镇",
        "区能源局",
        "示例煤业公司",
    ]
    assert [each["name"] for each in groups["综合保障组"]["leads"]] == ["铜川镇"]
    assert groups["综合协调组"]["duties"]
    ((_, event),) = emergency.events("emergency.field.set-up")
    assert event["groups"] == [each["id"] for each in found["groups"]]


@pytest.mark.clause("E-4.5a")
def test_environment_and_weather_has_two_leads_and_an_alias_is_the_same_group(emergency, incident):
    set_up(emergency, incident, groups=["环境气象组", "医疗保障组"])
    again = emergency.move(
        emergency.field, f"{incident}/field-headquarters/groups", groups=["医疗救护组", "现场专家组"]
    )
    assert [each["name"] for each in again["groups"]] == ["医疗救护组", "环境气象组", "现场专家组"]
    assert [each["id"] for each in again["groups"][1]["leads"]] == [
        "environment-branch",
        "meteorological-bureau",
    ]


def test_all_nine_groups_and_no_tenth(emergency, incident):
    nine = [
        "综合协调组",
        "专业处置组",
        "社会面管控组",
        "综合保障组",
        "医疗救护组",
        "环境气象组",
        "通信保障组",
        "新闻发布组",
        "现场专家组",
    ]
    assert [each["name"] for each in set_up(emergency, incident, groups=nine)["groups"]] == nine
    refused = set_up(emergency, incident, 422, groups=["后勤组"])
    assert refused["errors"][0]["pointer"] == "/groups/0"


@pytest.mark.clause("E-4.5a")
@pytest.mark.parametrize(
    ("site", "side", "warned"), [(NORTH_WEST, "upwind", False), (SOUTH_EAST, "downwind", True)]
)
def test_a_site_that_is_not_upwind_is_warned_of(emergency, incident, site, side, warned):
    found = set_up(emergency, incident, wind="西北", **site)
    assert (found["side"], bool(found["warning"])) == (side, warned)
    assert 1000 < found["distance_m"] < 2000


def test_without_wind_or_place_the_question_stays_open(emergency, incident):
    assert "无法判断" in set_up(emergency, incident)["warning"]


@pytest.mark.parametrize(
    "body", [{"wind": "上风"}, {"wind": "北", "wind_from": 10}, {"latitude": 39.8}, {"wind_from": 361}]
)
def test_a_site_that_cannot_be_is_refused(emergency, incident, body):
    assert set_up(emergency, incident, 422, **body)["errors"]


@pytest.mark.clause("E-4.4a")
def test_there_is_no_field_headquarters_before_the_response(emergency):
    refused = set_up(emergency, emergency.report(), 409)
    assert "E-4.5a" in [each["clause"] for each in refused["basis"]]


@pytest.mark.clause("E-4.6")
def test_a_plan_is_drafted_in_versions_and_confirmed_by_the_field(emergency, incident):
    plans = f"{incident}/plans"
    first = emergency.move(emergency.office, plans, 201, text="先支护后搜救", experts="顶板专家 2 人")
    emergency.move(emergency.office, f"{plans}/1/confirm", 403)
    emergency.move(emergency.field, f"{plans}/1/confirm")
    emergency.move(emergency.field, plans, 201, text="改从回风巷进入")
    emergency.move(emergency.field, f"{plans}/2/confirm")
    old = emergency.move(emergency.field, f"{plans}/1/confirm", 409)

    states = [(each["version"], each["state"]) for each in emergency.duty.get(plans).json()]
    assert first["version"] == 1
    assert states == [(1, "superseded"), (2, "confirmed")]
    assert old["basis"][0]["clause"] == "E-4.6"
    emergency.move(emergency.field, f"{plans}/3/confirm", 404)


@pytest.mark.clause("E-4.6")
def test_a_thing_that_had_to_be_moved_keeps_its_place_on_record(emergency, incident):
    body = {
        "what": "护罩",
        "why": "压住伤员",
        "stood_at": "12 号支架旁",
        "moved_to": "井口",
        "recorded_how": "照片 6 张",
    }
    kept = emergency.move(emergency.field, f"{incident}/evidence", 201, **body)
    lacking = emergency.move(emergency.field, f"{incident}/evidence", 422, **(body | {"recorded_how": ""}))

    assert emergency.duty.get(f"{incident}/evidence").json() == [kept]
    assert lacking["errors"][0]["pointer"] == "/recorded_how"
