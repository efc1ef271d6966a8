"""What the platform has said: its rows as they were last stated, and a receipt for each request."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kit.storage import db
from services.property.base import Base


class SyncRow(Base):
    """A row of the platform as it was last stated (平台登记); a tombstone stays, so that an older word brings nothing back.

    fields: what it said, its version apart; hash: of these, for telling a repeat; street: where it lies, as stated;
    made: whether our entry was entered because of it; company_id and the others: our entry, one of them;
    left_id: the entry of a tombstone; replaced: what people had written and the platform's was taken instead of.
    """

    __tablename__ = "sync_rows"
    __table_args__ = (
        CheckConstraint("kind in ('companies','projects','compounds','contracts')", name="kind"),
        CheckConstraint(
            "not deleted or num_nonnulls(company_id, project_id, compound_id, contract_id) = 0",
            name="deleted",
        ),
        CheckConstraint(
            "num_nonnulls(company_id, project_id, compound_id, contract_id) <= 1", name="one_entry"
        ),
        Index("ix_sync_rows_kind_street", "kind", "street"),
    )

    kind: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    source_version: Mapped[int] = mapped_column(BigInteger)
    deleted: Mapped[bool]
    fields: Mapped[dict[str, Any]]
    hash: Mapped[str]
    street: Mapped[str | None]
    made: Mapped[bool]
    company_id: Mapped[UUID | None] = mapped_column(ForeignKey("companies.id"), index=True)
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id"), index=True)
    compound_id: Mapped[UUID | None] = mapped_column(ForeignKey("compounds.id"), index=True)
    contract_id: Mapped[UUID | None] = mapped_column(ForeignKey("contracts.id"), index=True)
    left_id: Mapped[UUID | None]
    replaced: Mapped[dict[str, Any]] = mapped_column(server_default="{}")
    stated_at: Mapped[datetime]


class SyncReceipt(Base, db.Identified):
    """What became of a request that brought rows (同步回执); it grows with each batch.

    rejections: the first of the rejected lines, {line, key, reason}; why: what broke it.
    """

    __tablename__ = "sync_receipts"
    __table_args__ = (CheckConstraint("state in ('running','done','broken')", name="state"),)

    kind: Mapped[str]
    client: Mapped[str]
    state: Mapped[str]
    accepted: Mapped[int] = mapped_column(BigInteger)
    unchanged: Mapped[int] = mapped_column(BigInteger)
    stale: Mapped[int] = mapped_column(BigInteger)
    rejected: Mapped[int] = mapped_column(BigInteger)
    rejections: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    why: Mapped[str | None]
    begun_at: Mapped[datetime]
    moved_at: Mapped[datetime]
