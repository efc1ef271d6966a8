"""Release of information on an accident: whose word it needs, and its way from draft to publication."""

from enum import StrEnum

from services.emergency.plan.grading import Grade
from services.emergency.plan.roles import PUBLICITY, RELEASE_CITY, RELEASE_DISTRICT, RELEASE_HIGHER


class Authority(StrEnum):
    """Who approves what goes out."""

    DISTRICT = "district"
    CITY = "city"
    HIGHER = "higher"

    @property
    def zh(self) -> str:
        return _AUTHORITIES_ZH[self]


_AUTHORITIES_ZH = {
    Authority.DISTRICT: "区人民政府",
    Authority.CITY: "市委宣传部（市委、市人民政府授权）",
    Authority.HIGHER: "自治区或国家授权机关",
}

#: Graver than 较大 the plan leaves the release to what law gives to the region and the state (从其规定).
AUTHORITIES = {
    Grade.GENERAL: Authority.DISTRICT,
    Grade.LARGER: Authority.CITY,
    Grade.MAJOR: Authority.HIGHER,
    Grade.ESPECIALLY_MAJOR: Authority.HIGHER,
}

ROLES = {
    Authority.DISTRICT: RELEASE_DISTRICT,
    Authority.CITY: RELEASE_CITY,
    Authority.HIGHER: RELEASE_HIGHER,
}


def authority(grade: Grade, *, sensitive: bool) -> Authority:
    """Who approves a release; a general accident at a sensitive place or time is the city's (E-4.8)."""
    if sensitive and grade is Grade.GENERAL:
        return Authority.CITY
    return AUTHORITIES[grade]


def release_moves(approver: Authority) -> tuple[tuple[str, str, str, str, str], ...]:
    """The moves of a release that this authority approves; nothing goes out unapproved (E-4.8)."""
    return (
        ("drafted", "revise", PUBLICITY, "drafted", "E-4.8"),
        ("drafted", "approve", ROLES[approver], "approved", "E-4.8"),
        ("approved", "revise", PUBLICITY, "drafted", "E-4.8"),
        ("approved", "publish", PUBLICITY, "published", "E-4.8"),
    )


#: A rumour or a report in the media, from being found to being answered (E-3.2c, E-4.8).
RUMOUR = (
    ("found", "check", PUBLICITY, "checked", "E-3.2c"),
    ("checked", "answer", PUBLICITY, "answered", "E-4.8"),
)
