"""Taking over a new compound: only after inspection, agreement and three witnesses (P-2.2.1c)."""

from collections.abc import Collection
from dataclasses import dataclass

from kit.web.caller import Caller, Role
from kit.web.moves import Moves
from kit.web.shapes import Choice
from services.property.plan.roles import CENTRE, COMMUNITY, STREET, WRITER


class Part(Choice):
    """What is inspected (查验对象)."""

    COMMON_PART = "common_part", "公用部位"
    EQUIPMENT = "equipment", "公用设施设备"


class Witness(Choice):
    """Who oversees the inspection (监督单位)."""

    HOUSING_CENTRE = "housing_centre", "区住房保障综合服务中心"
    STREET = "street", "所属街道（镇）"
    COMMUNITY = "community", "社区（村）居委会"


#: Whose token signs for a witness.
SIGNS: dict[Witness, Role] = {
    Witness.HOUSING_CENTRE: CENTRE,
    Witness.STREET: STREET,
    Witness.COMMUNITY: COMMUNITY,
}

TAKEOVER = Moves(
    "承接查验",
    states={"open": "小区正在承接查验", "taken_over": "小区已交接"},
    actions={"inspect": "登记查验结果", "agree": "登记交接协议", "witness": "见证", "complete": "完成交接"},
    rows=(
        ("open", "inspect", WRITER, "open", "P-2.2.1c"),
        ("open", "agree", WRITER, "open", "P-2.2.1c"),
        *(("open", "witness", role, "open", "P-2.2.1c") for role in SIGNS.values()),
        ("open", "complete", WRITER, "taken_over", "P-2.2.1c"),
    ),
)


def may_sign(caller: Caller, witness: Witness, *, on_paper: bool) -> bool:
    """Whether a caller signs for a witness: each for itself; for a community that signed on paper its street may."""
    of_street = witness is Witness.COMMUNITY and on_paper and caller.may(STREET)
    return of_street or caller.may(SIGNS[witness])


@dataclass(frozen=True, slots=True)
class Progress:
    """What there is of a takeover: the parts that were inspected, the agreement, and who has signed."""

    inspected: Collection[str] = ()
    agreed: bool = False
    witnesses: Collection[str] = ()


def lacking(progress: Progress) -> list[str]:
    """What is still missing before a compound may be taken over, in Chinese."""
    parts = [f"{part.zh}的查验结果" for part in Part if part not in progress.inspected]
    agreement = [] if progress.agreed else ["双方签订的交接协议书"]
    witnesses = [f"{each.zh}的见证" for each in Witness if each not in progress.witnesses]
    return parts + agreement + witnesses
