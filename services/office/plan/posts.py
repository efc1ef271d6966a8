"""Posts of the leadership that others ask for: printed, recorded, or of whoever is in charge of a unit; pure (D-1)."""

from typing import Final

from kit.web.shapes import Choice


class RecordedPost(Choice):
    """A post that no document prints, and that the government office records (登记的领导职务)."""

    EXECUTIVE_DEPUTY = "executive_deputy", "常务副区长"


class AskedPost(Choice):
    """A post of the leadership that other services ask for (领导职务)."""

    HEAD = "head", "区长"
    EXECUTIVE_DEPUTY = "executive_deputy", "常务副区长"
    EMERGENCY_LEADER = "emergency_leader", "分管应急的区政府领导"


#: The post of whoever is in charge of a unit.
OF_UNIT: Final = {AskedPost.EMERGENCY_LEADER: "emergency-bureau"}
