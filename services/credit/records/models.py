"""Tables of credit information: what was entered, and what was said of it later. Rows are added and never changed."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    Sequence,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kit.storage import db
from services.credit.base import Base

#: The order in which information came to be known: records and what was said of them alike.
KNOWN_ORDER = Sequence("known_order", metadata=Base.metadata)


class Record(Base, db.Identified):
    """What a company did or is, with its evidence, recorder, time of the act and time of entry (信用信息) (P-2.3.2a, P-4.3).

    points: magnitude as given, None for the item's usual one; share_part of share_whole: of a share (0 of 0: of nothing);
    area of company_area, in square metres, and company_projects: the company's as of the act, all None of what no
    project is concerned in; valid_until: a term of its own, that day no more; origin and origin_key: where it comes from;
    again_of_id: the record that was taken back and that it stands for again.
    """

    __tablename__ = "records"
    __table_args__ = (
        UniqueConstraint("origin", "origin_key"),
        CheckConstraint("points >= 0", name="points"),
        CheckConstraint("units > 0", name="units"),
        CheckConstraint(
            "(share_part is null) = (share_whole is null) and share_part between 0 and share_whole"
            " and share_whole >= 0",
            name="share",
        ),
        CheckConstraint("area <= company_area and area > 0", name="area"),
        CheckConstraint("(project_id is null) = (company_projects is null)", name="project"),
        CheckConstraint("valid_until > acted_on", name="validity"),
        Index("ix_records_company_id_item", "company_id", "item", "acted_on"),
        Index("ix_records_again_of_id", "again_of_id", postgresql_where=text("again_of_id IS NOT NULL")),
    )

    seq: Mapped[int] = mapped_column(
        BigInteger, KNOWN_ORDER, server_default=KNOWN_ORDER.next_value(), unique=True
    )
    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id"))
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id"), index=True)
    item: Mapped[str]
    acted_at: Mapped[datetime]
    acted_on: Mapped[date] = mapped_column(
        Computed("(acted_at AT TIME ZONE 'Asia/Shanghai')::date", persisted=True)
    )
    entered_at: Mapped[datetime]
    points: Mapped[Decimal | None]
    units: Mapped[int] = mapped_column(server_default="1")
    share_part: Mapped[int | None]
    share_whole: Mapped[int | None]
    valid_until: Mapped[date | None]
    area: Mapped[Decimal | None]
    company_area: Mapped[Decimal | None]
    company_projects: Mapped[int | None]
    origin: Mapped[str]
    origin_key: Mapped[str]
    recorder: Mapped[str]
    client: Mapped[str]
    unit: Mapped[str | None]
    division: Mapped[str | None] = mapped_column(index=True)
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    note: Mapped[str | None]
    again_of_id: Mapped[UUID | None] = mapped_column(ForeignKey("records.id"))


class Amendment(Base, db.Identified):
    """What was said of a record later (后续记载): it was withdrawn, corrected by another, put right, or repaired."""

    __tablename__ = "amendments"
    __table_args__ = (
        UniqueConstraint("record_id", "action"),
        CheckConstraint("action in ('withdrawn','corrected','put_right','repaired')", name="action"),
        CheckConstraint("(action = 'corrected') = (replaced_by_id is not null)", name="replaced_by"),
        # A record is taken back once: withdrawn, or corrected by another.
        Index(
            "uq_amendments_taken_back",
            "record_id",
            unique=True,
            postgresql_where="action in ('withdrawn','corrected')",
        ),
    )

    seq: Mapped[int] = mapped_column(
        BigInteger, KNOWN_ORDER, server_default=KNOWN_ORDER.next_value(), unique=True
    )
    record_id: Mapped[UUID] = mapped_column(ForeignKey("records.id"))
    action: Mapped[str]
    effective_on: Mapped[date]
    reason: Mapped[str]
    replaced_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("records.id"))
    entered_at: Mapped[datetime]
    client: Mapped[str]
    unit: Mapped[str | None]
