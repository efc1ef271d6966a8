"""A warning from draft to lifting: what it must say, what it asks, and who may change it."""

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from services.emergency.app import service
from services.emergency.plan.warnings import CONTENT
from services.emergency.warnings.shapes import EXAMPLE
from tests.kit.figures.looking import looked_at, said

OFFICE = "emergency-headquarters-office"


@pytest.fixture
def running(serve):
    return serve(service)


def warner(running, unit=OFFICE, **kwargs):
    return running.client("emergency:read", "emergency:warn", unit=unit, name=f"{unit}-client", **kwargs)


def member(running, unit):
    return running.client("emergency:read", "emergency:member", unit=unit)


@pytest.fixture
def office(running):
    return warner(running)


def drafted(client, **change):
    answer = client.post("/warnings", json=EXAMPLE | change)
    assert answer.status_code == 201, answer.json()
    return answer.json()["id"]


def issued(client, **change):
    answer = client.post(f"/warnings/{drafted(client, **change)}/issue")
    assert answer.status_code == 200, answer.json()
    return answer.json()


def adjusted(client, id, **change):
    return client.post(f"/warnings/{id}/adjust", json=EXAMPLE | {"reason": "泄漏量变化"} | change)


def actions(warning, state="open"):
    return {task["entry"] for task in warning["tasks"] if task["state"] == state}


@pytest.mark.clause("E-3.3b")
def test_everything_that_a_bulletin_lacks_is_named_at_once_and_nothing_goes_out(running, office):
    id = office.post("/warnings", json={}).json()["id"]

    refused = office.post(f"/warnings/{id}/issue")

    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json()["errors"]] == [
        "/accident_type",
        "/colour",
        "/starts_at",
        "/areas",
        "/measures",
        "/expires_at",
        "/channels",
    ]
    assert refused.json()["basis"][0]["clause"] == "E-3.3b"
    assert running.sql("SELECT count(*) FROM warning_messages") == [(0,)]
    assert office.get(f"/warnings/{id}").json()["state"] == "draft"


@pytest.mark.clause("E-3.3b")
@pytest.mark.parametrize(
    ("field", "empty"),
    [("accident_type", None), ("colour", None), ("starts_at", None), ("areas", []), ("measures", None)],
)
def test_each_content_of_a_bulletin_is_needed(office, field, empty):
    change = {field: empty} | ({"expected_grade": None} if field == "colour" else {})
    refused = office.post(f"/warnings/{drafted(office, **change)}/issue")
    assert [error["pointer"] for error in refused.json()["errors"]] == [f"/{field}"]


@pytest.mark.clause("E-3.3b")
def test_a_warning_needs_an_issuer_that_is_a_unit(running):
    nobody = running.client("emergency:read", "emergency:warn")
    refused = nobody.post(f"/warnings/{drafted(nobody)}/issue")
    assert [error["reason"] for error in refused.json()["errors"]] == ["缺少" + CONTENT["issuer"]]


@pytest.mark.clause("E-3.3b")
def test_an_issued_warning_says_who_when_what_where_and_goes_out_by_the_channels_chosen(office):
    warning = issued(office)

    assert (warning["state"], warning["issuer"]["id"], warning["issued_at"]) == (
        "issued",
        OFFICE,
        "2024-06-24T09:30:00+08:00",
    )
    ways = [(each["step"], each["to_zh"]) for each in warning["messages"][0]["deliveries"]]
    assert ways[:3] == [(0, "预警信息发布系统"), (0, "短信"), (0, "宣传车")]
    assert {way for step, way in ways if step == 1} == {"上级人民政府", "鄂尔多斯市生产安全事故应急指挥部"}


@pytest.mark.clause("E-3.3b")
def test_a_street_s_warning_goes_up_level_by_level(running):
    street = warner(running, "hantai-town", division="罕台镇")
    steps = {each["to"]: each for each in issued(street)["messages"][0]["deliveries"] if each["step"]}
    assert {to: each["step"] for to, each in steps.items()} == {
        "district-government": 1,
        OFFICE: 1,
        "higher-government": 2,
        "city-headquarters": 2,
    }

    def done(to):
        return street.post(f"/warning-deliveries/{steps[to]['id']}/done").status_code

    assert done("higher-government") == 409
    assert [done("district-government"), done(OFFICE), done("higher-government")] == [200] * 3
    assert done("higher-government") == 409


