"""/duty: who is on duty now."""

from services.emergency.app import service as emergency
from services.office.app import service as office
from tests.console.conftest import Desk
from tests.console.crowd import faults

SHIFT = {
    "day": "2024-06-24",
    "half": "day",
    "officer": "某值班员",
    "leader": "某带班领导",
    "phone": "13904770001",
}


def test_who_is_on_duty_until_when_and_who_acts(desk: Desk, behind) -> None:
    running = behind(emergency)
    behind(office)
    caller = running.client("emergency:read", "emergency:write", "emergency:office")
    assert caller.post("/duty-shifts", json=SHIFT).status_code == 201
    shown = desk.officer().see("/duty")
    assert "值班员 某值班员 带班领导 某带班领导" in shown.words
    assert "下次交接班" in shown.words
    assert "区长韩涛在岗，由本人负责。" in shown.words
    assert "13904770001" not in shown.text, "nobody's own number stands on a page"
    desk.crowd()
    assert faults(desk.sit("leader", "boss", unit="district-government").see("/duty")) == []


def test_a_shift_without_anybody_is_said(desk: Desk, behind) -> None:
    behind(emergency)
    words = desk.officer().see("/duty").words
    assert "白班没有排人，请立即安排。" in words
    assert "政府办公室服务暂时连接不上" in words
