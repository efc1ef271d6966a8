"""In which ways a compound is managed: the plan's modes of coverage, each with its clause; pure."""

from typing import Final

from kit.web.shapes import Choice


class Mode(Choice):
    """The mode of coverage of a compound (覆盖模式)."""

    MARKET = "market", "公开招标选聘"
    LARGE_LEADS_SMALL = "large_leads_small", "以大带小"
    STRONG_LEADS_WEAK = "strong_leads_weak", "以强带弱"
    NEW_LEADS_OLD = "new_leads_old", "以新带旧"
    PUBLIC_LEADS_PRIVATE = "public_leads_private", "以公建带民建"
    COMMUNITY_TRUST = "community_trust", "社区居民委员会托管"
    SOCIAL_ORGANISATION = "social_organisation", "社会组织代管"
    SELF_MANAGEMENT = "self_management", "业主自治"
    STATE_FALLBACK = "state_fallback", "国有企业兜底"
    FROM_SELF_ORGANISED = "from_self_organised", "自发管理转为企业"
    COMMUNITY_LED = "community_led", "社区领办服务中心"


#: The section of the plan's 二(四) that each mode stands in.
CLAUSE_OF: Final = {
    Mode.MARKET: "P-2.4.1",
    Mode.LARGE_LEADS_SMALL: "P-2.4.2",
    Mode.STRONG_LEADS_WEAK: "P-2.4.2",
    Mode.NEW_LEADS_OLD: "P-2.4.2",
    Mode.PUBLIC_LEADS_PRIVATE: "P-2.4.2",
    Mode.COMMUNITY_TRUST: "P-2.4.2",
    Mode.SOCIAL_ORGANISATION: "P-2.4.2",
    Mode.SELF_MANAGEMENT: "P-2.4.2",
    Mode.STATE_FALLBACK: "P-2.4.3",
    Mode.FROM_SELF_ORGANISED: "P-2.4.4",
    Mode.COMMUNITY_LED: "P-2.4.5",
}
#: Modes in which somebody else than a company may manage.
WITHOUT_COMPANY: Final = frozenset(
    {Mode.COMMUNITY_TRUST, Mode.SOCIAL_ORGANISATION, Mode.SELF_MANAGEMENT, Mode.COMMUNITY_LED}
)
