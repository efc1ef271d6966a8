"""Tables of warnings: the warning, each message as it was sent, and where that has gone."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.storage import db
from services.emergency.base import Base, Marked
from services.emergency.plan.warnings import Colour


class Message(Base, Marked, db.Identified):
    """A CAP message as it was sent (预警消息); it is never changed."""

    __tablename__ = "warning_messages"
    __table_args__ = (
        UniqueConstraint("warning_id", "number"),
        CheckConstraint("kind in ('Alert','Update','Cancel')", name="kind"),
        CheckConstraint("(number = 1) = (kind = 'Alert')", name="first"),
    )

    warning_id: Mapped[UUID] = mapped_column(ForeignKey("warnings.id"))
    number: Mapped[int]
    kind: Mapped[str]
    identifier: Mapped[str] = mapped_column(unique=True)
    sender: Mapped[str]
    sent: Mapped[str]
    sent_at: Mapped[datetime] = mapped_column(index=True)
    colour: Mapped[str]
    headline: Mapped[str]
    instruction: Mapped[str]
    xml: Mapped[bytes] = mapped_column(LargeBinary)
    deliveries: Mapped[list["Delivery"]] = relationship(
        order_by="Delivery.step, Delivery.id", lazy="selectin"
    )

    @property
    def cap(self) -> str:
        """The address of the message."""
        return f"/emergency/v1/warnings/{self.warning_id}/messages/{self.number}.cap"


class Delivery(Base, db.Identified):
    """A channel that a message goes out by (step 0), or a receiver above, level by level (预警送达)."""

    __tablename__ = "warning_deliveries"
    __table_args__ = (
        UniqueConstraint("message_id", "to"),
        CheckConstraint("step between 0 and 2", name="step"),
        CheckConstraint("(done_at is null) = (done_by is null)", name="done"),
    )

    message_id: Mapped[UUID] = mapped_column(ForeignKey("warning_messages.id"))
    step: Mapped[int]
    to: Mapped[str]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None]


class Bulletin(Base, Marked, db.Identified, db.Versioned):
    """A warning (预警): what it says now, and how far it has come. What it said before is in its messages."""

    __tablename__ = "warnings"
    __table_args__ = (
        CheckConstraint("state in ('draft','issued','adjusted','lifted')", name="state"),
        CheckConstraint("colour in ('blue','yellow','orange','red')", name="colour"),
        CheckConstraint(
            "state = 'draft' or (issuer is not null and issued_at is not null and accident_type is not null"
            " and colour is not null and starts_at is not null and measures is not null"
            " and jsonb_array_length(areas) > 0)",
            name="content",
        ),
        CheckConstraint("(state = 'lifted') = (lifted_at is not null)", name="lifted"),
    )

    number: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(index=True, default="draft")
    issuer: Mapped[str | None] = mapped_column(index=True)
    issued_at: Mapped[datetime | None]
    accident_type: Mapped[str | None]
    expected_grade: Mapped[str | None]
    colour: Mapped[str | None] = mapped_column(index=True)
    starts_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    areas: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    measures: Mapped[str | None]
    description: Mapped[str | None]
    urgency: Mapped[str]
    certainty: Mapped[str]
    categories: Mapped[list[str]]
    response_types: Mapped[list[str]]
    event_code: Mapped[str | None]
    channels: Mapped[list[str]]
    departments: Mapped[list[str]]
    incident: Mapped[str | None]
    company_warning_id: Mapped[UUID | None] = mapped_column(ForeignKey("company_warnings.id"), index=True)
    lifted_at: Mapped[datetime | None]
    lift_reason: Mapped[str | None]
    messages: Mapped[list[Message]] = relationship(order_by=Message.number, lazy="selectin")

    @property
    def in_colour(self) -> Colour:
        """The colour of a warning that has one."""
        assert self.colour is not None
        return Colour(self.colour)
