"""Complaints about a company, from being taken to what was found of them (P-2.2.2b, P-2.3.2a)."""

from kit.web.moves import Moves
from services.property.plan.roles import CENTRE

#: The matters of requests that say that a company serves badly or takes too much.
MATTERS = ("property-service", "property-fee")
#: The housing centre says whether a complaint was right, once its request is closed; credit is told of those that were.
COMPLAINT = Moves(
    "投诉",
    states={
        "received": "投诉尚未认定",
        "confirmed": "投诉已认定属实",
        "rejected": "投诉已认定不属实",
        "withdrawn": "投诉的认定已撤销",
    },
    actions={"confirm": "认定属实", "reject": "认定不属实", "withdraw": "撤销认定"},
    rows=(
        ("received", "confirm", CENTRE, "confirmed", "P-2.3.2a"),
        ("received", "reject", CENTRE, "rejected", "P-2.2.2b"),
        ("confirmed", "withdraw", CENTRE, "withdrawn", "P-2.3.2a"),
    ),
)
