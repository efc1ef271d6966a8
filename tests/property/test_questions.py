"""What the hotline asks of a matter: typed, in Chinese, nothing of it required, and nothing else refused (P-2.2.2b)."""

import pytest
from httpx2 import Response

from kit.testing import Client

pytestmark = pytest.mark.clause("P-2.2.2b")
GOOD = {
    "lift-maintenance": {"trapped": True, "people": 2, "device_code": "T12345", "floor": "3 层和 4 层之间"},
    "falling-objects": {
        "object": "花盆",
        "fallen": True,
        "injured": False,
        "building": "3 号楼",
        "floor": "9",
    },
    "e-bike-charging": {"where": "楼道", "charging": True, "cable": True, "building": "3 号楼 2 单元"},
}
WRONG = [
    ("lift-maintenance", {"trapped": "是"}, "/details/trapped"),
    ("lift-maintenance", {"people": -1}, "/details/people"),
    ("falling-objects", {"fallen": 1}, "/details/fallen"),
    ("e-bike-charging", {"where": "树上"}, "/details/where"),
]


@pytest.fixture
def hotline(running) -> Client:
    return running.client("dispatch:write", "dispatch:read", name="12345")


def call(hotline: Client, matter: str, details: dict) -> Response:
    body = {"matter": matter, "summary": "请处理", "division": "天骄街道", "details": details}
    return hotline.post("/dispatch/requests", json=body)


@pytest.mark.parametrize("matter", GOOD)
def test_its_answers_are_kept_and_so_is_what_was_not_asked(hotline, running, matter):
    told = [{}, GOOD[matter], {"其他": "来电人另说的"}]
    assert [call(hotline, matter, details).status_code for details in told] == [201] * 3
    assert [each for (each,) in running.sql("SELECT details FROM dispatch_requests ORDER BY number")] == told


@pytest.mark.parametrize(("matter", "details", "pointer"), WRONG)
def test_an_answer_that_does_not_fit_is_pointed_at(hotline, matter, details, pointer):
    refused = call(hotline, matter, details)
    assert (refused.status_code, [each["pointer"] for each in refused.json()["errors"]]) == (422, [pointer])


@pytest.mark.parametrize("matter", GOOD)
def test_each_question_has_a_chinese_title(hotline, matter):
    [found] = [each for each in hotline.get("/dispatch/matters").json() if each["code"] == matter]
    asked = found["questions"]["properties"]
    assert asked.keys() == GOOD[matter].keys()
    assert all("\u4e00" <= each["title"][0] <= "\u9fff" for each in asked.values())
