"""Who commands at any moment, and how command is handed over (E-4.5b)."""

from kit.web.moves import Moves
from kit.web.shapes import Choice
from services.emergency.plan.roles import COMPANY, FIELD, HIGHER, OFFICE


class Commander(Choice):
    """Who may command (指挥者), in the order in which command goes up."""

    COMPANY = "company", "事发单位"
    DISTRICT = "district", "区现场指挥部"
    HIGHER = "higher", "上级现场指挥部"


#: A hand-over has two sides: offered with a briefing, then taken. A company that cannot be reached blocks nobody: the
#: district takes command with a reason. What is declined is the offer, not the
#: command, so the actions name what they act on themselves.
COMMAND = Moves(
    "",
    states={
        "company": "由事发单位指挥",
        "offered-to-district": "由事发单位指挥、正向区现场指挥部移交",
        "district": "由区现场指挥部指挥",
        "offered-to-higher": "由区现场指挥部指挥、正与上级现场指挥部对接",
        "higher": "由上级现场指挥部指挥",
    },
    actions={
        "offer": "提出移交指挥权",
        "take": "接收指挥权",
        "decline": "退回移交",
        "assume": "直接接管指挥权",
    },
    rows=(
        ("company", "offer", COMPANY, "offered-to-district", "E-4.5b"),
        ("company", "assume", FIELD, "district", "E-4.5b"),
        ("company", "assume", OFFICE, "district", "E-4.5b"),
        ("offered-to-district", "take", FIELD, "district", "E-4.5b"),
        ("offered-to-district", "decline", FIELD, "company", "E-4.5b"),
        ("district", "offer", FIELD, "offered-to-higher", "E-4.5b"),
        ("offered-to-higher", "take", HIGHER, "higher", "E-4.5b"),
        ("offered-to-higher", "decline", HIGHER, "district", "E-4.5b"),
    ),
)

#: Exactly one commander in every state: whoever offers commands until the other has taken.
COMMANDER = {
    "company": Commander.COMPANY,
    "offered-to-district": Commander.COMPANY,
    "district": Commander.DISTRICT,
    "offered-to-higher": Commander.DISTRICT,
    "higher": Commander.HIGHER,
}

#: Who may order everybody to withdraw: the field headquarters, and whoever commands (E-4.5b, E-4.5d).
WITHDRAWAL = Moves(
    "撤离命令",
    states={each: f"由{each.zh}指挥" for each in Commander},
    actions={"order": "下达撤离命令"},
    rows=(
        (Commander.COMPANY, "order", FIELD, Commander.COMPANY, "E-4.5d"),
        (Commander.COMPANY, "order", COMPANY, Commander.COMPANY, "E-4.5d"),
        (Commander.DISTRICT, "order", FIELD, Commander.DISTRICT, "E-4.5d"),
        (Commander.HIGHER, "order", FIELD, Commander.HIGHER, "E-4.5d"),
        (Commander.HIGHER, "order", HIGHER, Commander.HIGHER, "E-4.5d"),
    ),
)
