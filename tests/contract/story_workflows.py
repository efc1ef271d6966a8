"""The part of the property service's story that goes step by step: hazards, inspections and what they find."""

from services.property.plan.roles import CENTRE, COMMUNITY, DISTRICT, STREET
from tests.contract.writes import Writes
from tests.credit.property_events import delivery
from tests.property.pattern_events import noticed

#: The roles of whoever takes a step.
ROLES = (CENTRE, STREET, COMMUNITY, DISTRICT)


def workflows(writes: Writes, compound: str, company: str) -> None:
    """Everything of a compound that has a table of moves."""
    takeover(writes, compound, company)
    engagement(writes, compound, company)
    hazards(writes, compound)
    complaints(writes, compound)
    attention(writes, compound)
    inspections(writes, compound)
    conferences(writes)
    disputes(writes, compound, company)
    writes.register("/guide-prices")


def hazards(writes: Writes, compound: str) -> None:
    """A hazard that dissuasion does not end."""
    hazard = writes.post("/hazards", compound_id=compound)["id"]
    for action in ("dissuade", "report", "clear"):
        writes.post(f"/hazards/{hazard}/{action}")


def complaints(writes: Writes, compound: str) -> None:
    """Complaints that the hotline hands in: one right after all, one not."""
    hotline = writes.running.client("dispatch:write", name="12345")
    body = {"matter": "property-service", "division": "天骄街道", "details": {}, "external_number": None}
    right, wrong = (
        writes.post("/dispatch/requests", hotline, compound=compound, **body)["reference"] for _ in range(2)
    )
    writes.running.sql(
        "UPDATE dispatch_requests SET state = 'closed' WHERE reference = %s RETURNING id", right
    )
    writes.post(f"/complaints/{right}/confirm")
    writes.post(f"/complaints/{right}/withdraw")
    writes.post(f"/complaints/{wrong}/reject")


def attention(writes: Writes, compound: str) -> None:
    """A pattern among the requests about the compound, which is dealt with."""
    writes.send("post", "/events", writes.running.stranger(), **delivery(noticed(compound)))
    [attention] = writes.caller.get("/attentions").json()["items"]
    writes.post(f"/attentions/{attention['id']}/close")


def inspections(writes: Writes, compound: str) -> None:
    """Findings that their unit acts on at the second try, and that it declines."""
    found = {"place": "2 号楼北侧", "description": "停满车辆"}
    both = [found | {"kind": kind} for kind in ("blocked-fire-lane", "animals")]
    acted, declined = writes.post("/inspections", compound_id=compound, findings=both)["findings"]
    for action in ("act", "redo", "act", "check", "close"):
        writes.post(f"/findings/{acted['id']}/{action}")
    for action in ("decline", "close"):
        writes.post(f"/findings/{declined['id']}/{action}")


def takeover(writes: Writes, compound: str, company: str) -> None:
    """A new compound, inspected, agreed on and witnessed by all three."""
    for register, of in (
        ("/developers", {"compound_id": compound}),
        ("/company-owners", {"company_id": company}),
    ):
        writes.register(register, **of)
    path = f"/takeovers/{writes.post('/takeovers', compound_id=compound, company_id=company)['id']}"
    for action in ("inspect", "agree"):
        writes.post(f"{path}/{action}")
    for witness in ("housing_centre", "street", "community"):
        writes.post(f"{path}/witness", witness=witness)
    writes.post(f"{path}/complete")


def conferences(writes: Writes) -> None:
    """An issue that the conference settles, and one that the district has to answer."""
    [street, *_] = writes.caller.get("/divisions", params={"kind": "street"}).json()["items"]
    both = [{"subject": each, "description": "久拖未决"} for each in ("停车秩序", "电梯更新")]
    settled, raised = writes.post("/conferences", division_id=street["id"], issues=both)["issues"]
    writes.post(f"/issues/{settled['id']}/settle")
    for action in ("raise", "answer", "close"):
        writes.post(f"/issues/{raised['id']}/{action}")


def disputes(writes: Writes, compound: str, company: str) -> None:
    """Disputes with each outcome, the suit only after a mediation that failed."""
    for outcome in ("settle", "arbitrate", "sue"):
        path = f"/disputes/{writes.post('/disputes', compound_id=compound, company_id=company)['id']}"
        for action in ("mediate", "fail", outcome):
            writes.post(f"{path}/{action}")


def engagement(writes: Writes, compound: str, company: str) -> None:
    """A compound's company, chosen by tender and put in charge; and a choice that comes to nothing."""
    path = f"/engagements/{writes.post('/engagements', compound_id=compound)['id']}"
    writes.post(f"{path}/guide")
    writes.post(f"{path}/confirm")
    writes.post(f"{path}/tender")
    writes.post(f"{path}/bid", company_id=company)
    writes.post(f"{path}/decide", winner_id=company)
    tender = {"number": "1", "method": "open", "decided_on": "2024-06-20", "winner_id": company}
    signed = {"signed_on": "2024-06-21", "starts_on": "2024-07-01", "tender": tender}
    contract = writes.post("/contracts", compound_id=compound, company_id=company, **signed)["id"]
    writes.post(f"{path}/sign", contract_id=contract)
    writes.post(f"{path}/install")
    other = writes.post("/engagements", compound_id=compound, reason="replace")["id"]
    writes.post(f"/engagements/{other}/stop")
