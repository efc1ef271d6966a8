"""The way of an evaluation, of an objection and of a repair, as tables of moves; pure (P-2.3.2a, P-2.3.4b)."""

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

REPAIR = Moves(
    "信用修复",
    states={"filed": "信用修复已申请", "approved": "信用修复已同意", "refused": "信用修复未同意"},
    actions={"approve": "同意", "refuse": "不同意"},
    rows=(
        ("filed", "approve", CENTRE, "approved", "P-2.3.4a"),
        ("filed", "refuse", CENTRE, "refused", "P-2.3.4a"),
    ),
)
