"""Who takes part in law study, and what of a year's sessions somebody was at; pure (L-4b, L-8)."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from kit.duties.duty import Duty, Subject
from kit.web.shapes import Choice

#: The study system's day of issue (第九条).
ISSUED: Final = date(2024, 5, 30)
#: The posts whose holders make up the executive meeting of a district (地方组织法: 区长、副区长).
MEMBER_POSTS: Final = ("区长", "副区长")
#: Who takes part for a department unless another post is named (L-4b).
HEAD_OF_DEPARTMENT: Final = "主要负责人"
#: Towns, streets and departments keep study systems of their own; the document gives no day (L-8).
OWN_SYSTEM: Final = Duty(
    "study-system",
    "L-8",
    "制定本单位学法制度",
    Subject.UNIT,
    ISSUED,
    ours="文件没有规定期限，本系统自印发之日起计",
)


class Attends(Choice):
    """As what somebody takes part (参加身份)."""

    MEMBER = "member", "组成人员"
    INVITED = "invited", "邀请列席"
    OTHER = "other", "其他列席"
    EXTENDED = "extended", "扩大参加"


class Presence(Choice):
    """Whether somebody who was expected came (出席情况)."""

    PRESENT = "present", "出席"
    LEAVE = "leave", "请假"
    ABSENT = "absent", "缺席"


def makes_a_member(post: str) -> bool:
    """Whether a post, as printed, makes its holder a member of the executive meeting (L-4b).

    Several posts are parted by 、; one on secondment (挂职) counts, one that is only nominated (提名) does not yet.
    """
    return any(part.removeprefix("挂职") in MEMBER_POSTS for part in post.split("、"))


@dataclass(frozen=True, slots=True)
class Tally:
    """How often somebody was expected, or how many were, and what became of it; the rest is not recorded yet."""

    expected: int
    present: int
    leave: int
    absent: int
    made_up: int

    @property
    def unrecorded(self) -> int:
        """What nobody has recorded yet."""
        return self.expected - self.present - self.leave - self.absent

    @property
    def rate(self) -> Decimal | None:
        """The part that was present, in per cent of what is recorded; None where nothing is."""
        return _share(self.present, self.expected - self.unrecorded)

    @property
    def studied_rate(self) -> Decimal | None:
        """The part that was present or has made it up, likewise."""
        return _share(self.present + self.made_up, self.expected - self.unrecorded)


def _share(part: int, whole: int) -> Decimal | None:
    if not whole:
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
