"""What was known when: of facts that coverage rests on, the versions that were replaced are kept by system time.

Triggers of the database keep them (migration 0013), whoever writes; times are those of the service's clock.
"""

from datetime import datetime
from itertools import chain
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    Delete,
    Identity,
    Index,
    Insert,
    Update,
    event,
    func,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, aliased, mapped_column
from sqlalchemy.sql import visitors

from services.property.base import Base

Fact = TypeVar("Fact", bound="Remembered")


class Remembered:
    """A table of facts: what one of its rows said before, and said until it was removed, stays answerable (`known`).

    known_from: since when the row says what it says.
    """

    __tablename__: str
    known_from: Mapped[datetime] = mapped_column(server_default=func.service_time(), deferred=True)


class FormerRow(Base):
    """A row of a table of facts as it was known from a moment until another, that one excluded."""

    __tablename__ = "former_rows"
    __table_args__ = (
        Index("ix_former_rows_table_name_known_until", "table_name", "known_until"),
        Index("ix_former_rows_compound", text("(row ->> 'compound_id')")),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    table_name: Mapped[str]
    row: Mapped[dict[str, Any]]
    known_from: Mapped[datetime]
    known_until: Mapped[datetime]


def known(fact: type[Fact], at: datetime | None) -> type[Fact]:
    """A table of facts as it was known at a moment; without one, the table as it is."""
    if at is None:
        return fact
    table = Base.metadata.tables[fact.__tablename__]
    was: Any = func.jsonb_populate_record(text(f"null::{table.name}"), FormerRow.row)
    former = was.table_valued(*table.columns).lateral("former")
    still = select(*table.columns).where(table.c.known_from <= at)
    replaced = (
        select(*former.columns)
        .select_from(FormerRow)
        .join(former, true())
        .where(FormerRow.table_name == table.name, FormerRow.known_from <= at, FormerRow.known_until > at)
    )
    return aliased(fact, union_all(still, replaced).subquery(f"known_{table.name}"))


@event.listens_for(Session, "before_flush")
def _before_flush(session: Session, *_: Any) -> None:
    if any(isinstance(each, Remembered) for each in chain(session.new, session.dirty, session.deleted)):
        _tell_once(session)


@event.listens_for(Session, "do_orm_execute")
def _before_statement(statement: ORMExecuteState) -> None:
    if not (statement.is_insert or statement.is_update or statement.is_delete):
        return
    written: Any = statement.statement
    for each in visitors.iterate(
        written
    ):  # what is written beside, as a common table expression, counts as well
        if isinstance(each, Insert | Update | Delete) and "known_from" in each.table.columns:
            _tell_once(statement.session)
            return


def _tell_once(session: Session) -> None:
    """Tell the database the service's time before the first fact of a transaction is written."""
    if not session.info.get("time_told") and "now" in session.info:
        tell_time(session)


def tell_time(session: Session) -> None:
    """Tell the database the service's time; for statements of facts that are no statements of the ORM, as COPY."""
    session.execute(
        text("SELECT set_config('service.time', :now, true)"), {"now": session.info["now"].isoformat()}
    )
    session.info["time_told"] = True


@event.listens_for(Session, "after_soft_rollback")
@event.listens_for(Session, "after_commit")
def _forget_time(session: Session, *_: Any) -> None:
    session.info["time_told"] = False
