"""The filing (备案) of service contracts with the housing centre (P-2.2.1b)."""

from kit.web.moves import Moves
from services.property.plan.roles import CENTRE, WRITER

FILING = Moves(
    "合同",
    states={
        "signed": "合同已签订、尚未报送",
        "submitted": "合同已报送、尚未备案",
        "filed": "合同已备案",
        "returned": "合同已退回",
    },
    actions={"submit": "报送", "accept": "备案", "return": "退回"},
    rows=(
        ("signed", "submit", WRITER, "submitted", "P-2.2.1b"),
        ("returned", "submit", WRITER, "submitted", "P-2.2.1b"),
        ("submitted", "accept", CENTRE, "filed", "P-2.2.1b"),
        ("submitted", "return", CENTRE, "returned", "P-2.2.1b"),
    ),
)
