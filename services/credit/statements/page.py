"""A credit statement as a page that prints, with a QR code of its address (P-2.3.2c)."""

from typing import Final

from fastapi.responses import HTMLResponse

from kit.district.citations import cite
from kit.district.clock import SHANGHAI
from kit.web import printing
from services.credit.statements.models import Statement
from services.credit.statements.work import CLAUSES, Verdict

ACTIONS: Final = {"withdrawn": "撤回", "corrected": "更正", "repaired": "信用修复"}
_MONOSPACED: Final = 'style="font:9px monospace;overflow-wrap:anywhere"'


def shown(row: Statement, told: Verdict, address: str) -> HTMLResponse:
    """The page of a statement; it says at its head where the statement stands no more."""
    import segno  # here, since a process that starts has no use for it

    (basis,) = cite(*CLAUSES)
    code = segno.make(address, error="m").svg_inline(scale=4, border=2, omitsize=False)
    lines = [
        ("企业名称", row.name),
        ("统一社会信用代码", row.uscc),
        ("信用等级", row.grade),
        ("得分", row.score),
        ("重点整改企业", "是" if row.key_rectification else "否"),
        ("截至日期", row.as_of),
        ("评价方案", row.scheme),
        ("出具时间", f"{row.issued_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"),
        ("编号", row.id),
    ]
    return printing.answer(
        "物业服务企业信用证明",
        printing.paragraph(_standing(told), "told"),
        printing.facts(lines),
        printing.paragraph(f"依据：《{basis.title}》（{basis.document}）{basis.at}"),
        f'<div class="code">{code}</div>',
        printing.paragraph(f"扫码或打开 {address} 核验本证明现在是否有效。"),
        f"<p {_MONOSPACED}>{row.jws}</p>",
    )


def _standing(told: Verdict) -> str:
    if not told.causes:
        return "现在有效：所依据的信用信息没有撤回、更正或修复。"
    first = told.causes[0]
    day = first["entered_at"].astimezone(SHANGHAI).date()
    return (
        f"已失效：所依据的信用信息（{first['record_id']}）已于 {day} {ACTIONS[first['action']]}，请重新出具。"
    )
