"""Endpoints over the audit chain."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from kit.records import verify_audit
from kit.tokens import Caller, requires
from kit.transactions import Session, TransactionalRoute


class AuditState(BaseModel):
    """Whether the audit chain holds."""

    model_config = ConfigDict(title="审计核验")

    holds: bool = Field(description="审计记录是否完整、未被改动")
    entries: int = Field(description="核验过的条数")
    broken_at: int | None = Field(description="从第几条起不符；完整时为空")


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
    ) -> AuditState:
        """Recompute the audit chain."""
        return AuditState.model_validate(await verify_audit(session), from_attributes=True)

    return room
