"""Tables of the leaders' division of work."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kit.storage import db
from services.office.base import Base
from services.office.plan.division import Relation

_COUNTS = text("withdrawn_at IS NULL")


class Leader(Base):
    """A leader, the same across documents (领导); two may have one name, and no two one slug."""

    __tablename__ = "leaders"

    slug: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class DivisionDocument(Base, db.Identified):
    """A division document (领导工作分工文件); never changed. One that was entered wrongly is withdrawn and counts no more."""

    __tablename__ = "division_documents"
    __table_args__ = (
        Index("uq_division_documents_number", "number", unique=True, postgresql_where=_COUNTS),
        Index("uq_division_documents_effective_on", "effective_on", unique=True, postgresql_where=_COUNTS),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_because IS NULL)", name="withdrawn"),
    )

    number: Mapped[str]
    title: Mapped[str]
    effective_on: Mapped[date]
    source: Mapped[str]
    loaded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_because: Mapped[str | None]
    leaders: Mapped[list["DivisionEntry"]] = relationship(
        order_by="DivisionEntry.position", lazy="raise", viewonly=True
    )
    pairs: Mapped[list["Pair"]] = relationship(order_by="Pair.position", lazy="raise", viewonly=True)


class DivisionEntry(Base):
    """What a document says of a leader (分工); one of a document's leaders directs all."""

    __tablename__ = "division_entries"
    __table_args__ = (
        UniqueConstraint("document_id", "position"),
        Index("uq_division_entries_head", "document_id", unique=True, postgresql_where=text("directs_all")),
    )

    document_id: Mapped[UUID] = mapped_column(ForeignKey("division_documents.id"), primary_key=True)
    leader: Mapped[str] = mapped_column(ForeignKey("leaders.slug"), primary_key=True)
    position: Mapped[int]
    post: Mapped[str]
    directs_all: Mapped[bool]
    fields: Mapped[list[str]]
    who: Mapped[Leader] = relationship(lazy="raise", viewonly=True)
    assists: Mapped[list["Assist"]] = relationship(
        foreign_keys="[Assist.document_id, Assist.by]",
        order_by="Assist.position",
        lazy="raise",
        viewonly=True,
    )
    units: Mapped[list["UnitOfEntry"]] = relationship(
        foreign_keys="[UnitOfEntry.document_id, UnitOfEntry.by]",
        order_by="UnitOfEntry.position",
        lazy="raise",
        viewonly=True,
    )

    @property
    def name(self) -> str:
        """The leader's name."""
        return self.who.name


def _of_document(*leaders: str) -> list[ForeignKeyConstraint]:
    """Columns of leaders of whom the document itself says something."""
    entry = ("division_entries.document_id", "division_entries.leader")
    return [ForeignKeyConstraint(("document_id", each), entry) for each in leaders]


class Assist(Base):
    """Whom besides the head a leader assists, and in what; without fields in everything (协助)."""

    __tablename__ = "division_assists"
    __table_args__ = (*_of_document("by", "leader"),)

    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    by: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    leader: Mapped[str]
    fields: Mapped[list[str]]


class UnitOfEntry(Base):
    """A unit of a leader as the document writes it (分工单位)."""

    __tablename__ = "division_units"
    __table_args__ = (
        *_of_document("by", "helps"),
        CheckConstraint("relation IN ('charge', 'help', 'contact', 'preside')", name="relation"),
        CheckConstraint("(relation = 'help') = (helps IS NOT NULL)", name="helps"),
    )

    document_id: Mapped[UUID] = mapped_column(primary_key=True)
    by: Mapped[str] = mapped_column(primary_key=True)
    relation: Mapped[Relation] = mapped_column(Text, primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    unit: Mapped[str] = mapped_column(ForeignKey("units.id"), index=True)
    written: Mapped[str]
    scope: Mapped[str | None]
    helps: Mapped[str | None]


class Pair(Base):
    """Two leaders of a document who act for one another (AB角)."""

    __tablename__ = "division_pairs"
    __table_args__ = (*_of_document("one", "other"), CheckConstraint("one <> other", name="two"))

    document_id: Mapped[UUID] = mapped_column(ForeignKey("division_documents.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    one: Mapped[str]
    other: Mapped[str]
