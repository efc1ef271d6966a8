"""The headquarters' posts, member units and contacts, with what is missing."""

import pytest

from services.emergency.app import service
from services.emergency.headquarters.headquarters import load_headquarters


@pytest.fixture
def running(serve):
    return serve(service)


@pytest.fixture
def office(running):
    return running.client()


def listed(office, path, **params):
    return office.get(path, params={"limit": 500} | params).json()["items"]


@pytest.mark.clause("E-2.1a")
def test_the_headquarters_are_posts_with_deputies_and_need_no_names(office):
    posts = {seat["post"]: seat for seat in listed(office, "/headquarters-posts")}

    assert posts["commander"]["deputies"] == ["executive-deputy"]
    assert posts["executive-deputy"]["deputy_of"] == "commander"
    assert posts["deputy-fire"]["unit"]["name"] == "区消防救援大队"
    assert {seat["holder"] for seat in posts.values()} == {None}


@pytest.mark.clause("E-2.1a")
def test_the_members_are_the_28_units_and_all_streets_and_towns(office):
    members = listed(office, "/members", origin="plan")
    names = {member["unit"]["name"] for member in members}

    assert len(names) == len(members) == 28 + 15
    assert {"区应急管理局", "区消防救援大队", "天骄街道", "铜川镇"} <= names


@pytest.mark.clause("E-2.1a")
def test_a_post_of_several_has_more_seats_and_a_post_of_one_has_not(office):
    assert office.post("/headquarters-posts", json={"post": "deputy-mayors", "seat": 2}).status_code == 201

    refused = office.post("/headquarters-posts", json={"post": "commander", "seat": 2})

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/seat")


def fill(office, path, item, **facts):
    read = office.get(f"{path}/{item['id']}")
    key = "post" if "post" in item else "unit"
    body = {key: item[key]["id"] if key == "unit" else item[key]} | facts
    answer = office.put(f"{path}/{item['id']}", json=body, headers={"If-Match": read.headers["etag"]})
    assert answer.status_code == 200, answer.json()


@pytest.mark.clause("E-2.1b")
def test_a_member_is_listed_as_lacking_until_it_has_a_liaison_and_a_number(office):
    member = listed(office, "/members", unit="区财政局")[0]

    def lacking():
        return {each["unit"]["name"] for each in listed(office, "/members/lacking")}

    assert len(lacking()) == 43
    fill(office, "/members", member, liaison="某联络员")
    assert "区财政局" in lacking()
    fill(office, "/members", member, liaison="某联络员", phone="13800000000")
    assert "区财政局" not in lacking()


@pytest.mark.clause("E-2.1b")
def test_a_unit_can_be_added_once_and_removed_again_but_a_unit_of_the_plan_stays(office):
    added = office.post("/members", json={"unit": "区审计局"})
    assert (added.status_code, added.json()["origin"]) == (201, "added")
    again = office.post("/members", json={"unit": "区审计局"})
    assert (again.status_code, again.json()["errors"][0]["pointer"]) == (409, "/unit")

    assert office.delete(f"/members/{added.json()['id']}", headers={"If-Match": "*"}).status_code == 204
    named = listed(office, "/members", unit="区财政局")[0]
    refused = office.delete(f"/members/{named['id']}", headers={"If-Match": "*"})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:dongsheng:problem:named-by-the-plan")


def test_loading_again_keeps_what_was_entered(running, office):
    fill(office, "/members", listed(office, "/members", unit="区财政局")[0], liaison="某联络员")
    before = (
        running.sql("SELECT * FROM member_units ORDER BY id"),
        running.sql("SELECT * FROM headquarters_seats ORDER BY id"),
    )
    running.run(load_headquarters)
    after = (
        running.sql("SELECT * FROM member_units ORDER BY id"),
        running.sql("SELECT * FROM headquarters_seats ORDER BY id"),
    )
    assert before == after


@pytest.mark.clause("E-6.6")
def test_one_list_has_the_contacts_of_headquarters_units_and_operators(office):
    office.post("/operators", json={"name": "某运营商", "service": "移动通信", "phone": "0477-0000000"})
    seat = next(each for each in listed(office, "/headquarters-posts") if each["post"] == "office-director")
    fill(office, "/headquarters-posts", seat, holder="某主任", phone="13812345678")

    contacts = office.get("/contacts").json()

    kinds = [each["kind"] for each in contacts["items"]]
    assert (kinds.count("headquarters"), kinds.count("member"), kinds.count("operator")) == (11, 43, 1)
    assert contacts["items"][0]["phone"] == "0477-8575464"
    assert {
        "kind": "headquarters",
        "name": "指挥部办公室主任",
        "person": "某主任",
        "phone": "138****5678",
    } in (contacts["items"])
    assert contacts["missing"] == 52


@pytest.mark.clause("E-6.6")
def test_an_operator_that_nobody_can_call_is_listed(office):
    office.post("/operators", json={"name": "某运营商", "service": "移动通信"})
    assert [each["name"] for each in listed(office, "/operators/lacking")] == ["某运营商"]


@pytest.mark.clause("E-6.6")
def test_a_higher_platform_reads_what_changed_without_anybody_s_number(running, office):
    office.post("/operators", json={"name": "某运营商", "service": "移动通信", "phone": "13812345678"})

    (change,) = running.client("emergency:read", name="city").changes(1)

    assert (change["type"], change["data"]["kind"]) == ("emergency.register.changed", "operators")
    assert "13812345678" not in str(change)
