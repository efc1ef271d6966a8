"""Committees and their candidates, and what owners' assemblies decide on pay (P-2.1.2)."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from services.property.plan.candidates import flags, unchecked
from tests.property.conftest import lacking, row
from tests.property.test_coverage import _committee, _compound


@pytest.fixture
def compound(centre, submit):
    submit(row("甲"))
    return _compound(centre, "甲")


def _item(centre, number=1, list="exclusion", **more):
    body = {"list": list, "number": number, "text": f"第{number}种情形", "source": "某文件（虚构）"}
    made = centre.post("/candidate-list-items", json=body | {"begins_on": "2024-01-01"} | more)
    assert made.status_code == 201, made.text
    return made.json()["id"]


def _candidate(compound, **more):
    return {
        "compound_id": compound["id"],
        "person": "张某某",
        "post": "member",
        "party_member": True,
        "cleared": [],
    } | more


@pytest.mark.clause("P-2.1.2a")
def test_a_candidate_is_registered_only_when_checked_against_every_item_in_force(centre, compound):
    refused = centre.post("/candidates", json=_candidate(compound))
    assert (refused.status_code, refused.json()["type"].rsplit(":", 1)[1]) == (409, "no-candidate-list")
    items = [
        _item(centre, number, list) for number, list in ((1, "exclusion"), (2, "exclusion"), (1, "negative"))
    ]
    _item(centre, 3, ends_on="2024-06-23")  # no longer in force
    refused = centre.post("/candidates", json=_candidate(compound, cleared=items[:1]))
    assert refused.status_code == 422
    assert [each["reason"] for each in refused.json()["errors"]] == [
        "十不宜第 2 条：第2种情形（某文件（虚构））",
        "履职负面清单第 1 条：第1种情形（某文件（虚构））",
    ]
    made = centre.post("/candidates", json=_candidate(compound, cleared=items))
    assert (made.status_code, made.json()["person"], made.json()["flags"]) == (201, "张**", [])


@pytest.mark.clause("P-2.1.2a")
def test_an_exclusion_that_applies_refuses_the_candidate_and_names_the_item(centre, compound, running):
    first, second = _item(centre, 1), _item(centre, 2)
    refused = centre.post("/candidates", json=_candidate(compound, cleared=[first], applies=[second]))
    assert (refused.status_code, refused.json()["type"].rsplit(":", 1)[1]) == (409, "candidate-excluded")
    assert refused.json()["errors"] == [
        {"pointer": "/applies/0", "reason": "十不宜第 2 条：第2种情形（某文件（虚构））"}
    ]
    assert running.sql("SELECT count(*) FROM candidates") == [(0,)]


@pytest.mark.clause("P-2.1.2a")
@pytest.mark.parametrize(
    ("post", "party_member", "flagged"), [("director", False, 1), ("director", True, 0), ("member", False, 0)]
)
def test_a_director_who_is_no_party_member_is_flagged_and_not_refused(
    centre, compound, post, party_member, flagged
):
    assert len(flags(post, party_member=party_member)) == flagged
    cleared, preferred = [_item(centre)], [_item(centre, 1, "preference")]
    body = _candidate(compound, post=post, party_member=party_member, cleared=cleared, preferences=preferred)
    made = centre.post("/candidates", json=body)
    assert (made.status_code, len(made.json()["flags"]), made.json()["preferences"]) == (
        201,
        flagged,
        preferred,
    )


def test_what_was_neither_cleared_nor_found_is_unchecked():
    assert unchecked([1, 2, 3], [1], [2]) == {3}


@pytest.mark.clause("P-2.1.2b")
def test_a_management_committee_is_set_up_by_the_compounds_community_and_an_owners_committee_by_nobody(
    centre, compound, running
):
    [(community,)] = running.sql("SELECT community_id::text FROM compounds")
    made = centre.post("/committees", json=_committee(compound["id"], kind="management_committee")).json()
    assert made["set_up_by"] == community
    body = {name: value for name, value in _committee(compound["id"]).items() if name != "compound_id"}
    elected = centre.put(f"/committees/{made['id']}", json=body, headers={"If-Match": "*"})
    assert elected.json()["set_up_by"] is None


@pytest.mark.clause("P-2.1.2b")
def test_a_lapsed_term_and_a_missing_party_organisation_are_owed_while_the_committee_is_in_office(
    centre, compound
):
    terms = {"formed_on": "2019-06-01", "term_ends_on": "2024-06-20", "has_party_organisation": False}
    made = centre.post("/committees", json=_committee(compound["id"], **terms)).json()
    assert lacking(centre, "committee-term", on="2024-06-20") == []
    assert lacking(centre, "committee-term", on="2024-06-21") == ["甲业委会"]
    assert lacking(centre, "committee-party", on="2024-06-24") == ["甲业委会"]
    ended = _committee(compound["id"], **terms, dissolved_on="2024-06-24")
    del ended["compound_id"]
    centre.put(f"/committees/{made['id']}", json=ended, headers={"If-Match": "*"})
    assert lacking(centre, "committee-term") == lacking(centre, "committee-party") == []
    assert lacking(centre, "committee-term", on="2024-06-23") == ["甲业委会"]


@pytest.fixture
def decision(centre, compound):
    body = {
        "compound_id": compound["id"],
        "paid_who": "members",
        "amount": "1000.00",
        "source": "公共收益",
        "decided_on": "2024-06-10",
    }
    return centre.post("/assembly-decisions", json=body).json()["id"]


def _payment(decision, **more):
    return {
        "decision_id": decision,
        "paid_who": "members",
        "person": "张某某",
        "amount": "600.00",
        "paid_on": "2024-06-20",
    } | more


@pytest.mark.clause("P-2.1.2c")
def test_pay_rests_on_a_decision_that_covers_it(centre, decision, running):
    made = centre.post("/committee-payments", json=_payment(decision))
    assert (made.status_code, made.json()["amount"], made.json()["person"]) == (201, "600.00", "张**")
    for change, status, pointer in (
        ({"decision_id": None}, 422, "/decision_id"),
        ({"decision_id": "01990000-0000-7000-8000-000000000000"}, 422, "/decision_id"),
        ({"paid_who": "staff"}, 409, "/paid_who"),
        ({"paid_on": "2024-06-09"}, 409, "/paid_on"),
        ({"amount": "400.01"}, 409, "/amount"),
    ):
        refused = centre.post("/committee-payments", json=_payment(decision, **change))
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (status, pointer)
    [(nullable,)] = running.sql(
        "SELECT is_nullable FROM information_schema.columns"
        " WHERE table_name = 'committee_payments' AND column_name = 'decision_id'"
    )
    assert nullable == "NO"
    assert centre.delete(f"/assembly-decisions/{decision}", headers={"If-Match": "*"}).status_code == 409


@pytest.mark.clause("P-2.1.2c")
def test_payments_made_at_once_do_not_go_beyond_the_decision(centre, decision):
    with ThreadPoolExecutor(3) as pool:
        pays = [pool.submit(centre.post, "/committee-payments", json=_payment(decision)) for _ in range(3)]
        assert sorted(each.result().status_code for each in pays) == [201, 409, 409]
