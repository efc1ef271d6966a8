"""Which companies must keep a rescue team and which lack one (E-6.1)."""

from dataclasses import dataclass

from kit.web.shapes import Choice


class CompanyKind(Choice):
    """What a company does (企业类别), as far as the duty to keep a team hangs on it."""

    DANGEROUS_GOODS = "dangerous_goods", "危险物品生产、经营、储存、运输"
    MINING = "mining", "矿山"
    SMELTING = "smelting", "金属冶炼"
    URBAN_TRANSPORT = "urban_transport", "城市交通运营"
    CONSTRUCTION = "construction", "建筑施工"
    HOTEL = "hotel", "宾馆"
    MALL = "mall", "商场"
    ENTERTAINMENT = "entertainment", "娱乐场所"
    SCENIC_AREA = "scenic_area", "旅游景区"
    OTHER_CROWDED = "other_crowded", "其他人员密集场所"
    OTHER = "other", "其他"


class Size(Choice):
    """A company's size (企业规模) by the state's statistical classes."""

    LARGE = "large", "大型"
    MEDIUM = "medium", "中型"
    SMALL = "small", "小型"
    MICRO = "micro", "微型"


class TeamDuty(Choice):
    """What a company owes (建队义务)."""

    TEAM = "team", "应建队"
    PART_TIME_RESCUER = "part_time_rescuer", "可指定兼职人员"
    NOTHING = "nothing", "不要求"


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
