"""A street's hand-ins are versions: what each changed since the one before is told cell by cell."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.workbooks.reading import read
from services.property.surveys.changes import Change, changes, said
from services.property.surveys.form import Status
from tests.property.conftest import hand_in, row, workbook

PLACE = ("天骄街道", "团结社区")


@pytest.mark.clause("P-3.1")
def test_what_changed_since_the_last_hand_in_is_told_cell_by_cell(centre, submit):
    first = submit(row("甲", households=200), row("乙"), as_of="2024-05-20").json()["survey"]
    second = submit(row("甲", households=210, company="乙物业"), row("丙"), as_of="2024-06-20").json()[
        "survey"
    ]
    told = centre.get(f"/surveys/{second}/changes").json()
    assert told["since"] == [first]
    assert [(c["kind"], c["compound"], c["heading"], c["before"], c["after"]) for c in told["items"]] == [
        ("changed", "甲", "物业服务企业名称", "甲物业（虚构）", "乙物业"),
        ("changed", "甲", "户数", "200", "210"),
        ("new", "丙", "", "", ""),
        ("absent", "乙", "", "", ""),
    ]
    workbook_ = centre.get(f"/surveys/{second}/changes", params={"format": "xlsx"})
    [sheet] = read(workbook_.content)
    assert [str(cell) for cell in sheet.rows[3]] == ["改动", *PLACE, "甲", "户数", "200", "210"]


def test_a_correction_of_the_same_day_is_a_version_too_and_the_first_has_none_before(centre):
    first = hand_in(centre, workbook(row("甲", households=200))).json()["survey"]
    second = hand_in(centre, workbook(row("甲", households=201))).json()["survey"]
    assert centre.get(f"/surveys/{first}/changes").json()["since"] == []
    [change] = centre.get(f"/surveys/{second}/changes").json()["items"]
    assert (change["before"], change["after"]) == ("200", "201")
    listed = centre.get("/surveys", params={"street": "天骄街道"}).json()["items"]
    assert [each["id"] for each in listed] == [second, first]


def test_each_street_is_compared_with_its_own_last_hand_in_and_withdrawn_ones_are_not(centre, submit):
    mine = submit(row("甲"), as_of="2024-05-20").json()["survey"]
    other = submit(row("乙", street="交通街道"), as_of="2024-05-21").json()["survey"]
    wrong = submit(row("甲", households=999), as_of="2024-05-22").json()["survey"]
    centre.post(f"/surveys/{wrong}/withdraw", json={"reason": "日期填错"})
    both = submit(row("甲"), row("乙", street="交通街道"), as_of="2024-06-20").json()["survey"]
    told = centre.get(f"/surveys/{both}/changes").json()
    assert (set(told["since"]), told["items"]) == ({mine, other}, [])


def test_a_street_reads_no_other_streets_changes(running, submit):
    survey = submit(row("甲")).json()["survey"]
    street = running.client("property:read", division="交通街道")
    assert street.get(f"/surveys/{survey}/changes").status_code == 404


ROWS = st.lists(
    st.builds(
        lambda name, households, area, added: replace(
            row(name, Status.QUASI, households=households, area=area), added=added
        ),
        st.sampled_from("甲乙丙丁"),
        st.none() | st.integers(0, 3),
        st.none() | st.sampled_from([Decimal("1.50"), Decimal("1.5"), Decimal("20")]),
        st.dictionaries(st.sampled_from(["车位", "电梯"]), st.sampled_from("12"), max_size=2),
    ),
    max_size=4,
    unique_by=lambda each: each.compound,
)


@given(ROWS, ROWS)
def test_what_is_new_one_way_is_absent_the_other_and_every_change_is_turned_round(before, after):
    there, back = (
        [*changes(*pair)] for pair in ((_kept(before), _kept(after)), (_kept(after), _kept(before)))
    )
    turned = {"new": "absent", "absent": "new", "changed": "changed"}
    assert {
        replace(each, kind=turned[each.kind], before=each.after, after=each.before) for each in there
    } == set(back)
    assert [*changes(_kept(before), _kept(before))] == []


def test_how_a_name_is_typed_is_no_change():
    once, again = _kept([row("甲（一期）")]), _kept([row("甲 (一期)", community="团结 社区")])
    assert [*changes(once, again)] == []
    assert [*changes([], again)] == [Change("new", "天骄街道", "团结 社区", "甲 (一期)")]


def _kept(rows):
    return [said(each) for each in rows]
