"""Cross appointments (双向进入、交叉任职): who of which body may hold which post of another (P-2.1.3); pure."""

from typing import Final

from kit.web.shapes import Choice


class Origin(Choice):
    """The body that somebody comes from (来自)."""

    COMMUNITY = "community", "社区“两委”"
    OWNERS_COMMITTEE = "owners_committee", "业委会（物管会）"
    COMPANY = "company", "物业服务企业"


class CrossPost(Choice):
    """The post that somebody holds besides (兼任职务)."""

    QUALITY_DIRECTOR = "quality_director", "物业服务项目义务质量总监"
    COMMUNITY_PARTY = "community_party", "社区党组织兼职委员"
    COMMUNITY_COMMITTEE = "community_committee", "社区居委会兼职委员"
    OWNERS_COMMITTEE = "owners_committee", "业委会（物管会）委员"


#: Of each post who may hold it: 社区“两委”班子成员兼任义务质量总监; 业委会成员、企业负责人中的党员任党组织兼职委员;
#: 业委会主任、项目负责人任居委会兼职委员; 社区两委成员与业委会成员双向进入.
ORIGINS: Final = {
    CrossPost.QUALITY_DIRECTOR: (Origin.COMMUNITY,),
    CrossPost.COMMUNITY_PARTY: (Origin.OWNERS_COMMITTEE, Origin.COMPANY),
    CrossPost.COMMUNITY_COMMITTEE: (Origin.OWNERS_COMMITTEE, Origin.COMPANY),
    CrossPost.OWNERS_COMMITTEE: (Origin.COMMUNITY,),
}


def needed(origin: Origin, post: CrossPost) -> set[str]:
    """Which of committee, company and project an appointment names, besides the community."""
    names = set()
    if Origin.OWNERS_COMMITTEE is origin or post is CrossPost.OWNERS_COMMITTEE:
        names.add("committee_id")
    if origin is Origin.COMPANY:
        names.add("company_id")
    if post is CrossPost.QUALITY_DIRECTOR:
        names.add("project_id")
    return names
