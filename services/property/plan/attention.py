"""Attention to a compound, from a pattern of requests to its end (P-2.2.2b)."""

from kit.web.moves import Moves
from services.property.plan.roles import CENTRE, STREET

#: The street in whose compound it is, or the housing centre, says when what lay behind the requests is dealt with.
ATTENTION = Moves(
    "重点关注",
    states={"open": "小区正在重点关注中", "closed": "重点关注已结束"},
    actions={"close": "结束关注"},
    rows=(
        ("open", "close", STREET, "closed", "P-2.2.2b"),
        ("open", "close", CENTRE, "closed", "P-2.2.2b"),
    ),
)
