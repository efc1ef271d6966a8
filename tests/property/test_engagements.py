"""Choosing a compound's company step by step, with the grade that credit tells, or that it does not."""

import asyncio
from datetime import UTC, date, datetime
from types import SimpleNamespace
from uuid import UUID

import httpx2
import pytest

from kit.web.caller import Caller
from services.property.app import service
from services.property.companies import Company
from services.property.engagements import credit
from services.property.engagements.credit import UNKNOWN, UNRATED, Credit
from services.property.plan.engagement import ENGAGEMENT, in_office, warning
from services.property.plan.roles import COMMUNITY, STREET
from tests.property.conftest import row
from tests.property.test_coverage import _committee, _compound, _contract

USCC = "91110000600037341L"
NOTE = {"note": "街道指导意见"}


# ------------------------------------------------------------------------------------ rules
@pytest.mark.clause("P-2.4.0", "P-2.4.1")
@pytest.mark.parametrize(
    ("state", "of_community", "of_street"),
    [
        ("opened", [], ["guide", "stop"]),
        ("guided", ["confirm"], ["stop"]),
        ("formed", [], ["stop", "tender"]),
        ("tendering", [], ["bid", "decide", "stop"]),
        ("decided", ["sign"], ["stop"]),
        ("signed", ["install"], ["stop"]),
        ("in_charge", [], []),
        ("stopped", [], []),
    ],
)
def test_the_community_runs_the_choice_and_the_street_guides_it_and_leads_the_tender(
    state, of_community, of_street
):
    assert ENGAGEMENT.allowed(state, Caller("community", scopes=frozenset([COMMUNITY]))) == of_community
    assert ENGAGEMENT.allowed(state, Caller("street", scopes=frozenset([STREET]))) == of_street


@pytest.mark.clause("P-2.4.1")
@pytest.mark.parametrize(
    ("day", "dissolved", "acts"),
    [(19, None, False), (20, None, True), (24, 25, True), (25, 25, False)],
)
def test_a_committee_acts_for_the_owners_while_it_is_in_office(day, dissolved, acts):
    ended = dissolved and date(2024, 5, dissolved)
    assert in_office(date(2024, 5, day), date(2024, 5, 20), ended) is acts


@pytest.mark.clause("P-2.4.1")
def test_a_poor_grade_is_warned_of_an_unknown_one_said_and_a_good_one_passes_in_silence():
    assert "信用较差" in (warning(True, "D") or "")
    assert UNKNOWN in (warning(None, UNKNOWN) or "")
    assert warning(False, "AA") is None


# ------------------------------------------------------------------------------------ credit's answer
def _asked(answer, uscc=USCC, url="http://credit", id=None):
    settings = SimpleNamespace(credit_url=url, credit_token=None)

    async def ask():
        async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as http:
            return await Credit(http, settings).grade(
                Company(id=id, uscc=uscc), datetime(2024, 6, 24, tzinfo=UTC)
            )

    seen = asyncio.run(ask())
    return seen.grade, seen.poor


def _refuses(request):
    raise httpx2.ConnectError("refused", request=request)


async def _sleeps(_request):
    await asyncio.sleep(60)


@pytest.mark.clause("P-2.4.1")
@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (httpx2.Response(200, json={"grade": "AA", "poor": False, "as_of": "2024-03-31"}), ("AA", False)),
        (httpx2.Response(200, json={"grade": "D", "poor": True, "as_of": "2024-03-31"}), ("D", True)),
        (httpx2.Response(404), (UNRATED, None)),
        (httpx2.Response(401), (UNKNOWN, None)),
        (httpx2.Response(307, headers={"Location": "http://elsewhere"}), (UNKNOWN, None)),
        (httpx2.Response(503), (UNKNOWN, None)),
        (httpx2.Response(200, text="<html>"), (UNKNOWN, None)),
        (httpx2.Response(200, json={"grade": "AA"}), (UNKNOWN, None)),
        (httpx2.Response(200, json=[]), (UNKNOWN, None)),
    ],
)
def test_whatever_credit_answers_is_a_grade_or_unknown(answer, seen):
    assert _asked(lambda _request: answer) == seen