def test_a_street_does_not_warn_for_another(running):
    street = warner(running, "tianjiao-street", division="天骄街道")
    refused = street.post("/warnings", json=EXAMPLE)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:dongsheng:problem:another-division")
    everywhere = street.post("/warnings", json=EXAMPLE | {"areas": []})
    assert (everywhere.status_code, everywhere.json()["type"]) == (403, "urn:dongsheng:problem:district-only")
    assert street.post("/warnings", json=EXAMPLE | {"areas": [{"division": "天骄街道"}]}).status_code == 201


def test_a_street_sees_its_own_drafts_and_touches_no_others(running, office):
    other, street = drafted(office), warner(running, "tianjiao-street", division="天骄街道")
    own = drafted(street, areas=[{"division": "天骄街道"}])
    assert [each["id"] for each in street.get("/warnings").json()["items"]] == [own]
    for answer in (
        street.get(f"/warnings/{other}"),
        street.post(f"/warnings/{other}/issue"),
        street.put(f"/warnings/{other}", json=EXAMPLE, headers={"If-Match": "*"}),
    ):
        assert answer.status_code == 404


@pytest.mark.clause("E-3.2b")
@pytest.mark.parametrize(
    ("expected", "colour"),
    [("general", "blue"), ("larger", "yellow"), ("major", "orange"), ("especially_major", "red")],
)
def test_the_expected_grade_calls_for_its_colour(office, expected, colour):
    assert issued(office, expected_grade=expected, colour=None)["colour"] == colour


@pytest.mark.clause("E-3.2b")
def test_a_colour_may_be_graver_than_the_expected_grade_but_not_milder(office):
    assert issued(office, expected_grade="larger", colour="red")["colour"] == "red"
    refused = office.post("/warnings", json=EXAMPLE | {"expected_grade": "major", "colour": "yellow"})
    assert refused.status_code == 422
    assert "提高级别" in refused.json()["errors"][0]["reason"]


@pytest.mark.clause("E-3.3c")
def test_the_actions_of_the_colour_become_tasks_of_the_units_meant(office):
    blue = issued(office, expected_grade="general", colour="blue")
    yellow, orange, red = (
        issued(office, expected_grade=None, colour=colour) for colour in ("yellow", "orange", "red")
    )

    assert actions(blue) < actions(yellow) < actions(orange) == actions(red)
    assert actions(orange) - actions(yellow) == {"follow-higher-warning"}
    owners = {task["owner_name"] for task in blue["tasks"] if task["entry"] == "blue-duty"}
    assert owners == {"区应急管理局", "区生态环境分局", "罕台镇", "事发单位"}
    assert {task["basis"][0]["clause"] for task in red["tasks"]} == {"E-3.3c"}
    optional = {task["entry"] for task in yellow["tasks"] if task["if_needed"]}
    assert "yellow-move-people" in optional


@pytest.mark.clause("E-3.2b", "E-3.3c")
def test_raising_adds_tasks_lowering_stops_them_and_what_is_done_stays(running, office):
    id = issued(office, expected_grade="general", colour="blue")["id"]
    raised = adjusted(office, id).json()
    assert (raised["state"], raised["colour"]) == ("adjusted", "yellow")
    done = next(task for task in raised["tasks"] if task["entry"] == "yellow-deploy")
    office.post(f"/tasks/{done['id']}/finish", json={"note": "已部署"})

    lowered = adjusted(office, id, colour="blue", expected_grade="general").json()

    assert actions(lowered, "done") == {"yellow-deploy"}
    assert actions(lowered) == {a for a in actions(raised) if a.startswith("blue")}
    again = adjusted(office, id).json()
    assert len(again["tasks"]) == len(raised["tasks"])
    assert "yellow-experts" in actions(again)


def test_a_draft_is_changed_with_if_match_and_an_issued_warning_no_more(office):
    id = drafted(office)
    assert office.put(f"/warnings/{id}", json=EXAMPLE).status_code == 428
    etag = office.get(f"/warnings/{id}").headers["etag"]
    changed = office.put(f"/warnings/{id}", json=EXAMPLE | {"measures": "撤离"}, headers={"If-Match": etag})
    assert (changed.status_code, changed.json()["measures"]) == (200, "撤离")
    office.post(f"/warnings/{id}/issue")
    assert office.put(f"/warnings/{id}", json=EXAMPLE, headers={"If-Match": "*"}).status_code == 409


def test_a_draft_shows_what_it_still_lacks(office):
    id = drafted(office, measures=None, channels=[])
    assert office.get(f"/warnings/{id}").json()["missing"] == ["防范措施", "发布方式"]


