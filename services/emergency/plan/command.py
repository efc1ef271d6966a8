"""Who commands at any moment (E-4.5b)."""

from enum import StrEnum

from services.emergency.plan.roles import COMPANY, FIELD, HIGHER


class Commander(StrEnum):
    """Who may command, in the order in which command goes up."""

    COMPANY = "company"
    DISTRICT = "district"
    HIGHER = "higher"


#: (state, action, role, next state, clause). A hand-over has two sides: offered with a briefing, then taken.
COMMAND = (
    ("company", "offer", COMPANY, "offered-to-district", "E-4.5b"),
    ("offered-to-district", "take", FIELD, "district", "E-4.5b"),
    ("offered-to-district", "decline", FIELD, "company", "E-4.5b"),
    ("district", "offer", FIELD, "offered-to-higher", "E-4.5b"),
    ("offered-to-higher", "take", HIGHER, "higher", "E-4.5b"),
    ("offered-to-higher", "decline", HIGHER, "district", "E-4.5b"),
)

#: Exactly one commander in every state: whoever offers commands until the other has taken.
COMMANDER = {
    "company": Commander.COMPANY,
    "offered-to-district": Commander.COMPANY,
    "district": Commander.DISTRICT,
    "offered-to-higher": Commander.DISTRICT,
    "higher": Commander.HIGHER,
}
