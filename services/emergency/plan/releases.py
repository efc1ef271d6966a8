"""Release of information on an accident: whose word it needs, and its way from draft to publication."""

from kit.web.moves import Moves
from kit.web.shapes import Choice
from services.emergency.plan.accidents.grading import Grade
from services.emergency.plan.roles import PUBLICITY, RELEASE_CITY, RELEASE_DISTRICT, RELEASE_HIGHER


class Authority(Choice):
    """Who approves what goes out (批准机关)."""

    DISTRICT = "district", "区人民政府"
    CITY = "city", "市委宣传部（市委、市人民政府授权）"
    HIGHER = "higher", "自治区或国家授权机关"


#: What a token of an authority carries.
ROLES = {
    Authority.DISTRICT: RELEASE_DISTRICT,
    Authority.CITY: RELEASE_CITY,
    Authority.HIGHER: RELEASE_HIGHER,
}

#: Graver than 较大 the plan leaves the release to what law gives to the region and the state (从其规定).
AUTHORITIES = {
    Grade.GENERAL: Authority.DISTRICT,
    Grade.LARGER: Authority.CITY,
    Grade.MAJOR: Authority.HIGHER,
    Grade.ESPECIALLY_MAJOR: Authority.HIGHER,
}


def authority(grade: Grade, *, sensitive: bool) -> Authority:
    """Who approves a release; a general accident at a sensitive place or time is the city's (E-4.8)."""
    if sensitive and grade is Grade.GENERAL:
        return Authority.CITY
    return AUTHORITIES[grade]


def _moves(*approvers: Authority) -> Moves:
    return Moves(
        "信息",
        states={"drafted": "发布稿尚未批准", "approved": "发布稿已批准", "published": "信息已发布"},
        actions={"revise": "修改", "approve": "批准", "publish": "发布"},
        rows=(
            ("drafted", "revise", PUBLICITY, "drafted", "E-4.8"),
            *(("drafted", "approve", ROLES[each], "approved", "E-4.8") for each in approvers),
            ("approved", "revise", PUBLICITY, "drafted", "E-4.8"),
            ("approved", "publish", PUBLICITY, "published", "E-4.8"),
        ),
    )


#: The moves of a release by who approves it; nothing goes out unapproved (E-4.8).
RELEASES = {each: _moves(each) for each in Authority}
#: The moves of all releases together, for what their endpoints declare.
RELEASE = _moves(*Authority)

#: A rumour or a report in the media, from being found to being answered (E-3.2c, E-4.8).
RUMOUR = Moves(
    "舆情",
    states={"found": "舆情尚未核实", "checked": "舆情已核实", "answered": "舆情已回应"},
    actions={"check": "核实", "answer": "回应"},
    rows=(
        ("found", "check", PUBLICITY, "checked", "E-3.2c"),
        ("checked", "answer", PUBLICITY, "answered", "E-4.8"),
    ),
)
