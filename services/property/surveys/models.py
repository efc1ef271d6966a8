"""A survey as it was submitted."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kit.storage import db
from services.property.base import Base


class SurveyRecord(Base, db.Identified):
    """An imported workbook (摸底记录): who handed it in, for which day, and what was in it.

    A later import of the same streets and day takes its place; `superseded_by` then names it.
    """

    __tablename__ = "surveys"
    __table_args__ = (Index("ix_surveys_as_of_sha256", "as_of", "sha256"),)

    as_of: Mapped[date]
    streets: Mapped[list[str]]
    unit: Mapped[str]
    contact: Mapped[bytes | None]
    phone: Mapped[bytes | None]
    file_name: Mapped[str]
    sha256: Mapped[str]
    rows: Mapped[int]
    added_headings: Mapped[list[str]]
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    superseded_by: Mapped[UUID | None]
    client: Mapped[str]
    recorded_at: Mapped[datetime]
    #: What its rows say (`changes.said`), also when a later hand-in has taken its place.
    said: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, deferred=True)
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]
    withdrawal_reason: Mapped[str | None]
