"""Compounds and what was observed of them on a date."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVarTuple
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Numeric,
    Select,
    UniqueConstraint,
    and_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Mapped, aliased, mapped_column

from kit.storage import db
from kit.storage.named import Findable, findable
from services.property.base import Base
from services.property.divisions import COMMUNITY, STREET
from services.property.known import Remembered, known

Columns = TypeVarTuple("Columns")


class Compound(Base, db.Identified, db.Versioned, Findable, Remembered):
    """A residential compound (小区).

    withdrawn_on: since when it is known to be none, a name typed wrong or merged into another; merged_into_id: which.
    """

    __tablename__ = "compounds"
    __table_args__ = (UniqueConstraint("community_id", "name_key"), *findable("compounds"))

    community_id: Mapped[UUID] = mapped_column(ForeignKey("divisions.id"))
    #: From this day on it is no compound any more, e.g. torn down or merged.
    retired_on: Mapped[date | None]
    withdrawn_on: Mapped[date | None]
    merged_into_id: Mapped[UUID | None] = mapped_column(ForeignKey("compounds.id"), index=True)


class Observation(Base, Remembered):
    """What a survey says of a compound as of a date (摸底情况); the newest up to a day is its state on that day."""

    __tablename__ = "observations"
    __table_args__ = (
        CheckConstraint("status in ('专业化物业管理','准物业管理','无物业')", name="status"),
        CheckConstraint("party_members is null or party_members <= members", name="party_members"),
        CheckConstraint("collection_rate between 0 and 1", name="collection_rate"),
        CheckConstraint(
            "least(buildings, households, area, members, party_members, fee) >= 0", name="not_negative"
        ),
        CheckConstraint("status <> '专业化物业管理' or company_id is not null", name="professional_company"),
        CheckConstraint("status <> '无物业' or company_id is null", name="no_company"),
        Index("ix_observations_as_of", "as_of"),
    )

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), primary_key=True)
    as_of: Mapped[date] = mapped_column(primary_key=True)
    survey_id: Mapped[UUID] = mapped_column(ForeignKey("surveys.id"), index=True)
    position: Mapped[int]
    status: Mapped[str]
    company_id: Mapped[UUID | None] = mapped_column(ForeignKey("companies.id"), index=True)
    buildings: Mapped[int | None]
    households: Mapped[int | None]
    area: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))
    built: Mapped[int | None]
    members: Mapped[int | None]
    party_members: Mapped[int | None]
    fee: Mapped[Decimal | None] = mapped_column(Numeric(9, 4))
    collection_rate: Mapped[Decimal | None] = mapped_column(Numeric(5, 4))
    added: Mapped[dict[str, Any]]
    recorded_at: Mapped[datetime]


class RedProperty(Base, db.Identified, Remembered):
    """A compound named as red property (红色物业), and until when (P-1.3)."""

    __tablename__ = "red_properties"
    __table_args__ = (
        CheckConstraint("withdrawn_on > designated_on", name="period"),
        Index(
            "uq_red_properties_current", "compound_id", unique=True, postgresql_where="withdrawn_on is null"
        ),
    )

    compound_id: Mapped[UUID] = mapped_column(ForeignKey("compounds.id"), index=True)
    designated_on: Mapped[date]
    withdrawn_on: Mapped[date | None]


def is_named(red: type[RedProperty], day: Any) -> ColumnElement[bool]:
    """Whether a naming as red property lasts on a day; on the day of its end it is over (P-1.3)."""
    return and_(red.designated_on <= day, or_(red.withdrawn_on.is_(None), red.withdrawn_on > day))


def states(day: date, name: str = "state", known_at: datetime | None = None) -> type[Observation]:
    """An alias of Observation that holds each compound's state on a day, as it was known: one row each, if any."""
    seen = known(Observation, known_at)
    newest: Select[Any] = (
        select(seen)
        .where(seen.as_of <= day)
        .ext(distinct_on(seen.compound_id))
        .order_by(seen.compound_id, seen.as_of.desc())
    )
    return aliased(Observation, newest.subquery(name))


def state_of_each(day: date) -> type[Observation]:
    """As `states`, for a query of compounds: looked for by compound, so that whoever asks for few of them looks at few."""
    newest = (
        select(Observation)
        .where(Observation.compound_id == Compound.id, Observation.as_of <= day)
        .order_by(Observation.as_of.desc())
        .limit(1)
        .correlate(Compound)
    )
    return aliased(Observation, newest.lateral("state"))


def located(query: Select[*Columns]) -> Select[*Columns]:
    """The query on compounds with their `COMMUNITY` and `STREET`."""
    return query.join(COMMUNITY, COMMUNITY.id == Compound.community_id).join(
        STREET, STREET.id == COMMUNITY.parent_id
    )