def test_reading_needs_no_scope_to_write_and_shows_no_drafts(running, office):
    public = running.client("emergency:read")
    draft, sent = drafted(office), issued(office)["id"]

    assert [each["id"] for each in public.get("/warnings").json()["items"]] == [sent]
    assert public.get(f"/warnings/{draft}").status_code == 404
    assert public.get(f"/warnings/{sent}").status_code == 200
    assert public.post("/warnings", json=EXAMPLE).status_code == 403


def test_a_warning_past_its_end_says_so_and_is_no_longer_active(running, office):
    id = issued(office)["id"]
    assert [each["id"] for each in office.get("/warnings", params={"active": True}).json()["items"]] == [id]
    running.clock.advance(days=2)
    assert office.get(f"/warnings/{id}").json()["expired"] is True
    assert office.get("/warnings", params={"active": True}).json()["items"] == []


def test_a_warning_that_has_ended_before_it_goes_out_is_refused(running, office):
    id = drafted(office)
    running.clock.advance(days=2)
    refused = office.post(f"/warnings/{id}/issue")
    assert [error["pointer"] for error in refused.json()["errors"]] == ["/expires_at"]


def test_a_unit_finds_its_actions_and_only_it_or_the_office_finishes_them(running, office):
    issued(office)
    bureau = member(running, "environment-branch")
    tasks = bureau.get("/tasks", params={"unit": "区生态环境分局", "open": True}).json()["items"]
    assert {task["entry"] for task in tasks} == {"blue-assess", "blue-duty", "blue-monitor"}

    path = f"/tasks/{tasks[0]['id']}/finish"
    assert member(running, "energy-bureau").post(path, json={}).status_code == 403
    assert bureau.post(path, json={"note": "已安排"}).json()["state"] == "done"
    assert bureau.post(path, json={}).status_code == 409


def test_whoever_finishes_an_action_waits_for_who_adjusts_or_lifts_the_warning(running, office):
    task = next(each for each in issued(office)["tasks"] if each["unit"] == "environment-branch")
    bureau = member(running, "environment-branch")
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"

    with ThreadPoolExecutor(1) as pool, psycopg.connect(running.url.replace("+psycopg", "")) as lifting:
        lifting.execute("SELECT 1 FROM warnings FOR UPDATE")
        answer = pool.submit(bureau.post, f"/tasks/{task['id']}/finish", json={})
        until = time.monotonic() + 15
        while not running.sql(waiting):
            assert time.monotonic() < until
            assert not answer.done()
        lifting.execute("UPDATE assignments SET state = 'stopped'")
    assert answer.result().status_code == 409


@pytest.mark.parametrize(("exercise", "prefix"), [(False, "emergency"), (True, "exercise.emergency")])
def test_each_step_is_an_event_and_an_exercise_s_is_told_apart(running, office, exercise, prefix):
    warning = issued(office, exercise=exercise)
    adjusted(office, warning["id"], colour="red")
    office.post(f"/warnings/{warning['id']}/lift", json={"reason": "结束"})

    events = running.sql("SELECT type, data->>'colour', data->>'exercise' FROM events ORDER BY id")
    assert events == [
        (f"{prefix}.warning.issued", "yellow", str(exercise).lower()),
        (f"{prefix}.warning.adjusted", "red", str(exercise).lower()),
        (f"{prefix}.warning.lifted", "red", str(exercise).lower()),
    ]
    shown = office.get(f"/warnings/{warning['id']}").json()
    assert shown["state_zh"].startswith("【演练】") is exercise


SQUARE = [["39", "109"], ["39", "110"], ["40", "110"], ["40", "109"], ["39", "109"]]
BOW = [["39", "109"], ["40", "110"], ["40", "109"], ["39", "110"], ["39", "109"]]


@pytest.mark.parametrize(
    ("polygon", "reason"),
    [
        (SQUARE[:-1], "没有闭合"),
        (BOW, "互相交叉"),
        (SQUARE[:2] + SQUARE[:1], "至少"),
        ([["91", "0"]] * 4, "90"),
    ],
)
def test_a_polygon_that_is_none_is_pointed_at(office, polygon, reason):
    refused = office.post("/warnings", json=EXAMPLE | {"areas": [{"polygon": polygon}]})
    assert refused.status_code == 422
    error = refused.json()["errors"][0]
    assert error["pointer"].startswith("/areas/0/polygon")
    assert reason in error["reason"]


