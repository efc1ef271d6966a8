"""What the words of a request tell of an accident, from being heard to being decided (E-4.1a, E-4.1b)."""

from kit.web.moves import Moves
from services.emergency.plan.roles import OFFICE

#: Whatever the matter of a request is, and whichever service has it: the headquarters' office says what it was.
ALARM = Moves(
    "疑似事故",
    states={
        "open": "疑似事故尚未处理",
        "incident": "疑似事故已转为事故",
        "joined": "疑似事故已并入事故",
        "none": "疑似事故已核实为非事故",
    },
    actions={"make-incident": "转为事故", "join": "并入事故", "dismiss": "核实为非事故"},
    rows=(
        ("open", "make-incident", OFFICE, "incident", "E-4.1b"),
        ("open", "join", OFFICE, "joined", "E-4.1e"),
        ("open", "dismiss", OFFICE, "none", "E-4.1c"),
    ),
)