@pytest.mark.clause("P-2.4.1")
def test_credit_that_does_not_answer_is_unknown_within_its_time(monkeypatch):
    monkeypatch.setattr(credit, "PATIENCE", 0.01)
    assert _asked(_refuses) == (UNKNOWN, None)
    assert _asked(_sleeps) == (UNKNOWN, None)
    assert _asked(_refuses, url=None) == (UNKNOWN, None)


@pytest.mark.clause("P-2.4.1")
def test_a_company_without_a_code_is_asked_for_by_its_id_and_not_rated_where_credit_has_none():
    paths = []

    def answer(request):
        paths.append(request.url.path)
        return httpx2.Response(404)

    id = UUID(int=7)
    assert _asked(answer, uscc=None, id=id) == (UNRATED, None)
    assert _asked(answer, id=id) == (UNRATED, None)
    assert paths == [f"/credit/v1/companies/{key}/grade" for key in (id, USCC)]


# ------------------------------------------------------------------------------------ through HTTP
@pytest.fixture
def running(serve):
    return serve(service, credit_url="http://credit")


@pytest.fixture
def told(running):
    """What credit answers: to be set; nothing, it does not answer."""
    grades = {}

    def answer(request):
        if grades:
            return httpx2.Response(200, json={"as_of": "2024-03-31"} | grades)
        return _refuses(request)

    running.database.http = httpx2.AsyncClient(transport=httpx2.MockTransport(answer))
    return grades


@pytest.fixture
def street(running):
    return running.client("property:read", STREET, division="天骄街道", name="street")


@pytest.fixture
def community(running):
    return running.client("property:read", COMMUNITY, division="天骄街道", name="community")


@pytest.fixture
def compound(centre, submit):
    """A compound with a committee; the company at work there has a credit code."""
    submit(row("甲"))
    found = _compound(centre, "甲")
    company = {"name": found["company_name"], "uscc": USCC}
    assert centre.put(f"/companies/{found['company']}", json=company, headers={"If-Match": "*"}).is_success
    return found


@pytest.fixture
def tendering(street, community, centre, compound):
    """The path of a choice whose tender runs."""
    assert centre.post("/committees", json=_committee(compound["id"])).status_code == 201
    begun = community.post("/engagements", json={"compound_id": compound["id"], "reason": "replace"})
    assert begun.status_code == 201, begun.text
    path = f"/engagements/{begun.json()['id']}"
    announced = {"number": "DSWY-2024-021", "tendered_on": "2024-06-10"}
    for who, action, body in (
        (street, "guide", NOTE),
        (community, "confirm", None),
        (street, "tender", announced),
    ):
        answer = who.post(f"{path}/{action}", json=body)
        assert answer.status_code == 200, answer.text
    return path


