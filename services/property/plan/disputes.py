"""Disputes over property services: mediated first, to court only after (P-2.5.3)."""

from kit.web.moves import Moves
from kit.web.shapes import Choice
from services.property.plan.roles import WRITER


class DisputeKind(Choice):
    """Between whom a dispute is (纠纷类别)."""

    WITH_COMPANY = "with_company", "物业服务人与业主之间"
    BETWEEN_OWNERS = "between_owners", "业主之间"


class Mediation(Choice):
    """Who mediates (调解方式)."""

    PEOPLE = "people", "人民调解"
    ADMINISTRATIVE = "administrative", "行政调解"
    JUDICIAL = "judicial", "司法调解"


#: 先调后诉: parties may settle or arbitrate at any time, and sue only where a mediation has failed.
DISPUTE = Moves(
    "纠纷",
    states={
        "registered": "纠纷已登记、尚未调解",
        "mediating": "纠纷正在调解",
        "unsettled": "纠纷调解不成",
        "settled": "纠纷已调解或和解",
        "arbitrated": "纠纷已申请仲裁",
        "sued": "纠纷已起诉",
    },
    actions={
        "mediate": "调解",
        "fail": "登记调解不成",
        "settle": "登记和解",
        "arbitrate": "登记仲裁",
        "sue": "登记起诉",
    },
    rows=(
        ("registered", "mediate", WRITER, "mediating", "P-2.5.3"),
        ("unsettled", "mediate", WRITER, "mediating", "P-2.5.3"),
        ("mediating", "fail", WRITER, "unsettled", "P-2.5.3"),
        *(
            (state, "settle", WRITER, "settled", "P-2.5.3")
            for state in ("registered", "mediating", "unsettled")
        ),
        *(
            (state, "arbitrate", WRITER, "arbitrated", "P-2.5.3")
            for state in ("registered", "mediating", "unsettled")
        ),
        ("unsettled", "sue", WRITER, "sued", "P-2.5.3"),
    ),
)
