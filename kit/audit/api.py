"""Endpoints over the audit."""

from typing import Annotated

from fastapi import APIRouter

from kit.audit.auditing import Verification, verify_audit
from kit.context import Context
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose


def make_router(service: str) -> APIRouter:
    """The service's audit endpoints."""
    router = routes.router("审计")
    auditor = Annotated[Context, requires(f"{service}:audit", whose=Whose.WHOLE)]

    @router.get(
        "/audit/verify",
        summary="核验审计记录",
        description="重新计算已封存的审计记录的 SHA-256 链，说明是否完整、从哪一条起被改动，还有几条尚待封存。",
    )
    async def verify_audit_chain(context: auditor) -> Verification:
        """Recompute the audit chain."""
        return await verify_audit(context.session)

    return router
