"""What no one party, clock or wrong entry may decide: who is counted, when it is over, and what the record says."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from services.emergency.plan import roles
from services.emergency.plan.accidents.counting import CORRECTED
from services.emergency.plan.response import keeps_from_ending
from tests.emergency.test_ownership import CODE, PLANT


@pytest.mark.clause("E-4.1e")
def test_a_stamp_a_little_ahead_counts_as_now_and_hides_no_later_number(emergency):
    incident = emergency.report()
    ahead = {"occurred_at": "2024-06-24T09:34:00+08:00", "facts": {"deaths": 2}}
    emergency.duty.post(f"{incident}/reports", json=ahead)
    emergency.tell(incident, deaths=3)
    assert emergency.duty.get(incident).json()["deaths"] == 3


@pytest.mark.clause("E-4.1e")
def test_a_backdated_call_is_told_that_it_was_not_used(emergency):
    incident = emergency.report(missing=0, occurred_at="2024-06-24T09:00:00+08:00")
    backdated = {"occurred_at": "2024-06-24T09:10:00+08:00", "facts": {"missing": 5}}
    taken = emergency.duty.post(f"{incident}/reports", json=backdated).json()
    assert [(each["fact"], each["told"]) for each in taken["report"]["not_used"]] == [("missing", 5)]
    assert "较早，未采用" in emergency.duty.get(f"{incident}/timeline").text


@pytest.mark.clause("E-4.1c", "E-1.5")
def test_a_companys_smaller_number_lowers_no_grade_before_the_bureau_verified_it(emergency):
    emergency.duty.post("/companies", json=PLANT)
    incident = emergency.report(unit=PLANT["name"], deaths=3)
    plant = emergency.role(roles.COMPANY, name="plant", company=CODE)
    plant.post(f"{incident}/reports", json={"facts": {"deaths": 0}})
    assert emergency.duty.get(incident).json()["assessment"]["grade"] == "larger"
    emergency.move(emergency.office, f"{incident}/verify", note="现场核实无人死亡")
    assert emergency.duty.get(incident).json()["assessment"]["grade"] == "general"


# ---------------------------------------------------------------------------------------- the end
@pytest.mark.clause("E-4.9")
def test_persons_and_forces_in_danger_keep_a_response_from_ending():
    assert keeps_from_ending(0, 0, {"救护队": 0}) == ()
    assert keeps_from_ending(2, 1, {"救护队": 5, "消防": 0}) == (
        "还有 2 人涉险被困",
        "还有 1 人失联",
        "救护队还有 5 人在危险区内",
    )


@pytest.mark.clause("E-4.9")
def test_a_response_does_not_end_with_somebody_trapped_or_in_the_zone_and_names_them(emergency):
    incident = emergency.report(endangered=2)
    emergency.start(incident)
    force = emergency.move(emergency.field, f"{incident}/forces", 201, name="矿山救护队", persons=8)["id"]
    emergency.move(emergency.field, f"/forces/{force}/danger-zone", entered=5)
    emergency.move(emergency.field, f"{incident}/response/confirm-end", reason="结束")
    refused = emergency.move(emergency.headquarters, f"{incident}/response/end", 409, reason="批准")
    assert refused["left"] == ["还有 2 人涉险被困", "矿山救护队还有 5 人在危险区内"]
    emergency.tell(incident, endangered=0)
    emergency.move(emergency.field, f"/forces/{force}/danger-zone", left=5)
    assert (
        emergency.move(emergency.headquarters, f"{incident}/response/end", reason="批准")["state"] == "ended"
    )


@pytest.mark.clause("E-4.9")
def test_a_confirmation_is_void_once_it_gets_worse(emergency):
    incident = emergency.report()
    emergency.start(incident)
    emergency.move(emergency.field, f"{incident}/response/confirm-end", reason="结束")
    emergency.tell(incident, missing=2)
    emergency.tell(incident, missing=0)
    refused = emergency.move(emergency.headquarters, f"{incident}/response/end", 409, reason="批准")
    assert refused["type"].endswith("end-not-asked-for")
    assert "确认和提议失效" in emergency.duty.get(f"{incident}/timeline").text


@pytest.mark.clause("E-2.1c", "E-4.4a")
def test_a_second_collapse_starts_the_response_again_in_the_same_file(emergency, ended):
    before = emergency.duty.get(f"{ended}/response").json()
    emergency.clock.advance(minutes=30)
    again = emergency.move(emergency.headquarters, f"{ended}/response/start", reason="二次垮落，2 人被困")
    assert (again["state"], again["started_at"], again["ended_at"]) == (
        "started",
        "2024-06-24T10:00:00+08:00",
        None,
    )
    assert {task["id"] for task in before["tasks"]} <= {task["id"] for task in again["tasks"]}
    assert {task["state"] for task in again["tasks"]} == {"open"}
    assert "再次启动" in emergency.duty.get(f"{ended}/timeline").text


@pytest.mark.clause("E-2.1c")
def test_headquarters_starts_a_response_without_waiting_for_a_proposal(emergency):
    incident = emergency.report()
    started = emergency.move(emergency.headquarters, f"{incident}/response/start", reason="情况紧急")
    assert (started["state"], started["proposed_at"]) == ("started", None)


# ---------------------------------------------------------------------------------------- the file
@pytest.mark.clause("E-1.5", "E-4.9")
def test_three_dead_or_a_started_response_are_no_false_alarm(emergency, ended):
    dead = emergency.report(deaths=3)
    refused = emergency.move(emergency.office, f"{dead}/close", 409, accident=False, reason="误报")
    assert "已有 3 人伤亡" in refused["detail"]
    started = emergency.move(emergency.office, f"{ended}/close", 409, accident=False, reason="误报")
    assert "响应已启动过" in started["detail"]


def test_how_a_file_ended_is_kept_shown_and_found(emergency):
    incident, other = emergency.report(), emergency.report(place="别处", unit=None, division="罕台镇")
    closed = emergency.move(emergency.office, f"{incident}/close", accident=False, reason="误报")
    assert closed["outcome"] == emergency.duty.get(incident).json()["outcome"] == "not_an_accident"
    found = emergency.duty.get("/incidents", params={"outcome": "not_an_accident"}).json()["items"]
    assert [each["number"] for each in found] == [incident.removeprefix("/incidents/")]
    assert emergency.duty.get(other).json()["outcome"] is None


@pytest.mark.clause("E-4.1a")
def test_the_clocks_of_a_closed_case_are_still(emergency):
    incident = emergency.report()
    emergency.move(emergency.office, f"{incident}/close", accident=False, reason="误报")
    emergency.clock.advance(hours=5)
    emergency.running.tick("scan-deadlines")
    emergency.running.tick("remind-of-tasks")
    assert emergency.events("emergency.deadline.missed", "emergency.deadline.approaching") == []
    assert emergency.duty.get(f"{incident}/breaches").json() == []
    assert [
        each for each in emergency.duty.get(f"{incident}/deadlines").json() if each["standing"] == "overdue"
    ] == []


@pytest.mark.clause("E-5.4")
def test_the_investigations_authority_follows_the_grade(emergency, ended):
    def investigate(status=201):
        path = f"{ended}/investigation"
        return emergency.move(emergency.office, path, status, report="全文", cause="支护不足")

    assert investigate()["authority"] == "区人民政府"
    emergency.move(emergency.office, f"{ended}/investigation/approve", approval="同意")
    emergency.tell(ended, deaths=3)
    emergency.move(emergency.office, f"{ended}/investigation/approve", 409, approval="同意")
    assert investigate()["authority"] == "市人民政府"
    approved = emergency.move(emergency.office, f"{ended}/investigation/approve", approval="市里同意")
    assert approved["approval"] == "市里同意"
    assert investigate(409)["type"].endswith("report-came-in")


# ---------------------------------------------------------------------------------------- times
@pytest.mark.clause("E-4.1a")
@pytest.mark.parametrize(("received", "standing"), [("10:25", "met"), ("10:31", "met_late")])
def test_a_written_report_is_in_time_by_when_it_came_not_by_what_it_tells(emergency, received, standing):
    incident = emergency.report(unit_informed_at="2024-06-24T09:30:00+08:00")
    emergency.clock.advance(hours=3)
    told = {
        "kind": "written",
        "reporter": "unit",
        "occurred_at": "2024-06-24T09:35:00+08:00",
        "received_at": f"2024-06-24T{received}:00+08:00",
    }
    emergency.duty.post(f"{incident}/reports", json=told)
    clocks = {each["id"]: each["standing"] for each in emergency.duty.get(f"{incident}/deadlines").json()}
    assert clocks["written-report"] == standing


@pytest.mark.clause("E-4.1a")
def test_a_breach_that_rests_on_a_wrong_entry_is_refuted_kept_and_not_counted(emergency):
    incident = emergency.report(unit_informed_at="2023-06-24T09:10:00+08:00", reporter="unit")
    breaches = {each["deadline"]: each for each in emergency.duty.get(f"{incident}/breaches").json()}
    path = f"/breaches/{breaches['phone-report']['id']}/refute"
    emergency.move(emergency.duty, path, 403, reason="年份误写")
    refuted = emergency.move(emergency.office, path, reason="年份误写，20 分钟内已报")
    assert (refuted["refuted_by"], refuted["refuted_why"]) == (
        "emergency-headquarters-office",
        "年份误写，20 分钟内已报",
    )
    clocks = {each["id"]: each["breached"] for each in emergency.duty.get(f"{incident}/deadlines").json()}
    assert clocks["phone-report"] is False
    assert len(emergency.duty.get(f"{incident}/breaches").json()) == len(breaches)
    emergency.move(emergency.office, path, 409, reason="再来")


TIMED = [
    ("office", "response/propose", {"reason": "x"}),
    ("headquarters", "response/start", {"reason": "x"}),
    ("field", "command/assume", {"reason": "负责人联系不上"}),
    ("field", "withdrawals", {"reason": "x"}),
]


@pytest.mark.parametrize(("who", "path", "body"), TIMED)
def test_what_was_decided_earlier_is_entered_with_its_time_but_not_before_the_accident(
    emergency, who, path, body
):
    incident = emergency.report()
    emergency.clock.advance(minutes=30)
    caller = getattr(emergency, who)
    early = caller.post(f"{incident}/{path}", json=body | {"occurred_at": "2020-06-24T09:40:00+08:00"})
    assert (early.status_code, early.json()["errors"][0]["pointer"]) == (422, "/occurred_at")
    at = "2024-06-24T09:40:00+08:00"
    assert caller.post(f"{incident}/{path}", json=body | {"occurred_at": at}).status_code in (200, 201)
    entries = emergency.duty.get(f"{incident}/timeline").json()["entries"]
    assert [each["occurred_at"] for each in entries if each["recorded_at"] != each["occurred_at"]] == [at]


def test_what_is_answered_comes_before_the_answer(emergency):
    incident = emergency.report()
    emergency.clock.advance(minutes=30)
    emergency.move(emergency.office, f"{incident}/response/propose", reason="x")
    at = "2024-06-24T09:59:00+08:00"
    refused = emergency.move(
        emergency.headquarters, f"{incident}/response/start", 422, reason="x", occurred_at=at
    )
    assert refused["type"].endswith("before-it-began")


# ---------------------------------------------------------------------------------------- command
@pytest.mark.clause("E-4.5b")
def test_a_company_that_cannot_be_reached_blocks_nobody(emergency):
    incident = emergency.report()
    taken = emergency.move(emergency.field, f"{incident}/command/assume", reason="矿长电话无人接听")
    assert taken["commander"]["commander"] == "district"
    assert "矿长电话无人接听" in emergency.duty.get(f"{incident}/timeline").text
    emergency.move(emergency.company, f"{incident}/command/assume", 403, reason="x")


@pytest.mark.clause("E-4.5d")
def test_a_department_does_not_answer_for_a_fire_squad_with_eight_inside(emergency):
    incident = emergency.report()
    body = {"name": "消防一中队", "kind": "fire", "unit": "区消防救援大队", "persons": 8}
    force = emergency.move(emergency.field, f"{incident}/forces", 201, **body)["id"]
    other = emergency.move(emergency.field, f"{incident}/forces", 201, name="社会救援队", persons=4)["id"]
    order = emergency.move(emergency.field, f"{incident}/withdrawals", 201, reason="垮落征兆")["id"]
    path = f"/withdrawals/{order}/acknowledge"
    refused = emergency.move(emergency.member("health-commission"), path, 403, force=force)
    assert refused["type"].endswith("another-units-force")
    heard = emergency.move(emergency.member("fire-rescue-brigade"), path, force=force)
    assert heard["unacknowledged"] == ["社会救援队"]
    emergency.move(emergency.field, f"/forces/{other}/check-out")
    [standing] = emergency.duty.get(f"{incident}/withdrawals").json()
    assert standing["unacknowledged"] == []
    assert [each["left"] for each in standing["notices"]] == [True, False]


# ---------------------------------------------------------------------------------------- corrections
@pytest.mark.clause("E-4.1e")
def test_every_fact_can_come_later_and_what_hangs_on_it_follows(emergency):
    incident = emergency.report(occurred_at="2024-06-24T09:00:00+08:00")
    facts = {"kind": "fire", "latitude": 39.82, "longitude": 109.99, "minor_injuries": 4, "evacuated": 120}
    emergency.duty.post(f"{incident}/reports", json={"facts": facts})
    seen = emergency.duty.get(incident).json()
    assert (seen["kind"], seen["latitude"], seen["longitude"]) == ("fire", 39.82, 109.99)
    assert (seen["said"]["minor_injuries"], seen["said"]["evacuated"]) == (4, 120)
    running = {each["id"] for each in emergency.duty.get(f"{incident}/deadlines").json()}
    assert "casualty-change-traffic-fire" in running
    assert "casualty-change" not in running


@pytest.mark.clause("E-4.1e")
def test_a_number_told_by_mistake_is_withdrawn_and_both_are_kept(emergency):
    incident = emergency.report(missing=0)
    emergency.tell(incident, missing=3)
    corrected = emergency.move(
        emergency.office, f"{incident}/reports/2/withdraw", facts=["missing"], reason="已在单位找到"
    )
    assert (corrected["missing"], corrected["assessment"]["response_level"]) == (0, "IV")
    reports = emergency.duty.get(f"{incident}/reports").json()
    assert (reports[1]["facts"]["missing"], reports[1]["not_used"][0]["why"]) == (3, CORRECTED)
    [entry] = emergency.duty.get(f"{incident}/corrections").json()
    assert (entry["before"], entry["after"]) == ({"失联人数": 3}, {"失联人数": 0})
    emergency.move(emergency.office, f"{incident}/reports/2/withdraw", 422, facts=["missing"], reason="x")


def test_a_force_of_120_that_was_12_is_corrected(emergency):
    incident = emergency.report()
    force = emergency.move(emergency.field, f"{incident}/forces", 201, name="救护队", persons=120)["id"]
    emergency.move(emergency.field, f"/forces/{force}/danger-zone", entered=12)
    emergency.move(emergency.field, f"/forces/{force}/correct", 409, persons=11, reason="x")
    right = emergency.move(emergency.field, f"/forces/{force}/correct", persons=12, reason="多写一个零")
    assert right["persons"] == 12
    [entry] = emergency.duty.get(f"{incident}/corrections").json()
    assert (entry["before"], entry["after"], entry["which"]) == ({"persons": 120}, {"persons": 12}, "救护队")


@pytest.mark.clause("E-4.4a")
def test_a_task_finished_by_mistake_is_opened_again_with_a_reason(emergency):
    incident = emergency.report()
    task = emergency.duty.get(f"{incident}/tasks").json()[0]["id"]
    emergency.move(emergency.office, f"/tasks/{task}/finish")
    emergency.move(emergency.office, f"/tasks/{task}/reopen", 422)
    again = emergency.move(emergency.office, f"/tasks/{task}/reopen", note="点错了")
    assert (again["state"], again["done_at"]) == ("acknowledged", None)
    assert emergency.duty.get(f"{incident}/corrections").json()[0]["reason"] == "点错了"


@pytest.mark.clause("E-1.3")
def test_a_referral_by_mistake_is_withdrawn(emergency):
    incident = emergency.report()
    emergency.move(emergency.office, f"{incident}/refer/withdraw", 409, reason="x")
    emergency.move(emergency.office, f"{incident}/refer", special_plan="区煤矿预案", receiver="煤矿指挥部")
    assert emergency.move(emergency.office, f"{incident}/refer/withdraw", reason="误转")["covered"] is True
    assert emergency.start(incident)["state"] == "started"


# ---------------------------------------------------------------------------------------- two calls
@pytest.mark.clause("E-4.1e")
def test_two_calls_about_one_accident_are_offered_joined_counted_once_and_parted_again(emergency):
    first = emergency.report(deaths=1)
    emergency.clock.advance(minutes=8)
    body = {"unit": "示例煤业公司", "place": "2号井", "occurred_at": "now", "deaths": 2, "reported_at": None}
    second = emergency.duty.post("/incidents", json=body).json()
    assert [each["number"] for each in second["likely_same"]] == [first.removeprefix("/incidents/")]
    assert "事故单位相同" in second["likely_same"][0]["why"]

    path = f"/incidents/{second['number']}"
    assert emergency.duty.get(path).json()["likely_same"] == second["likely_same"]
    joined = emergency.move(emergency.office, f"{first}/join", into=second["number"], reason="同一起事故")
    assert (joined["number"], joined["deaths"], joined["first_known_at"]) == (
        second["number"],
        2,
        "2024-06-24T09:30:00+08:00",
    )
    call = emergency.duty.get(first).json()
    assert (call["outcome"], call["joined_into"]) == ("duplicate", second["number"])
    assert len(emergency.duty.get(f"{path}/reports").json()) == 2
    emergency.move(emergency.duty, f"{first}/reports", 409, facts={"deaths": 3})
    clocks = {each["id"]: each["started_at"] for each in emergency.duty.get(f"{path}/deadlines").json()}
    assert clocks["upward-city"] == "2024-06-24T09:30:00+08:00"

    parted = emergency.move(emergency.office, f"{first}/part", reason="不是同一起")
    assert (parted["outcome"], parted["deaths"]) == (None, 1)
    assert emergency.duty.get(path).json()["first_known_at"] == "2024-06-24T09:38:00+08:00"
    emergency.move(emergency.office, f"{first}/part", 409, reason="x")


@pytest.mark.clause("E-4.1e")
def test_calls_that_were_joined_to_a_call_go_with_it(emergency):
    first, second, third = (emergency.report(deaths=deaths) for deaths in (1, 2, 0))
    numbers = [each.removeprefix("/incidents/") for each in (first, second, third)]
    emergency.move(emergency.office, f"{first}/join", into=numbers[1], reason="同一起")
    emergency.move(emergency.office, f"{second}/join", into=numbers[2], reason="同一起")
    assert len(emergency.duty.get(f"{third}/reports").json()) == 3
    assert emergency.duty.get(first).json()["joined_into"] == numbers[2]
    parted = emergency.move(emergency.office, f"{first}/part", reason="不是同一起")
    assert (parted["outcome"], len(emergency.duty.get(f"{third}/reports").json())) == (None, 2)


@pytest.mark.clause("E-4.1e", "E-1.5")
def test_a_concealed_accident_is_graded_by_its_dead_however_late_it_is_heard_of(emergency):
    incident = emergency.report(occurred_at="2024-04-01T08:00:00+08:00", deaths=3)
    emergency.tell(incident, progress="正在核查")
    assert emergency.duty.get(incident).json()["assessment"]["grade"] == "larger"


@pytest.mark.clause("E-4.1e")
def test_of_two_opposite_joins_at_once_one_is_done_and_the_other_is_told(emergency):
    one, other = (emergency.report(place=place).removeprefix("/incidents/") for place in ("东口", "西口"))

    def join(pair):
        body = {"into": pair[1], "reason": "同一起"}
        return emergency.office.post(f"/incidents/{pair[0]}/join", json=body).status_code

    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(join, [(one, other), (other, one)]))
    assert sorted(answers) == [200, 409]
    joined = emergency.running.sql("SELECT count(*) FROM incidents WHERE joined_into IS NOT NULL")
    assert joined == [(1,)]
