"""Joint conferences (联席会议): how an issue is settled, there or by the district (P-2.5.2)."""

from kit.web.moves import Moves
from services.property.plan.roles import DISTRICT, WRITER

#: What a conference cannot settle goes to the district government, and is not closed without its answer.
ISSUE = Moves(
    "议题",
    states={
        "open": "议题尚未解决",
        "settled": "议题已在联席会议解决",
        "raised": "议题已上报区人民政府、尚未答复",
        "answered": "区人民政府已答复",
        "closed": "议题已办结",
    },
    actions={"settle": "解决", "raise": "上报", "answer": "答复", "close": "办结"},
    rows=(
        ("open", "settle", WRITER, "settled", "P-2.5.2"),
        ("open", "raise", WRITER, "raised", "P-2.5.2"),
        ("raised", "answer", DISTRICT, "answered", "P-2.5.2"),
        ("answered", "close", WRITER, "closed", "P-2.5.2"),
    ),
)
