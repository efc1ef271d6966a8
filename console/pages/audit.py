"""/audit: what was done to accounts and sessions, newest first, and whether the chain of it holds."""

from typing import Final

from sqlalchemy import String, cast, select

from console.people import audit
from console.people.roles import Duty
from console.people.tables import Person
from console.web.page import Context, Given, Page
from console.web.view import View
from kit.audit.auditing import verify_audit

PAGE = Page("/audit", "审计记录", "audit.html", duties=(Duty.AUDITOR,), group="管理")
_ROWS: Final = 50
ACTIONS: Final = {
    "sign-in.done": "登录",
    "sign-in.refused": "登录被拒",
    "sign-out.done": "退出登录",
    "sign-out.others": "退出其他登录",
    "session.ended": "结束他人登录",
    "account.made": "开设账号",
    "account.role": "授予岗位",
    "account.disabled": "停用账号",
    "account.enabled": "恢复账号",
    "account.reset": "重置密码",
    "account.password": "修改密码",
    "account.unlocked": "解除锁定",
    "account.tied": "关联统一身份",
    "account.untied": "解除统一身份的关联",
}


@PAGE.show
async def show(view: View) -> Context:
    before = view.query("before")
    async with view.transaction() as session:
        rows = await audit.newest(session, int(before) if before.isdigit() else None, _ROWS + 1)
        people = await session.execute(select(cast(Person.id, String), Person.login))
        names = {row[0]: row[1] for row in people}
    older = rows[_ROWS - 1].id if len(rows) > _ROWS else None
    return {"rows": rows[:_ROWS], "older": older, "verified": None, "actions": ACTIONS, "names": names}


@PAGE.form("verify")
async def verify(view: View, _given: Given) -> Context:
    async with view.reading() as session:
        return {"verified": await verify_audit(session)}
