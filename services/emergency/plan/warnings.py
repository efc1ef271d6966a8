"""Warnings: the colour for what is expected, what a bulletin must say, and who may change it."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from kit.web.moves import Moves
from services.emergency.plan.accidents.grading import Grade, ResponseLevel
from services.emergency.plan.roles import MEMBER, OFFICE, WARNING


class Colour(StrEnum):
    """The four colours of a warning (预警级别), mildest first (E-3.2b). Compare by `rank`, never by text."""

    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"

    @property
    def rank(self) -> int:
        """0 for the mildest, 3 for the gravest."""
        return tuple(Colour).index(self)

    @property
    def zh(self) -> str:
        return _COLOURS_ZH[self]


_COLOURS_ZH = dict(zip(Colour, ("蓝色", "黄色", "橙色", "红色"), strict=True))

#: E-3.2b: the levels of warnings and of responses correspond.
COLOURS = dict(zip(ResponseLevel, Colour, strict=True))

#: E-3.2b: the colour that an expected grade calls for.
EXPECTED = dict(zip(Grade, Colour, strict=True))


def milder_than_expected(colour: Colour, expected: Grade) -> bool:
    """Whether a colour is below the one that the expected grade calls for (E-3.2b).

    A graver one is allowed: endangered persons may call for it without a graver accident.
    """
    return colour.rank < EXPECTED[expected].rank


def contradiction(
    starts_at: datetime | None, expires_at: datetime | None, colour: Colour | None, expected: Grade | None
) -> tuple[str, str] | None:
    """What of a warning contradicts the rest: (fact, Chinese sentence); None where nothing does."""
    if starts_at and expires_at and expires_at <= starts_at:
        return "expires_at", "失效时间应晚于起始时间。"
    if colour and expected and milder_than_expected(colour, expected):
        return "colour", f"预计可能发生{expected.zh}事故时，预警级别不能是{colour.zh}，请提高级别。"
    return None


#: E-3.3c: the colour whose actions a colour takes over before it adds its own.
BUILDS_ON = {
    Colour.BLUE: None,
    Colour.YELLOW: Colour.BLUE,
    Colour.ORANGE: Colour.YELLOW,
    Colour.RED: Colour.YELLOW,
}


def colours_of(colour: Colour) -> tuple[Colour, ...]:
    """The colours whose actions a warning asks for, the first to build on first (E-3.3c)."""
    below = BUILDS_ON[colour]
    return (*(colours_of(below) if below else ()), colour)


#: That the caller is the issuer is asked besides (谁发布谁解除).
WARNINGS = Moves(
    "预警",
    states={
        "draft": "预警尚未发布",
        "issued": "预警已发布",
        "adjusted": "预警已调整",
        "lifted": "预警已解除",
    },
    actions={"revise": "修改草稿", "issue": "发布", "adjust": "调整", "lift": "解除"},
    rows=(
        ("draft", "revise", WARNING, "draft", "E-3.3b"),
        ("draft", "issue", WARNING, "issued", "E-3.3b"),
        ("issued", "adjust", WARNING, "adjusted", "E-3.3d"),
        ("adjusted", "adjust", WARNING, "adjusted", "E-3.3d"),
        ("issued", "lift", WARNING, "lifted", "E-3.3d"),
        ("adjusted", "lift", WARNING, "lifted", "E-3.3d"),
    ),
)

#: A company's own warning. That it has reached the department that supervises the company is asked besides.
COMPANY_WARNINGS = Moves(
    "企业预警",
    states={"sent": "企业预警已发出", "received": "企业预警已接收"},
    actions={"receive": "接收"},
    rows=(
        ("sent", "receive", MEMBER, "received", "E-3.3a"),
        ("sent", "receive", OFFICE, "received", "E-3.3a"),
    ),
)


def may_change(*, issued_by: str, caller: str) -> bool:
    """Whether a unit may adjust or lift a warning: only the one that issued it (E-3.3d)."""
    return issued_by == caller


#: What a bulletin must say (E-3.3b), each fact with its name for people.
CONTENT = {
    "issuer": "发布机关",
    "issued_at": "发布时间",
    "accident_type": "可能引发的事故类型",
    "colour": "预警级别",
    "starts_at": "起始时间",
    "area": "影响范围",
    "measures": "防范措施",
}


def lacking_content(known: Mapping[str, object]) -> tuple[str, ...]:
    """The facts that a bulletin still lacks, all at once and in the plan's order (E-3.3b)."""
    return tuple(fact for fact in CONTENT if known.get(fact) in (None, "", [], ()))


class Channel(StrEnum):
    """The ways a warning goes out (发布方式, E-3.3b)."""

    PLATFORM = "platform"
    RADIO = "radio"
    TELEVISION = "television"
    NEWSPAPER = "newspaper"
    SMS = "sms"
    INTERNET = "internet"
    SIREN = "siren"
    LOUDSPEAKER_CAR = "loudspeaker_car"
    DOOR_TO_DOOR = "door_to_door"

    @property
    def zh(self) -> str:
        return _CHANNELS_ZH[self]


_CHANNELS_ZH = dict(
    zip(
        Channel,
        ("预警信息发布系统", "广播", "电视", "报刊", "短信", "互联网", "警报器", "宣传车", "逐户通知"),
        strict=True,
    )
)


#: Who warns for the district itself (E-3.3b); any other unit's warning reaches the district first.
OF_THE_DISTRICT = frozenset(
    {"district-government", "emergency-headquarters", "emergency-headquarters-office"}
)
TO_THE_DISTRICT = ("district-government", "emergency-headquarters-office")
TO_THE_CITY = ("higher-government", "city-headquarters")


def upward(issuer: str) -> tuple[tuple[str, ...], ...]:
    """Whom a warning is reported to, level by level (E-3.3b)."""
    return (TO_THE_CITY,) if issuer in OF_THE_DISTRICT else (TO_THE_DISTRICT, TO_THE_CITY)
