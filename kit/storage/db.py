"""PostgreSQL through SQLAlchemy: the engine, the column types, and a row to change."""

import select
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from pydantic import SecretStr
from sqlalchemy import (
    URL,
    ColumnElement,
    Date,
    DateTime,
    Dialect,
    LargeBinary,
    MetaData,
    Numeric,
    Text,
    Uuid,
    any_,
    event,
    literal,
    types,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Mapped, declared_attr, mapped_column
from sqlalchemy.pool import NullPool
from uuid_utils.compat import uuid7

from kit import spans
from kit.district.clock import SHANGHAI
from kit.storage.pool import Pool
from kit.web.problems import Conflict, NotFound

Row = TypeVar("Row")

_NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Instant(types.TypeDecorator[datetime]):
    """timestamptz that refuses naive datetimes; it reads back in the session's zone, the district's."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        return datetime

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a naive datetime has no place in the database")
        return value


class Sealed(types.TypeDecorator[bytes]):
    """bytea that the service's cipher has sealed: what a column of bytes is unless its table says otherwise.

    By this type whatever seals anew finds all of them (kit.personal.resealing).
    """

    impl = LargeBinary
    cache_ok = True

    @property
    def python_type(self) -> type[bytes]:
        return bytes


def found_by(column: str, plain: Callable[[str], str]) -> dict[str, Any]:
    """The `info` of a column that keeps the keyed hash of a sealed one beside it: of the text that `plain` makes of it."""
    return {FOUND_BY: (column, plain)}


#: Where that stands in a column's `info`.
FOUND_BY = "found_by"


class Xid8(types.UserDefinedType[str]):
    """PostgreSQL's 64-bit transaction id, as text in Python."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


# So that a comparison of the models with a database knows the type.
ischema_names["xid8"] = Xid8

#: Money in yuan, exact, two places.
Money = Numeric(18, 2)

_ZONE = f"-c timezone={SHANGHAI.key}"
#: Seconds that a statement of a glance may take.
GLANCE = 2

TYPES: dict[Any, Any] = {
    datetime: Instant(),
    date: Date(),
    Decimal: Numeric(),
    UUID: Uuid(),
    str: Text(),
    bytes: Sealed(),
    dict[str, Any]: JSONB(),
    list[str]: ARRAY(Text()),
}


def metadata() -> MetaData:
    """Metadata with the house's constraint names; one per service."""
    return MetaData(naming_convention=_NAMES)


def new_id() -> UUID:
    """A UUIDv7: unique, and ordered by time."""
    return uuid7()


class Identified:
    """A table with a UUIDv7 key."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)


class Versioned:
    """A table whose rows carry the version that ETag and If-Match speak of."""

    version: Mapped[int] = mapped_column(nullable=False)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - a class method by SQLAlchemy's convention
        return {"version_id_col": cls.version}


def among(column: Any, values: Iterable[Any]) -> ColumnElement[bool]:
    """Whether a column is one of many values, given as one parameter.

    `in_` takes a parameter for each, of which PostgreSQL allows 65,535, and a text that grows with them.
    """
    is_one: ColumnElement[bool] = column == any_(literal(list(values), ARRAY(column.type)))
    return is_one


def create_engine(url: SecretStr, *, size: int, overflow: int) -> AsyncEngine:
    """An engine whose connections are kept, bounded and waited for, and whose sessions never wait for ever."""
    engine = create_async_engine(
        url.get_secret_value(),
        poolclass=Pool,
        pool_size=size,
        max_overflow=overflow,
        pool_timeout=10,
        hide_parameters=True,  # a failed statement is logged, and its parameters may be personal data
        connect_args={
            "connect_timeout": 5,
            "keepalives_idle": 30,
            "tcp_user_timeout": 30_000,
            "options": f"{_ZONE} -c statement_timeout=60s -c lock_timeout=20s"
            " -c idle_in_transaction_session_timeout=120s",
        },
    )
    event.listen(engine.sync_engine, "checkout", _refuse_dead)
    spans.watch(engine.sync_engine)
    return engine


def create_glancing_engine(url: URL) -> AsyncEngine:
    """An engine for looks at how things stand: each on a connection of its own, read-only, each statement brief."""
    return create_async_engine(
        url,
        poolclass=NullPool,
        isolation_level="AUTOCOMMIT",
        hide_parameters=True,
        connect_args={
            "connect_timeout": 3,
            "tcp_user_timeout": 5_000,
            "options": f"{_ZONE} -c statement_timeout={GLANCE}s -c lock_timeout={GLANCE}s"
            " -c default_transaction_read_only=on",
        },
    )


def _refuse_dead(connection: Any, _record: Any, _proxy: Any) -> None:
    """Put a connection away that the server has closed; the pool then opens another.

    Nothing comes in on an idle connection but the server's last words, so a look at the socket tells, without the
    round trip of a ping.
    """
    poll = select.poll()
    poll.register(connection.driver_connection.pgconn.socket, select.POLLIN)
    if poll.poll(0):
        raise DisconnectionError("the server has closed the connection")


async def locked(session: AsyncSession, model: type[Row], key: Any, missing: str) -> Row:
    """The row, locked until the transaction ends.

    Raises: NotFound with the Chinese sentence `missing`; Conflict where it was merged into another.
    """
    row = await session.get(model, key, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("not-found", missing)
    refuse_replaced(row)
    return row


async def found(session: AsyncSession, model: type[Row], key: Any, missing: str) -> Row:
    """The row, to be read.

    Raises: NotFound with the Chinese sentence `missing`; Conflict where it was merged into another.
    """
    row = await session.get(model, key)
    if row is None:
        raise NotFound("not-found", missing)
    refuse_replaced(row)
    return row


def refuse_replaced(row: Any) -> None:
    """Refuse a row that was merged into another (`merged_into_id`, where its table has that).

    Raises: Conflict naming the other; who only reads is sent there.
    """
    into = getattr(row, "merged_into_id", None)
    if into is not None:
        gone = Conflict("merged-away", f"这一登记已并入另一登记，请改用其编号 {into}。", into=str(into))
        gone.replaced = (str(row.id), str(into))
        raise gone
