"""Endpoints over the audit chain."""

from typing import Annotated

from fastapi import APIRouter

from kit.records import Verification, verify_audit
from kit.tokens import Caller, requires
from kit.transactions import Session, TransactionalRoute


def router(service: str) -> APIRouter:
    """The service's audit endpoints."""
    room = APIRouter(route_class=TransactionalRoute, tags=["审计"])

    @room.get(
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

    return room
