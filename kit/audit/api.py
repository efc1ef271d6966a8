"""Endpoints over the audit chain."""

from typing import Annotated

from fastapi import APIRouter

from kit.audit.auditing import Verification, verify_audit
from kit.storage.transactions import Session
from kit.web.routes import TransactionalRoute
from kit.web.tokens import Caller, requires


def make_router(service: str) -> APIRouter:
    """The service's audit endpoints."""
    router = APIRouter(route_class=TransactionalRoute, tags=["审计"])

    @router.get(
        "/audit/verify",
        summary="核验审计记录",
        description="重新计算全部审计记录的 SHA-256 链，说明是否完整、从哪一条起被改动。",
    )
    async def verify_audit_chain(
        session: Session,
        _caller: Annotated[Caller, requires(f"{service}:audit")],
    ) -> Verification:
        """Recompute the audit chain."""
        return await verify_audit(session)

    return router
