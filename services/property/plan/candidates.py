"""Candidates of committees against the lists that the plan names (P-2.1.2a); pure.

The plan names the lists and does not print them: an operator loads what stands in the documents themselves.
"""

from collections.abc import Collection
from uuid import UUID

from kit.web.shapes import Choice


class CandidateList(Choice):
    """A list that candidates are checked against (候选人清单)."""

    PREFERENCE = "preference", "三优先"
    EXCLUSION = "exclusion", "十不宜"
    NEGATIVE = "negative", "履职负面清单"


#: The lists of which no item may apply to a candidate.
EXCLUDING = (CandidateList.EXCLUSION, CandidateList.NEGATIVE)


class Post(Choice):
    """What a candidate stands for (拟任职务)."""

    DIRECTOR = "director", "主任"
    DEPUTY = "deputy", "副主任"
    MEMBER = "member", "委员"


def unchecked(excluding: Collection[UUID], cleared: Collection[UUID], applies: Collection[UUID]) -> set[UUID]:
    """The excluding items that a candidate has not been checked against."""
    return set(excluding) - set(cleared) - set(applies)


def flags(post: str, *, party_member: bool) -> list[str]:
    """What the street should look at before the election, in Chinese; refuses nothing."""
    if post == Post.DIRECTOR and not party_member:
        return ["业主委员会主任一般由党员担任，该候选人不是党员。"]
    return []
