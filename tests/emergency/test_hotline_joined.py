"""Two hotline calls that are surely about one accident are one file; what is only likely is left to a person."""

from concurrent.futures import ThreadPoolExecutor

import pytest

CALL = {
    "matter": "production-accident",
    "summary": "化工厂储罐爆炸，有人受伤",
    "division": "铜川镇",
    "address": "示例化工园区 3 号罐区",
}
HERE = {"longitude": 109.984, "latitude": 39.822, "datum": "WGS-84"}
#: About 220 m and about 550 m to the north.
NEAR, FURTHER = HERE | {"latitude": 39.824}, HERE | {"latitude": 39.827}


@pytest.fixture
def call(emergency):
    hotline = emergency.running.client("dispatch:write", "dispatch:read", name="hotline")

    def made(**changes: object) -> dict:
        answer = hotline.post("/dispatch/requests", json=CALL | changes)
        assert answer.status_code == 201, answer.text
        return answer.json()

    return made


@pytest.mark.clause("E-4.1b", "E-4.1e")
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"summary": "听到爆炸声，罐区爆炸了"}),
        ({"coordinates": HERE}, {"coordinates": NEAR, "address": "园区北门"}),
        ({"coordinates": HERE, "division": None}, {"coordinates": NEAR, "address": None}),
        ({"details": {"unit": "示例化工"}}, {"details": {"unit": "示例化工"}, "summary": "着火冒黑烟"}),
    ],
)
def test_a_further_call_of_the_same_place_time_and_words_is_joined(emergency, call, one, other):
    first = call(**one)
    emergency.clock.advance(minutes=119)

    further = call(**other)

    assert further["number"] != first["number"]
    assert further["reference"] == first["reference"] == "DS-E-20240624-0001"
    reports = emergency.duty.get(f"/incidents/{first['reference']}/reports").json()
    assert [each["received_at"][11:16] for each in reports] == ["09:30", "11:29"]
    joined = emergency.duty.get("/incidents/DS-E-20240624-0002").json()
    assert (joined["joined_into"], joined["request"]) == (first["reference"], further["number"])


@pytest.mark.clause("E-4.1e")
@pytest.mark.parametrize(
    ("other", "minutes"),
    [
        ({}, 121),
        ({"address": "示例化工园区 4 号罐区"}, 5),
        ({"address": None}, 5),
        ({"coordinates": FURTHER}, 5),
        ({"division": "罕台镇"}, 5),
        ({"summary": "员工触电倒地"}, 5),
        ({"details": {"unit": "另一家化工"}}, 5),
    ],
)
def test_a_call_in_doubt_has_a_file_of_its_own(emergency, call, other, minutes):
    first = call(details={"unit": "示例化工"}, coordinates=HERE if "coordinates" in other else None)
    emergency.clock.advance(minutes=minutes)
    assert call(**other)["reference"] != first["reference"]


@pytest.mark.clause("E-4.1e")
def test_what_is_only_likely_is_still_offered(emergency, call):
    first = call()
    emergency.clock.advance(minutes=121)
    second = emergency.duty.get(f"/incidents/{call()['reference']}").json()
    assert [each["number"] for each in second["likely_same"]] == [first["reference"]]


@pytest.mark.clause("E-4.1e")
def test_two_calls_from_nowhere_known_are_not_taken_for_one(call):
    nowhere = {"address": None, "division": None}
    assert call(**nowhere)["reference"] != call(**nowhere)["reference"]


@pytest.mark.clause("E-4.1e")
def test_a_call_that_fits_several_files_is_joined_to_none(emergency, call):
    for _ in range(2):  # entered by the duty officer, who is asked and joins nothing
        emergency.report(unit=None, place=CALL["address"], course="储罐爆炸")
    assert call()["reference"] == "DS-E-20240624-0003"


def test_a_closed_file_takes_no_further_call(emergency, call):
    first = call()["reference"]
    emergency.move(emergency.office, f"/incidents/{first}/close", accident=False, reason="误报")
    assert call()["reference"] != first


@pytest.mark.clause("E-4.1e")
def test_two_calls_at_the_same_moment_are_one_file(emergency, call):
    with ThreadPoolExecutor(4) as several:
        taken = list(several.map(lambda _: call(), range(4)))
    assert len({each["number"] for each in taken}) == 4
    assert len({each["reference"] for each in taken}) == 1


@pytest.mark.clause("E-4.1e")
def test_a_call_that_was_joined_by_mistake_is_parted_and_its_request_says_so(emergency, call):
    first, further = call(), call()
    emergency.move(emergency.office, "/incidents/DS-E-20240624-0002/part", reason="实为两处爆炸")

    hotline = emergency.running.client("dispatch:read", name="hotline")
    refers = [
        hotline.get(f"/dispatch/requests/{each['number']}").json()["reference"] for each in (first, further)
    ]
    assert refers == ["DS-E-20240624-0001", "DS-E-20240624-0002"]


def test_where_and_when_the_request_says_is_where_and_when_the_accident_was(emergency, call):
    number = call(coordinates=HERE, occurred_at="2024-06-24T09:05:00+08:00")["reference"]
    incident = emergency.duty.get(f"/incidents/{number}").json()
    assert (incident["longitude"], incident["latitude"]) == (109.984, 39.822)
    assert incident["occurred_at"] == "2024-06-24T09:05:00+08:00"
