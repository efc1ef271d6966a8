"""Whoever is spoken of in an accident's reports stands in none of its texts, and in none that can never be altered."""

import pytest

NAME, PHONE, IDENTITY = "欧阳无双", "13912345678", "11010519491231002X"


@pytest.fixture
def told(emergency):
    """An accident of whose reporter the reports speak."""
    incident = emergency.report(
        reporter_name=NAME, reporter_phone=PHONE, course=f"{NAME}（{IDENTITY}）称顶板垮落"
    )
    emergency.tell(incident, progress=f"{NAME}已送医，家属电话 {PHONE[:3]} {PHONE[3:7]} {PHONE[7:]}")
    return incident


def test_names_and_numbers_enter_neither_the_timeline_nor_the_case(emergency, told):
    for path in (told, f"{told}/timeline", f"{told}/reports"):
        text = emergency.duty.get(path).text
        for person in (NAME, PHONE, IDENTITY, PHONE[7:] * 2):
            assert person not in text
        assert "欧***" in text
    for table in ("timeline", "incidents", "incident_reports", "audit", "events"):
        stored = str(emergency.running.sql(f"SELECT t::text FROM {table} AS t"))
        assert NAME not in stored, table
        assert IDENTITY not in stored, table


def test_whoever_writes_of_the_reporter_later_does_not_name_them_either(emergency, told):
    emergency.move(emergency.office, f"{told}/response/propose", reason=f"据{NAME}反映，提请启动")
    emergency.move(
        emergency.office, f"{told.lower()}/findings", 201, kind="late", about=NAME, evidence=f"{NAME}的笔录"
    )
    for path in ("", "/timeline", "/findings", "/response"):
        assert NAME not in emergency.duty.get(f"{told}{path}").text
    for table in ("timeline", "findings", "audit", "events"):
        assert NAME not in str(emergency.running.sql(f"SELECT t::text FROM {table} AS t")), table


def test_who_may_see_it_reads_the_reports_as_they_were_told(emergency, told):
    looker = emergency.role("personal:read", name="looker")
    answer = looker.get(f"{told}/reports", params={"reveal": True})
    assert answer.headers["cache-control"] == "no-store"
    first, second = answer.json()
    assert first["facts"]["course"] == f"{NAME}（{IDENTITY}）称顶板垮落"
    assert second["facts"]["progress"].startswith(f"{NAME}已送医")
    looks = emergency.running.sql("SELECT action FROM audit WHERE client = 'looker'")
    assert looks == [("emergency.personal.seen",)]


@pytest.mark.parametrize(
    "phone",
    ["139 0000 0001", "(0477)8575464", "0477-8575464转801", "＋８６　139－0000－0001", "+86 477 8575464"],
)
def test_a_reporter_s_number_is_taken_however_it_is_written(emergency, phone):
    emergency.report(reporter_phone=phone)
