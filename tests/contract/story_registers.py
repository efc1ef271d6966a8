"""The registers of the property service: entered, changed, removed, in an order that works."""

from tests.contract.writes import Writes


def registers(writes: Writes, compound: str, company: str) -> None:
    """Every register of the plan, of a compound and a company that are there."""
    writes.register("/party-members", company_id=company)
    writes.register("/party-work", company_id=company)
    writes.register("/memberships", company_id=company)
    writes.register("/street-means")
    item = writes.post("/candidate-list-items")["id"]
    writes.put(f"/candidate-list-items/{item}")
    writes.register("/candidates", compound_id=compound, cleared=[item])
    decision = writes.register("/assembly-decisions", compound_id=compound)
    writes.register("/committee-payments", decision_id=decision)
