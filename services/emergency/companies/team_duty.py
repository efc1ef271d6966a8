"""Which companies must keep a rescue team and which lack one (E-6.1)."""

from dataclasses import dataclass
from enum import StrEnum


class CompanyKind(StrEnum):
    """What a company does, as far as the duty to keep a team hangs on it."""

    DANGEROUS_GOODS = "dangerous_goods"
    MINING = "mining"
    SMELTING = "smelting"
    URBAN_TRANSPORT = "urban_transport"
    CONSTRUCTION = "construction"
    HOTEL = "hotel"
    MALL = "mall"
    ENTERTAINMENT = "entertainment"
    SCENIC_AREA = "scenic_area"
    OTHER_CROWDED = "other_crowded"
    OTHER = "other"

    @property
    def zh(self) -> str:
        return _KINDS_ZH[self]


_KINDS_ZH = dict(
    zip(
        CompanyKind,
        (
            "危险物品生产、经营、储存、运输",
            "矿山",
            "金属冶炼",
            "城市交通运营",
            "建筑施工",
            "宾馆",
            "商场",
            "娱乐场所",
            "旅游景区",
            "其他人员密集场所",
            "其他",
        ),
        strict=True,
    )
)


class Size(StrEnum):
    """A company's size by the state's statistical classes."""

    LARGE = "large"
    MEDIUM = "medium"
    SMALL = "small"
    MICRO = "micro"


class TeamDuty(StrEnum):
    """What a company owes."""

    TEAM = "team"
    PART_TIME_RESCUER = "part_time_rescuer"
    NOTHING = "nothing"


#: Every kind but OTHER must keep a team.
MUST_KEEP_TEAM = frozenset(CompanyKind) - {CompanyKind.OTHER}
#: These may do without, once a part-time rescuer is named.
MAY_DO_WITHOUT = frozenset({Size.SMALL, Size.MICRO})


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyTeams:
    """A company as the duty sees it: what it is, and what it has."""

    kind: CompanyKind
    size: Size
    in_park: bool = False
    own_team: bool = False
    joint_team: bool = False
    part_time_rescuer: bool = False
    team_agreement: bool = False


@dataclass(frozen=True, slots=True)
class TeamStanding:
    """What a company owes and whether it has it. `advised`: to sign with a neighbouring team, never owed."""

    duty: TeamDuty
    fulfilled: bool
    advised: bool
    clause: str = "E-6.1"


def team_duty(kind: CompanyKind, size: Size) -> TeamDuty:
    """What a company of this kind and size owes (E-6.1)."""
    if kind not in MUST_KEEP_TEAM:
        return TeamDuty.NOTHING
    return TeamDuty.PART_TIME_RESCUER if size in MAY_DO_WITHOUT else TeamDuty.TEAM


def team_standing(company: CompanyTeams) -> TeamStanding:
    """Whether a company has what it owes; a joint team counts in an industrial park or zone only (E-6.1)."""
    duty = team_duty(company.kind, company.size)
    team = company.own_team or (company.in_park and company.joint_team)
    fulfilled = {
        TeamDuty.TEAM: team,
        TeamDuty.PART_TIME_RESCUER: team or company.part_time_rescuer,
        TeamDuty.NOTHING: True,
    }[duty]
    advised = duty is TeamDuty.PART_TIME_RESCUER and not team and not company.team_agreement
    return TeamStanding(duty, fulfilled, advised)
