"""The way of an evaluation, of an objection, of a lead and of a repair, as tables of moves; pure (P-2.3.2a, P-2.3.4b)."""

from datetime import date

from kit.web.caller import Role
from kit.web.moves import Moves
from services.credit.plan.roles import CENTRE

#: A company, which objects and asks for repair of what is about itself alone.
COMPANY = Role("credit:company", "物业服务企业")

EVALUATION = Moves(
    "信用评价",
    states={
        "opened": "信用评价已启动",
        "computed": "信用评价已计算、尚未公示",
        "published": "信用评价正在公示",
        "settled": "信用评价的异议已处理",
        "final": "信用评价结果已确定",
        "listed": "红黑榜已公布",
        "cancelled": "信用评价已取消",
    },
    actions={
        "compute": "计算",
        "publish": "公示",
        "settle": "结束异议",
        "finalise": "确定结果",
        "list": "公布红黑榜",
        "cancel": "取消",
    },
    rows=(
        ("opened", "compute", CENTRE, "computed", "P-2.3.2a"),
        ("computed", "compute", CENTRE, "computed", "P-2.3.2a"),
        ("computed", "publish", CENTRE, "published", "P-2.3.2b"),
        ("published", "settle", CENTRE, "settled", "P-2.3.2b"),
        ("settled", "finalise", CENTRE, "final", "P-2.3.2a"),
        ("final", "list", CENTRE, "listed", "P-2.3.4b"),
        # Nobody has seen results yet: the period can be evaluated anew.
        ("opened", "cancel", CENTRE, "cancelled", "P-2.3.2a"),
        ("computed", "cancel", CENTRE, "cancelled", "P-2.3.2a"),
    ),
)

OBJECTION = Moves(
    "异议",
    states={"filed": "异议已受理", "upheld": "异议成立", "rejected": "异议不成立"},
    actions={"uphold": "认定成立", "reject": "认定不成立"},
    rows=(
        ("filed", "uphold", CENTRE, "upheld", "P-2.3.2a"),
        ("filed", "reject", CENTRE, "rejected", "P-2.3.2a"),
    ),
)

LEAD = Moves(
    "信用线索",
    states={
        "received": "信用线索尚未处理",
        "filed": "信用线索已作为异议受理",
        "recorded": "信用线索已作为信用信息的依据",
        "unfounded": "信用线索不成立",
    },
    actions={"file": "作为异议受理", "record": "作为依据", "dismiss": "认定不成立"},
    rows=(
        ("received", "file", CENTRE, "filed", "P-2.3.2a"),
        ("received", "record", CENTRE, "recorded", "P-2.3.2a"),
        ("received", "dismiss", CENTRE, "unfounded", "P-2.2.2b"),
    ),
)


def may_object_on(day: date, published_on: date, until: date) -> bool:
    """Whether an objection that came in on a day is in time: from the publication to the last day, both included."""
    return published_on <= day <= until


REPAIR = Moves(
    "信用修复",
    states={"filed": "信用修复已申请", "approved": "信用修复已同意", "refused": "信用修复未同意"},
    actions={"approve": "同意", "refuse": "不同意"},
    rows=(
        ("filed", "approve", CENTRE, "approved", "P-2.3.4a"),
        ("filed", "refuse", CENTRE, "refused", "P-2.3.4a"),
    ),
)