def test_an_invisible_character_is_refused_before_it_breaks_the_message(office):
    refused = office.post("/warnings", json=EXAMPLE | {"measures": "撤离\x0b"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/measures")


@pytest.mark.clause("E-3.2b")
def test_the_table_of_colours_names_level_and_grade(office):
    rows = office.get("/warning-colours").json()["items"]
    assert [(row["zh"], row["level"], row["expected_grade_zh"]) for row in rows] == [
        ("红色", "I", "特别重大"),
        ("橙色", "II", "重大"),
        ("黄色", "III", "较大"),
        ("蓝色", "IV", "一般"),
    ]


def together(calls):
    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(lambda call: call(), calls))


@pytest.mark.clause("E-3.3b")
def test_a_warning_issued_by_four_at_once_goes_out_once(running, office):
    id = drafted(office)
    answers = together([lambda: office.post(f"/warnings/{id}/issue").status_code] * 4)
    assert sorted(answers) == [200, 409, 409, 409]
    assert running.sql("SELECT count(*) FROM warning_messages") == [(1,)]


def test_warnings_issued_in_the_same_second_have_identifiers_of_their_own(running, office):
    ids = [drafted(office) for _ in range(6)]
    calls = [lambda id=id: office.post(f"/warnings/{id}/issue").status_code for id in ids]
    assert together(calls) == [200] * 6
    assert running.sql("SELECT count(DISTINCT identifier) FROM warning_messages") == [(6,)]


def test_every_write_is_in_the_audit(running, office):
    warning = issued(office)
    office.post(f"/tasks/{warning['tasks'][0]['id']}/finish", json={})
    office.post(f"/warning-deliveries/{warning['messages'][0]['deliveries'][0]['id']}/done")
    assert [action for (action,) in running.sql("SELECT action FROM audit ORDER BY id")] == [
        "emergency.warning.drafted",
        "emergency.warning.issued",
        "emergency.warning.task-moved",
        "emergency.warning.delivered",
    ]


def test_an_exercise_is_marked_on_every_way_out(office):
    drill = issued(office, exercise=True)
    issued(office)
    assert all(way["to_zh"].startswith("【演练】") for way in drill["messages"][0]["deliveries"])
    listed = office.get("/tasks", params={"unit": "区生态环境分局"}).json()["items"]
    assert [each["mark"] for each in listed] == ["【演练】"] * 3 + [""] * 3
    done = office.post(f"/tasks/{drill['tasks'][0]['id']}/finish", json={}).json()
    assert (done["state"], done["exercise"]) == ("done", True)


@pytest.mark.parametrize(("real", "warned"), [(True, True), (False, False)])
def test_a_warning_is_of_an_incident_that_is_there_and_exercises_keep_to_themselves(
    running, office, real, warned
):
    report = {"place": "某园区", "occurred_at": "2024-06-24T09:00:00+08:00", "exercise": not real}
    number = running.client().post("/incidents", json=report).json()["number"]
    assert issued(office, incident=number, exercise=not real)["incident"] == number

    for incident in (number, "DS-E-20240624-0999"):
        refused = office.post("/warnings", json=EXAMPLE | {"incident": incident, "exercise": warned})
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/incident")


def test_the_warnings_that_touch_a_street_are_its_own_and_the_district_s(office):
    own, whole = issued(office)["id"], issued(office, areas=[{}])["id"]

    def touching(street):
        return [each["id"] for each in office.get("/warnings", params={"street": street}).json()["items"]]

    assert (touching("罕台镇"), touching("铜川镇")) == ([own, whole], [whole])


@pytest.mark.clause("E-3.2b", "E-3.3d")
def test_the_figure_of_warnings_has_those_in_force_apart_from_those_that_are_past(running, office):
    empty = office.get("/warnings?format=svg")
    assert "没有已发布的预警" in said(looked_at(empty.text))
    lifted, stands = issued(office), issued(office, areas=[{"division": "罕台镇"}])
    office.post(f"/warnings/{lifted['id']}/lift", json={"reason": "险情已经排除"})
    drafted(office, accident_type="没有发布的")

    drawn = said(looked_at(office.get("/warnings?format=svg&width=360").text))
    told = "".join(looked_at(office.get("/warnings?format=svg").text)[1].text.split())
    in_force, past = told.split("。")
    for each in office.get("/warnings").json()["items"]:
        assert each["state"] == "draft" or f"{each['number']}·" in drawn
    wanted = (stands["number"], "罕台镇", f"{stands['expires_at'][11:16]}失效")
    assert all(each in in_force for each in wanted)
    assert lifted["number"] in past and "已解除" in past
    assert "没有发布的" not in drawn
