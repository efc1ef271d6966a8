"""Companies, committees, contracts and divisions."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from kit.web.caller import Caller
from services.property.plan.filing import FILING
from services.property.plan.roles import CENTRE, WRITER
from tests.property.conftest import row
from tests.property.test_coverage import _committee, _compound, _contract

USCC = "91110000600037341L"


def test_a_company_is_registered_corrected_and_told_to_others(centre):
    made = centre.post("/companies", json={"name": "乙物业（虚构）", "uscc": USCC})
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    company = made.json()["id"]
    changed = centre.put(
        f"/companies/{company}",
        json={"name": "乙物业服务（虚构）", "uscc": USCC},
        headers={"If-Match": '"1"'},
    )
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')
    events = [(e["type"], e["subject"]) for e in centre.changes(2)]
    assert events == [("property.company.registered", company), ("property.company.changed", company)]


def test_two_corrections_of_one_version_leave_one(centre):
    company = centre.post("/companies", json={"name": "乙物业（虚构）"}).json()["id"]

    def correct(number: int) -> int:
        body = {"name": f"乙物业{number}（虚构）"}
        return centre.put(f"/companies/{company}", json=body, headers={"If-Match": '"1"'}).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(correct, range(4))) == [200, 412, 412, 412]


@pytest.mark.parametrize("code", ["91110000600037341A", "123", "９１１１"])
def test_a_credit_code_with_a_wrong_check_character_is_refused(centre, code):
    refused = centre.post("/companies", json={"name": "乙物业（虚构）", "uscc": code})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/uscc")


@pytest.mark.parametrize(
    ("taken", "pointers"),
    [
        ({"name": "乙物业（虚构）"}, ["/name"]),
        ({"name": "丙物业（虚构）", "uscc": USCC}, ["/uscc"]),
        ({"name": "乙物业（虚构）", "uscc": USCC}, ["/name", "/uscc"]),
    ],
)
def test_a_taken_name_or_code_is_a_conflict_that_names_each_field(centre, taken, pointers):
    centre.post("/companies", json={"name": "乙物业（虚构）", "uscc": USCC})
    other = centre.post("/companies", json={"name": "丁物业（虚构）"})
    refused = [
        centre.post("/companies", json=taken),
        centre.put(f"/companies/{other.json()['id']}", json=taken, headers={"If-Match": '"1"'}),
    ]
    for answer in refused:
        assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (
            409,
            pointers,
        )


def test_companies_are_found_by_part_of_the_name_and_by_code_and_never_removed(centre):
    made = [
        centre.post("/companies", json={"name": "乙物业（虚构）", "uscc": USCC}).json(),
        centre.post("/companies", json={"name": "丙服务（虚构）"}).json(),
    ]
    for asked, found in (
        ({}, made),
        ({"q": "物业"}, made[:1]),
        ({"uscc": USCC}, made[:1]),
        ({"q": "丁"}, []),
    ):
        assert centre.get("/companies", params=asked).json()["items"] == found
    assert centre.delete(f"/companies/{made[0]['id']}", headers={"If-Match": "*"}).status_code == 405


def test_the_same_idempotency_key_makes_one_company(centre):
    key = {"Idempotency-Key": "one"}
    first = centre.post("/companies", json={"name": "乙物业（虚构）"}, headers=key)
    second = centre.post("/companies", json={"name": "乙物业（虚构）"}, headers=key)
    assert first.json() == second.json()
    assert second.headers["idempotency-replayed"] == "true"
    other = centre.post("/companies", json={"name": "丙物业（虚构）"}, headers=key)
    assert other.status_code == 422


@pytest.mark.clause("P-2.1.2b")
def test_a_compound_has_one_committee_at_a_time_and_a_lapsed_term_is_listed(centre, submit, running):
    submit(row("甲"))
    compound = _compound(centre, "甲")["id"]
    terms = {"formed_on": "2019-06-01", "term_ends_on": "2024-06-23"}
    first = centre.post("/committees", json=_committee(compound, kind="management_committee", **terms))
    assert first.status_code == 201
    assert centre.post("/committees", json=_committee(compound)).status_code == 409
    [lapsed] = centre.get("/committees", params={"lapsed": True}).json()["items"]
    assert (lapsed["id"], lapsed["lapsed"], lapsed["kind"]) == (
        first.json()["id"],
        True,
        "management_committee",
    )
    ended = _committee(compound, **terms, dissolved_on="2024-06-24")
    del ended["compound_id"]
    centre.put(f"/committees/{lapsed['id']}", json=ended, headers={"If-Match": first.headers["etag"]})
    assert centre.get("/committees", params={"lapsed": True}).json()["items"] == []
    assert centre.post("/committees", json=_committee(compound)).status_code == 201


def test_two_committees_formed_at_once_leave_one(centre, submit):
    submit(row("甲"))
    body = _committee(_compound(centre, "甲")["id"])
    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(lambda _: centre.post("/committees", json=body).status_code, range(4)))
    assert statuses == [201, 409, 409, 409]


def test_more_party_members_than_members_is_refused_in_chinese(centre, submit):
    submit(row("甲"))
    refused = centre.post(
        "/committees", json=_committee(_compound(centre, "甲")["id"], members=3, party_members=4)
    )
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["reason"] == "党员人数不能多于委员人数。"


@pytest.mark.clause("P-2.2.1b")
def test_a_contract_is_submitted_returned_with_a_reason_submitted_again_and_filed(centre, submit):
    submit(row("甲"))
    contract = centre.post("/contracts", json=_contract(_compound(centre, "甲"))).json()
    path = f"/contracts/{contract['id']}"
    assert (contract["state"], contract["allowed"]) == ("signed", ["submit"])
    assert centre.post(f"{path}/submit", json={}).json()["state"] == "submitted"
    assert centre.post(f"{path}/return", json={}).status_code == 422
    returned = centre.post(f"{path}/return", json={"reason": "缺少临时管理规约"}).json()
    assert (returned["state"], returned["return_reason"]) == ("returned", "缺少临时管理规约")
    centre.post(f"{path}/submit", json={})
    filed = centre.post(f"{path}/accept", json={}).json()
    assert (filed["state"], filed["filed_on"], filed["return_reason"]) == ("filed", "2024-06-24", None)


@pytest.mark.clause("P-2.1.2b")
def test_a_term_runs_until_the_end_of_its_last_day(centre, submit, running):
    submit(row("甲"))
    terms = {"formed_on": "2019-06-24", "term_ends_on": "2024-06-24"}
    committee = centre.post("/committees", json=_committee(_compound(centre, "甲")["id"], **terms)).json()
    running.clock.advance(minutes=24 * 60)
    assert (committee["lapsed"], centre.get(f"/committees/{committee['id']}").json()["lapsed"]) == (
        False,
        True,
    )


@pytest.mark.clause("P-2.2.5")
def test_a_contract_filed_on_paper_counts_from_the_day_it_was_filed(centre, submit):
    submit(row("甲"), as_of="2024-06-01")
    contract = centre.post("/contracts", json=_contract(_compound(centre, "甲"))).json()["id"]
    centre.post(f"/contracts/{contract}/submit", json={})
    path = f"/contracts/{contract}/accept"
    refused = [
        centre.post(path, json={"filed_on": day, **more})
        for day, more in (
            ("2024-06-25", {}),
            ("2024-06-10", {}),
            ("2024-05-19", {"on_paper": "原件存档"}),
        )
    ]
    assert [answer.status_code for answer in refused] == [422, 422, 422]
    assert {answer.json()["errors"][0]["pointer"] for answer in refused} == {"/filed_on"}
    filed = centre.post(path, json={"filed_on": "2024-06-10", "on_paper": "2024年6月10日纸质备案"}).json()
    assert (filed["filed_on"], filed["on_paper"]) == ("2024-06-10", "2024年6月10日纸质备案")
    for day, count in (("2024-06-09", 0), ("2024-06-10", 1)):
        [district] = centre.get("/coverage", params={"on": day}).json()["items"]
        assert district["filed"] == count


@pytest.mark.clause("P-2.2.1b")
@pytest.mark.parametrize("action", ["submit", "accept", "return"])
@pytest.mark.parametrize("state", ["signed", "submitted", "filed", "returned"])
def test_a_step_that_the_table_does_not_have_is_a_conflict_that_lists_what_is_allowed(
    centre, submit, running, state, action
):
    submit(row("甲"))
    contract = centre.post("/contracts", json=_contract(_compound(centre, "甲"))).json()["id"]
    filed, reason = (
        ("'2024-06-24'" if state == "filed" else "null"),
        ("'x'" if state == "returned" else "null"),
    )
    running.sql(f"UPDATE contracts SET state = '{state}', filed_on = {filed}, return_reason = {reason}")
    answer = centre.post(
        f"/contracts/{contract}/{action}", json={"reason": "缺少材料"} if action == "return" else {}
    )
    allowed = FILING.allowed(state, Caller("centre", scopes=frozenset((WRITER, CENTRE))))
    if action in allowed:
        assert answer.status_code == 200
    else:
        assert answer.status_code == 409
        assert answer.json()["allowed"] == allowed
        assert answer.json()["basis"][0]["clause"] == "P-2.2.1b"
        assert FILING.states[state] in answer.json()["detail"]


def test_only_the_housing_centre_files(running, centre, submit):
    submit(row("甲"))
    contract = centre.post("/contracts", json=_contract(_compound(centre, "甲"))).json()["id"]
    centre.post(f"/contracts/{contract}/submit", json={})
    refused = running.client("property:write").post(f"/contracts/{contract}/accept", json={})
    assert (refused.status_code, refused.json()["missing"]) == (403, ["property:filing"])


def test_a_streets_token_changes_nothing_of_another_streets_compounds(running, centre, submit):
    submit(row("甲"))
    compound = _compound(centre, "甲")
    contract = centre.post("/contracts", json=_contract(compound)).json()["id"]
    committee = centre.post("/committees", json=_committee(compound["id"])).json()["id"]
    correction = {name: value for name, value in _committee(compound["id"]).items() if name != "compound_id"}
    other = running.client("property:read", "property:write", division="交通街道")
    seen = {"If-Match": "*"}
    refused = [
        other.post("/contracts", json=_contract(compound)),
        other.post(f"/contracts/{contract}/submit", json={}),
        other.post("/committees", json=_committee(compound["id"])),
        other.put(f"/committees/{committee}", json=correction, headers=seen),
        other.put(f"/compounds/{compound['id']}/retirement", json={"retired_on": "2024-06-22"}, headers=seen),
        other.post(f"/compounds/{compound['id']}/red-property", json={"designated_on": "2024-06-22"}),
    ]
    assert {(answer.status_code, answer.json()["type"]) for answer in refused} == {
        (404, "urn:dongsheng:problem:not-found")
    }
    own = running.client("property:read", "property:write", division="天骄街道")
    assert own.post(f"/contracts/{contract}/submit", json={}).status_code == 200


def test_a_street_sees_its_own_compounds_committees_contracts_and_surveys(running, centre, submit):
    submit(row("甲"), row("乙", street="交通街道"))
    for name in ("甲", "乙"):
        compound = _compound(centre, name)
        centre.post("/contracts", json=_contract(compound))
        centre.post("/committees", json=_committee(compound["id"]))
    street = running.client("property:read", division="交通街道")
    own = _compound(centre, "乙")["id"]
    assert [each["id"] for each in street.get("/compounds").json()["items"]] == [own]
    for path in ("/contracts", "/committees"):
        assert [each["compound_id"] for each in street.get(path).json()["items"]] == [own]
    assert street.get(f"/compounds/{_compound(centre, '甲')['id']}").status_code == 404
    assert len(street.get("/surveys").json()["items"]) == 1
    assert street.get("/surveys", params={"street": "天骄街道"}).status_code == 403
    assert street.get("/surveys/export", params={"street": "天骄街道"}).status_code == 403
    assert street.get("/coverage").json()["items"][0]["compounds"] == 2


def test_a_company_sees_its_own_contracts_only(running, centre, submit):
    submit(row("甲"))
    company = centre.post("/companies", json={"name": "乙物业（虚构）", "uscc": "91150602MA0DEMF00Q"}).json()[
        "id"
    ]
    compound = _compound(centre, "甲")
    centre.post("/contracts", json=_contract(compound))
    own = centre.post("/contracts", json=_contract(compound) | {"company_id": company}).json()["id"]
    plant = running.client("property:read", company="91150602MA0DEMF00Q")
    assert [each["id"] for each in plant.get("/contracts").json()["items"]] == [own]
    assert [each["id"] for each in plant.get("/companies").json()["items"]] == [company]
    assert plant.get("/compounds").json()["items"] == []
    assert plant.get("/coverage").status_code == 403


def test_a_street_renames_no_company_that_all_streets_share(running, centre, submit):
    submit(row("甲"))
    [company] = centre.get("/companies").json()["items"]
    street = running.client("property:read", "property:write", division="天骄街道")
    renamed = {"name": "别的物业（虚构）", "uscc": None}
    answer = street.put(f"/companies/{company['id']}", json=renamed, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:dongsheng:problem:district-only")
    assert street.get(f"/companies/{company['id']}").json()["name"] == company["name"]


def test_the_register_has_the_district_its_streets_and_its_towns(centre):
    kinds = {
        kind: [d["name"] for d in centre.get("/divisions", params={"kind": kind}).json()["items"]]
        for kind in ("district", "street", "town")
    }
    assert kinds["district"] == ["东胜区"]
    assert len(kinds["street"]) == 12
    assert kinds["town"] == ["泊尔江海子镇", "罕台镇", "铜川镇"]


def test_a_streets_code_is_empty_until_an_operator_enters_it(centre):
    street = centre.get("/divisions", params={"kind": "street"}).json()["items"][0]
    assert street["code"] is None
    path = f"/divisions/{street['id']}"
    etag = {"If-Match": centre.get(path).headers["etag"]}
    assert centre.put(f"{path}/code", json={"code": "999999001"}, headers=etag).status_code == 422
    assert centre.put(f"{path}/code", json={"code": "150602001"}, headers=etag).json()["code"] == "150602001"
    assert centre.put(f"{path}/code", json={"code": None}).status_code == 428
    assert centre.put(f"{path}/code", json={"code": None}, headers=etag).status_code == 412


def test_a_hotline_call_on_lifts_goes_to_market_supervision_the_same_day(running):
    hotline = running.client("dispatch:write", "dispatch:read")
    body = {"matter": "lift-maintenance", "summary": "电梯困人后未维修", "division": "天骄"}
    taken = hotline.post("/dispatch/requests", json=body).json()
    assert (taken["unit_name"], taken["handling"]) == ("区市场监督管理局", "dispatched")
    assert taken["due_at"] == "2024-06-24T23:59:59+08:00"
