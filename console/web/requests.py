"""What the steps and states of citizens' requests are called: as the table of their moves has them, and what is no move."""

from typing import Final

from kit.dispatch.moves import leg_moves, request_moves

_LEG, _WHOLE = leg_moves(""), request_moves("")
#: What stands in a record: what it keeps by itself, and what is done.
STEPS: Final = {
    "take": "受理",
    "dispatch": "派单",
    "raise": "自动提级",
    "refer": "转入业务办理",
    "take-back": "撤回",
    **_LEG.actions,
    **_WHOLE.actions,
}
STATES: Final = _WHOLE.states
#: Of a unit's part in a request.
LEG_STATES: Final = _LEG.states
