"""A request that is given its matter only later becomes what that matter makes of one, as if it had come in with it (P-2.2.2b)."""

from dataclasses import replace

import pytest

from kit.dispatch.handing_on import HandingOn
from tests.kit.dispatch import sending
from tests.kit.dispatch.conftest import NOTE, Desk
from tests.kit.dispatch.test_taking_back import THERE

pytestmark = pytest.mark.clause("P-2.2.2b")
ASKING = replace(
    sending.CASE_MATTER,
    questions={"type": "object", "properties": {"lamp": {"type": "integer"}}},
)
TO_CASE = NOTE | {"matter": "case"}


@pytest.fixture
def desk(serve) -> Desk:
    own = (*sending.office_service.matters, sending.STREET_MATTER, ASKING)
    return Desk(serve(replace(sending.service, matters=own)))


def last(desk, number, action):
    return [step for step in desk.read(number)["steps"] if step["action"] == action][-1]


def test_another_matter_of_the_service_makes_of_it_what_it_makes_of_one(desk):
    number = desk.sent(matter="street-lamp", summary="7", details={"lamp": 7})
    assert desk.read(number)["reference"] is None
    moved = desk.act(desk.hotline, number, "transfer", **TO_CASE)
    assert (moved["matter"], moved["reference"]) == ("case", "CASE-7")
    assert desk.read(number)["details"] == {"lamp": 7}
    back = desk.act(desk.hotline, number, "transfer", **NOTE | {"matter": "street-lamp"})
    assert back["reference"] == "CASE-7", "what it has become is not forgotten"


def test_what_nothing_can_be_made_of_goes_to_its_unit_all_the_same_and_the_record_says_why(desk):
    number = desk.sent(matter="street-lamp", summary="refuse")
    moved = desk.act(desk.hotline, number, "transfer", **TO_CASE)
    assert (moved["matter"], moved["state"], moved["reference"]) == ("case", "received", None)
    assert last(desk, number, "transfer")["seen"]["became_nothing"] == "不受理。"


def test_answers_to_other_questions_that_do_not_fit_are_kept_in_the_record_alone(desk):
    number = desk.sent(matter="street-lamp", summary="7", details={"lamp": "第七盏"})
    assert desk.act(desk.hotline, number, "transfer", **TO_CASE)["reference"] == "CASE-7"
    assert desk.read(number)["details"] == {}
    assert last(desk, number, "transfer")["seen"]["details"] == {"lamp": "第七盏"}


@pytest.mark.parametrize(("summary", "reference"), [("7", "CASE-7"), ("refuse", None)])
def test_one_that_comes_back_with_another_matter_becomes_it_too(desk, monkeypatch, summary, reference):
    async def hand_on(*_):
        return THERE

    monkeypatch.setattr(HandingOn, "hand_on", hand_on)
    number = desk.sent(matter="street-lamp", summary=summary, external_number="X-1")
    desk.act(desk.hotline, number, "transfer", **NOTE | {"matter": "lift-maintenance"})
    other = desk.running.client("dispatch:read", "dispatch:write", "dispatch:hand-on", name="other")
    body = {"matter": "case", "summary": summary, "division": "天骄街道", "external_number": "X-1"}
    answer = other.post("/dispatch/requests", json=body | {"handed_on": {"number": THERE, "client": "12345"}})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["number"], answer.json()["reference"]) == (number, reference)
    assert ("became_nothing" in last(desk, number, "take-back")["seen"]) == (reference is None)
