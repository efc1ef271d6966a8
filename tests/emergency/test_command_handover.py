"""Who commands: the company, the district, the higher headquarters; exactly one at every moment."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

BRIEFING = {
    "situation": "2 人被困",
    "progress": "已支护 5 米",
    "risks": "二次垮落",
    "key_factors": "缺支护材料",
}


def offer(emergency, incident: str, who: str = "company", status: int = 200) -> dict:
    return emergency.move(getattr(emergency, who), f"{incident}/command/offer", status, **BRIEFING)


@pytest.mark.clause("E-4.5b")
def test_command_goes_from_the_company_to_the_district_to_the_higher_headquarters(emergency):
    incident = emergency.report(occurred_at="2024-06-24T09:00:00+08:00")
    first = emergency.duty.get(f"{incident}/command").json()
    offered = offer(emergency, incident)
    emergency.clock.advance(minutes=10)
    taken = emergency.move(emergency.field, f"{incident}/command/take", name="赵指挥")
    offer(emergency, incident, "field")
    joined = emergency.move(emergency.higher, f"{incident}/command/take")

    assert (first["commander"]["commander"], first["commander"]["name"]) == ("company", "示例煤业公司")
    assert (offered["state"], offered["commander"]["commander"]) == ("offered-to-district", "company")
    assert (taken["commander"]["commander_zh"], taken["commander"]["name"]) == ("区现场指挥部", "赵指挥")
    assert [each["commander"] for each in joined["tenures"]] == ["company", "district", "higher"]
    ends, starts = (
        [each["until"] for each in joined["tenures"][:-1]],
        [each["since"] for each in joined["tenures"][1:]],
    )
    assert ends == starts
    assert joined["hand_overs"][0]["briefing"] == BRIEFING


@pytest.mark.clause("E-4.5b")
def test_the_list_says_who_commands_each_accident_as_the_accident_itself_does(emergency):
    incidents = [emergency.report(unit=f"第 {number} 家公司") for number in range(3)]
    for incident in incidents[1:]:
        offer(emergency, incident)
    emergency.move(emergency.field, f"{incidents[2]}/command/take", name="赵指挥")
    offer(emergency, incidents[2], "field")

    listed = emergency.duty.get("/incidents").json()["items"]
    commands = [emergency.duty.get(f"{incident}/command").json() for incident in incidents]
    told = [{name: each[name] for name in ("state", "state_zh", "commander")} for each in commands]
    assert [each["command"] for each in reversed(listed)] == told
    assert [each["state"] for each in told] == ["company", "offered-to-district", "offered-to-higher"]


def test_a_callers_clock_that_is_ahead_delays_no_hand_over(emergency):
    ahead = "2024-06-24T09:34:00+08:00"
    incident = emergency.report(occurred_at=ahead, reported_at=ahead)
    offer(emergency, incident)
    taken = emergency.move(emergency.field, f"{incident}/command/take")
    assert [each["since"] for each in taken["tenures"]] == ["2024-06-24T09:30:00+08:00"] * 2


@pytest.mark.clause("E-4.5b")
def test_a_hand_over_needs_a_briefing(emergency):
    incident = emergency.report()
    refused = emergency.company.post(f"{incident}/command/offer", json={"situation": "2 人被困"})
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/progress", "/risks", "/key_factors"]


@pytest.mark.clause("E-4.5b")
def test_until_it_is_taken_the_giver_commands_and_it_may_be_declined(emergency):
    incident = emergency.report()
    offer(emergency, incident)
    declined = emergency.move(emergency.field, f"{incident}/command/decline", note="人员未到齐")
    assert (declined["commander"]["commander"], declined["state"]) == ("company", "company")
    assert declined["hand_overs"][0]["remark"] == "人员未到齐"


@pytest.mark.clause("E-4.5b")
def test_nobody_takes_what_was_not_offered_and_only_the_next_in_line_does(emergency):
    incident = emergency.report()
    unoffered = emergency.move(emergency.field, f"{incident}/command/take", 409)
    offer(emergency, incident)
    twice = offer(emergency, incident, status=409)
    stranger = emergency.move(emergency.higher, f"{incident}/command/take", 403)

    assert unoffered["basis"][0]["clause"] == "E-4.5b"
    assert "提出移交指挥权（事发单位）" in unoffered["detail"]
    assert "接收指挥权（区现场指挥部" in twice["detail"] or "现场指挥部" in twice["detail"]
    assert "现场指挥部" in stranger["detail"]


@pytest.mark.clause("E-4.5b")
def test_hand_overs_raced_against_each_other_leave_one_commander(emergency):
    incident = emergency.report()
    offer(emergency, incident)

    def race(action: str) -> int:
        return emergency.field.post(f"{incident}/command/{action}", json={}).status_code

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(race, ["take"] * 8 + ["decline"] * 4))

    assert sorted(set(answers)) == [200, 409]
    assert answers.count(200) == 1
    command = emergency.duty.get(f"{incident}/command").json()
    assert [each["until"] is None for each in command["tenures"]].count(True) == 1


@pytest.mark.clause("E-4.5b")
def test_raced_offers_leave_one_offer(emergency):
    incident = emergency.report()

    def race(_: int) -> int:
        return emergency.company.post(f"{incident}/command/offer", json=BRIEFING).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(race, range(8))) == [200] + [409] * 7


@pytest.mark.clause("E-4.5b")
def test_the_database_itself_refuses_a_second_commander(emergency):
    emergency.report()
    with pytest.raises(psycopg.errors.UniqueViolation):
        emergency.running.sql(
            "INSERT INTO command_tenures (id, incident_id, commander, since)"
            " SELECT gen_random_uuid(), id, 'district', now() FROM incidents"
        )
