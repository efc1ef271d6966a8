"""Who takes part in law study by post: the members of the gazette, appointments that change (L-4b)."""

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.lawstudy.plan.attendance import Tally, makes_a_member
from tests.lawstudy.conftest import done, refused

STANDING = {"If-Match": "*"}
NEW = {"kind": "member", "name": "某某", "post": "副区长", "begins_on": "2024-07-01"}


def members(client, **asked):
    return done(client.get("/members", params={"limit": 100} | asked))["items"]


@pytest.mark.clause("L-4b")
@pytest.mark.parametrize(
    ("post", "makes"),
    [
        ("区委副书记、区长", True),
        ("区委常委、副区长", True),
        ("挂职区委常委、副区长", True),
        ("挂职副区长", True),
        ("副区长、区公安分局局长", True),
        ("提名挂职副区长", False),
        ("区政府办公室主任", False),
        ("区政府办公室四级调研员", False),
        ("副区长助理", False),
    ],
)
def test_the_head_and_the_deputies_of_the_district_are_members_and_nobody_else(post, makes):
    assert makes_a_member(post) is makes


@pytest.mark.clause("L-4b")
def test_the_members_are_those_of_the_division_document_with_their_posts_as_printed(lawstudy):
    rows = members(lawstudy.client(), kind="member")
    assert {(row["name"], row["post"]) for row in rows} == {
        ("韩涛", "区委副书记、区长"),
        ("杜娟", "区委常委、副区长"),
        ("高明", "区委常委、副区长"),
        ("海霞", "挂职区委常委、副区长"),
        ("史雪松", "副区长"),
        ("杨云", "副区长"),
        ("张兵", "副区长、区公安分局局长"),
        ("王志", "副区长"),
        ("张建功", "副区长"),
        ("薛阳", "挂职副区长"),
    }
    assert {(row["begins_on"], row["ends_on"], row["source"]) for row in rows} == {
        ("2024-06-07", None, "东政办发〔2024〕29号")
    }


def test_loading_again_changes_nothing_that_was_entered(lawstudy, office):
    [head] = members(office, name="韩涛")
    entered = {key: head[key] for key in ("kind", "name", "post", "source")} | {"begins_on": "2024-01-15"}
    done(office.put(f"/members/{head['id']}", json=entered, headers=STANDING))
    for loader in lawstudy.service.loaders:
        lawstudy.run(loader)
    assert [row["begins_on"] for row in members(office, name="韩涛")] == ["2024-01-15"]
    assert len(members(office)) == 10


@pytest.mark.clause("L-4b")
def test_another_post_is_no_member_s_and_the_field_is_named(office):
    told = refused(
        office.post("/members", json=NEW | {"post": "区政府办公室主任"}), 422, "not-a-members-post"
    )
    assert told["errors"][0]["pointer"] == "/post"
    assert [each["clause"] for each in told["basis"]] == ["L-4b"]
    done(office.post("/members", json=NEW | {"kind": "other", "post": "区政府办公室主任"}), 201)


def test_an_appointment_that_changes_is_a_second_entry_and_the_two_never_overlap(office):
    first = done(office.post("/members", json=NEW), 201)
    later = NEW | {"post": "区委常委、副区长", "begins_on": "2024-09-01"}
    told = refused(office.post("/members", json=later), 409, "overlapping-period")
    assert told["errors"][0]["pointer"] == "/begins_on"
    ended = NEW | {"ends_on": "2024-08-31"}
    done(office.put(f"/members/{first['id']}", json=ended, headers=STANDING))
    done(office.post("/members", json=later), 201)


def test_the_database_itself_refuses_somebody_twice_on_a_day(lawstudy, office):
    done(office.post("/members", json=NEW), 201)
    with pytest.raises(psycopg.errors.ExclusionViolation):
        lawstudy.sql("UPDATE members SET name = '某某' WHERE name = '王志'")


def test_an_appointment_does_not_end_before_it_begins(office):
    told = refused(office.post("/members", json=NEW | {"ends_on": "2024-06-30"}), 422, "invalid-request")
    assert "早于" in told["errors"][0]["reason"]


def test_the_government_office_alone_keeps_the_register(justice):
    told = refused(justice.post("/members", json=NEW), 403, "not-your-role")
    assert "区人民政府办公室" in told["detail"]


@given(counts=st.lists(st.integers(0, 50), min_size=4, max_size=4), data=st.data())
def test_rates_lie_between_none_and_all_and_what_is_made_up_never_lowers_them(counts, data):
    present, leave, absent, unrecorded = counts
    made_up = data.draw(st.integers(0, leave + absent))
    tally = Tally(sum(counts), present, leave, absent, made_up)
    assert tally.unrecorded == unrecorded
    if present + leave + absent == 0:
        assert tally.rate is tally.studied_rate is None
    else:
        assert 0 <= tally.rate <= tally.studied_rate <= 100
        assert (tally.rate == 100) == (leave + absent == 0) or tally.rate >= 99


def test_a_rate_is_rounded_to_the_nearest_tenth():
    assert str(Tally(8, 5, 3, 0, 0).rate) == "62.5"
    assert str(Tally(3, 2, 1, 0, 0).rate) == "66.7"
