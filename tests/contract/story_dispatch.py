"""What a citizen's request goes through, told of whichever service takes it: every action of the two tables of moves."""

from tests.contract.writes import Writes

NOTE = {"note": "已核实情况"}


def requests(writes: Writes) -> None:
    """Requests that are answered, redone and closed, returned, extended, paused, merged, transferred and declined."""
    hotline = writes.running.client("dispatch:write", "dispatch:read", name="12345")
    second = writes.running.client("dispatch:write", "dispatch:read", name="12345-second")
    matters = hotline.get("/dispatch/matters").json()

    def taken(matter: str = matters[-1]["code"]) -> str:
        body = {"matter": matter, "summary": "请核实", "division": "天骄街道", "external_number": None}
        return f"/dispatch/requests/{writes.post('/dispatch/requests', hotline, **body)['number']}"

    def other_than(unit: str) -> str:
        return "urban-management-bureau" if unit != "urban-management-bureau" else "housing-centre"

    closed = taken()
    unit = hotline.get(closed).json()["unit"]
    writes.post(f"{closed}/accept")
    writes.post(f"{closed}/contact", **NOTE)
    writes.post(f"{closed}/report", **NOTE)
    writes.post(f"{closed}/urge", hotline, **NOTE)
    writes.post(f"{closed}/place", hotline, division="天骄街道")
    writes.post(f"{closed}/ask-extension", until="2026-12-31T18:00:00+08:00")
    writes.post(f"{closed}/refuse-extension", hotline, **NOTE)
    writes.post(f"{closed}/ask-extension", until="2026-12-31T18:00:00+08:00")
    writes.post(f"{closed}/grant-extension", hotline)
    writes.post(f"{closed}/pause", hotline, **NOTE)
    writes.post(f"{closed}/resume", hotline)
    writes.post(f"{closed}/join", hotline, unit=other_than(unit))
    writes.post(f"{closed}/release", hotline, unit=other_than(unit), **NOTE)
    writes.post(f"{closed}/answer")
    writes.post(f"{closed}/send-back", hotline, **NOTE)
    writes.post(f"{closed}/answer")
    writes.post(f"{closed}/audit", hotline)
    writes.post(f"{closed}/call-back", hotline, reached=True, solved=False, satisfied=False)
    writes.post(f"{closed}/redo", hotline)
    writes.post(f"{closed}/answer")
    writes.post(f"{closed}/close", hotline)
    writes.post(f"{closed}/remark", hotline)
    writes.post(f"{closed}/appeal", figure="answer")
    writes.post(f"{closed}/uphold-appeal", hotline, figure="answer")
    writes.post(f"{closed}/appeal", figure="satisfied")
    writes.post(f"{closed}/reject-appeal", hotline, figure="satisfied")

    returned = taken()
    writes.post(f"{returned}/ask-return", to_unit=other_than(unit))
    writes.post(f"{returned}/refuse-return", hotline, **NOTE)
    writes.post(f"{returned}/find-unreasonable")
    writes.post(f"{returned}/confirm-unreasonable", second)

    moved = taken()
    writes.post(f"{moved}/ask-return", to_unit=other_than(unit))
    writes.post(f"{moved}/grant-return", hotline, **NOTE)
    writes.post(f"{moved}/transfer", hotline, matter=matters[0]["code"])
    writes.post(f"{moved}/merge", hotline, into=closed.rsplit("/", 1)[1])
    for ends in ("reopen", "explain"):
        declined = taken()
        writes.post(f"{declined}/decline", hotline)
        writes.post(f"{declined}/call-back", hotline, reached=True, solved=False, satisfied=False)
        writes.post(f"{declined}/{ends}", hotline)
    writes.places["/dispatch/requests/{number}"] = closed


def questions(writes: Writes, matter: str) -> None:
    """A question of the public, which is answered, published, taken down and published again."""
    hotline = writes.running.client("dispatch:write", "dispatch:read", name="12345")
    body = {"matter": matter, "summary": "咨询办理流程", "division": "天骄街道", "external_number": None}
    taken = writes.post("/dispatch/requests", hotline, **body)
    writes.post(f"/dispatch/requests/{taken['number']}/answer", **NOTE)
    question = f"/questions/{taken['reference']}"
    for action in ("publish", "withdraw", "publish"):
        writes.post(f"{question}/{action}")
    writes.places["/public/questions/{id}"] = f"/public{question}"
