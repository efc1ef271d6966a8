"""A member's own calendar behind an address that nobody guesses, that is kept nowhere, and that can be taken back (N-2.2)."""

import json
from datetime import date

import pytest
import vobject

from tests.lawstudy.conftest import done, refused

PREFIX = "/lawstudy/v1"


def summaries(answer) -> list[str]:
    assert answer.status_code == 200, answer.text
    calendar = vobject.readOne(answer.text)
    assert calendar.validate(raiseException=True)
    return [event.summary.value for event in calendar.contents.get("vevent", [])]


@pytest.fixture
def entered(office):
    """`entered("某某", "2024-08-01")` enters a deputy head of the district from a day on."""

    def enter(name: str, begins_on: str, **more) -> str:
        body = {"kind": "member", "name": name, "post": "副区长", "begins_on": begins_on, **more}
        return done(office.post("/members", json=body), 201)["id"]

    return enter


@pytest.fixture
def address(office):
    """`address(member)` is where a member's calendar is."""

    def give(member: str) -> str:
        return done(office.put(f"/members/{member}/calendar-address"))["path"].removeprefix(PREFIX)

    return give


@pytest.mark.clause("N-2.2", "L-4b")
def test_a_member_reads_what_is_held_while_in_office_with_the_place(
    lawstudy, office, entered, address, session_of, meeting
):
    session = session_of("2024-P3")["id"]
    on = meeting("2024-07-15", begins_at="09:00", place="三楼会议室")
    done(office.post(f"/sessions/{session}/schedule", json={"meeting": on}))
    member = entered("某某", "2024-07-15", ends_on="2024-09-01")
    own = lawstudy.stranger().get(address(member))
    assert [each[6:] for each in summaries(own)] == [
        "中华人民共和国粮食安全保障法》",
        "中华人民共和国政府信息公开条例》",
        "中华人民共和国中小企业促进法》",
    ]
    assert "LOCATION:三楼会议室" in own.text
    assert "CLASS:PRIVATE" in own.text
    assert own.headers["Cache-Control"] == "private, no-cache"
    tag = {"If-None-Match": own.headers["ETag"]}
    assert lawstudy.stranger().get(address(entered("另一", "2024-07-16")), headers=tag).status_code == 200


@pytest.mark.clause("N-2.2")
def test_whoever_stands_by_is_told_of_nothing_until_expected(lawstudy, entered, address):
    invited = entered("列席", "2024-06-01", kind="invited", post="区检察院检察长")
    assert summaries(lawstudy.stranger().get(address(invited))) == []


@pytest.mark.clause("N-2.2")
def test_an_address_is_taken_back_or_replaced_and_is_then_as_if_it_had_never_been(
    lawstudy, office, entered, address
):
    member, reader = entered("某某", "2024-07-01"), lawstudy.stranger()
    first = address(member)
    assert done(office.get(f"/members/{member}/calendar-address"))["member_id"] == member
    second = address(member)
    refused(reader.get(first), 404, "no-such-calendar")
    whole = reader.get(second)
    tag = {"If-None-Match": whole.headers["ETag"]}
    assert reader.get(second, headers=tag).status_code == 304
    assert reader.request("HEAD", second).headers["ETag"] == whole.headers["ETag"]

    assert office.delete(f"/members/{member}/calendar-address").status_code == 204
    assert (
        refused(reader.get(second, headers=tag), 404, "no-such-calendar")["detail"]
        == (refused(reader.get("/calendars/guessed.ics"), 404, "no-such-calendar")["detail"])
    )
    refused(office.get(f"/members/{member}/calendar-address"), 404, "no-such-calendar")
    refused(office.delete(f"/members/{member}/calendar-address"), 404, "no-such-calendar")


def test_an_address_is_long_and_each_another(entered, address):
    member = entered("某某", "2024-07-01")
    found = {address(member) for _ in range(5)}
    assert len(found) == 5
    assert all(len(each) >= len("/calendars/.ics") + 43 for each in found)


def test_the_address_stands_in_no_table_and_no_line(lawstudy, entered, address, capfd):
    token = address(entered("某某", "2024-07-01")).removeprefix("/calendars/").removesuffix(".ics")
    assert lawstudy.stranger().get(f"/calendars/{token}.ics").status_code == 200
    assert lawstudy.stranger().get(f"/calendars/{token}x.ics").status_code == 404
    said = capfd.readouterr()
    lines = [json.loads(line) for line in said.out.splitlines() if "/calendars/" in line]
    assert {line["path"] for line in lines if line["event"] == "request"} == {"/calendars/{token}.ics"}
    assert token not in said.out + said.err
    tables = lawstudy.sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert len(tables) > 10
    for (table,) in tables:
        [[rows]] = lawstudy.sql(f'SELECT coalesce(string_agg(t::text, chr(10)), %s) FROM "{table}" t', "")
        assert token not in rows, table


@pytest.mark.parametrize("method", ["PUT", "GET", "DELETE"])
def test_only_the_government_office_gives_addresses(lawstudy, justice, entered, method):
    path = f"/members/{entered('某某', '2024-07-01')}/calendar-address"
    refused(justice.request(method, path), 403, "not-your-role")
    assert lawstudy.stranger().request(method, path).status_code == 401


def test_nobody_s_calendar_has_no_address(office):
    refused(office.put("/members/01990000-0000-7000-8000-000000000000/calendar-address"), 404, "not-found")


def test_who_left_before_the_plan_reads_nothing(lawstudy, entered, address):
    member = entered("某某", "2024-01-01", ends_on=str(date(2024, 4, 30)))
    assert summaries(lawstudy.stranger().get(address(member))) == []