@pytest.mark.clause("P-2.4.0", "P-2.4.1")
def test_a_company_is_chosen_step_by_step_and_is_in_charge_at_the_end(
    street, community, centre, compound, told, tendering
):
    told.update(grade="AA", poor=False)
    company = compound["company"]
    bids = street.post(f"{tendering}/bid", json={"company_id": company})
    assert (bids.json()["credit"]["grade"], bids.json()["warning"]) == ("AA", None)
    assert street.post(f"{tendering}/bid", json={"company_id": company}).status_code == 409
    decided = street.post(f"{tendering}/decide", json={"winner_id": company, "decided_on": "2024-06-20"})
    assert decided.json()["state"] == "decided"
    early = centre.post("/contracts", json=_contract(compound)).json()["id"]
    refused = community.post(f"{tendering}/sign", json={"contract_id": early})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/contract_id")
    signed = _contract(compound) | {"signed_on": "2024-06-21", "starts_on": "2024-07-01"}
    contract = centre.post("/contracts", json=signed).json()["id"]
    assert community.post(f"{tendering}/sign", json={"contract_id": contract}).json()["state"] == "signed"
    there = {"compound_id": compound["id"], "keeper": "甲小区业主自治小组", "mode": "self_management"}
    before = centre.post("/charges", json=there | {"begins_on": "2024-07-01"})
    assert community.post(f"{tendering}/install").json()["type"].endswith("overlapping-period")
    earlier = there | {"begins_on": "2024-06-01"}
    centre.put(f"/charges/{before.json()['id']}", json=earlier, headers={"If-Match": "*"})
    assert community.post(f"{tendering}/install").json()["state"] == "in_charge"
    [ended, charge] = centre.get("/charges", params={"compound_id": compound["id"]}).json()["items"]
    assert (charge["company_id"], charge["mode"], charge["begins_on"]) == (company, "market", "2024-07-01")
    assert ended["ends_on"] == "2024-06-30"
    steps = [(step["action"], step["client"]) for step in centre.get(tendering).json()["steps"]]
    assert steps == [
        ("open", "community"),
        ("guide", "street"),
        ("confirm", "community"),
        ("tender", "street"),
        ("bid", "street"),
        ("decide", "street"),
        ("sign", "community"),
        ("install", "community"),
    ]


@pytest.mark.clause("P-2.4.1")
def test_a_company_of_poor_credit_is_warned_of_and_not_refused_and_its_grade_is_kept(
    street, compound, told, tendering, centre
):
    told.update(grade="D", poor=True)
    bids = street.post(f"{tendering}/bid", json={"company_id": compound["company"]})
    assert bids.status_code == 200
    assert "信用等级为D" in bids.json()["warning"]
    told.update(grade="C")
    body = {"winner_id": compound["company"], "decided_on": "2024-06-20"}
    assert street.post(f"{tendering}/decide", json=body).status_code == 200
    seen = {each["action"]: each["seen"].get("credit") for each in centre.get(tendering).json()["steps"]}
    assert [seen[action]["grade"] for action in ("bid", "decide")] == ["D", "C"]
    assert seen["bid"]["seen_at"].startswith("2024-06-24T09:30:00")


@pytest.mark.clause("P-2.4.1")
def test_unknown_is_said_when_credit_does_not_answer(street, compound, told, tendering):
    bids = street.post(f"{tendering}/bid", json={"company_id": compound["company"]}).json()
    assert (bids["credit"]["grade"], bids["credit"]["poor"]) == (UNKNOWN, None)
    assert UNKNOWN in bids["warning"]


@pytest.mark.clause("P-2.4.1")
def test_nobody_is_chosen_without_a_committee_or_who_did_not_bid(street, community, centre, compound, told):
    body = {"compound_id": compound["id"], "reason": "choose"}
    assert street.post("/engagements", json=body).status_code == 403
    path = f"/engagements/{community.post('/engagements', json=body).json()['id']}"
    assert community.post("/engagements", json=body).json()["type"].endswith("engagement-open")
    assert community.post(f"{path}/confirm").status_code == 409
    street.post(f"{path}/guide", json=NOTE)
    refused = community.post(f"{path}/confirm")
    assert (refused.status_code, refused.json()["basis"][0]["clause"]) == (409, "P-2.4.1")
    assert "没有在任的业委会" in refused.json()["detail"]
    centre.post("/committees", json=_committee(compound["id"]))
    community.post(f"{path}/confirm")
    street.post(f"{path}/tender", json={"number": "1", "tendered_on": "2024-06-10"})
    decided = {"winner_id": compound["company"], "decided_on": "2024-06-09"}
    refused = street.post(f"{path}/decide", json=decided)
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/winner_id", "/decided_on"]
    assert street.post(f"{path}/stop", json=NOTE).json()["state"] == "stopped"
    assert community.post("/engagements", json=body).status_code == 201
