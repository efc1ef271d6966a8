"""The tables that every service's database has: events, subscriptions, audit, idempotency, numbers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from kit.storage import db


class KitTable(DeclarativeBase):
    metadata = db.metadata()
    type_annotation_map = db.TYPES


class EventRow(KitTable):
    """A fact that happened; written in the transaction that made it true, read in commit order.

    client: who handed in what it is about, where somebody did; it is not part of what is told. trace: the `traceparent`
    of the write that made it true, where traces are recorded.
    """

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_xid_id", "xid", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    xid: Mapped[str] = mapped_column(db.Xid8, server_default=text("pg_current_xact_id()"))
    event_id: Mapped[UUID] = mapped_column(unique=True)
    type: Mapped[str]
    subject: Mapped[str]
    time: Mapped[datetime]
    data: Mapped[dict[str, Any]]
    client: Mapped[str | None]
    trace: Mapped[str | None]


class Subscription(KitTable, db.Identified):
    """Who gets the events, and how far it has got.

    client: who made it; none has made what the deployment names. mine: only what concerns what that client handed in.
    version: of what the client said, for its ETag. failures: of deliveries in a row; failing_since: since when nothing
    was taken; stopped_at: since when it is off, or gone. old_secret signs as well, until old_secret_until.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        UniqueConstraint("client", "name", postgresql_nulls_not_distinct=True),
        CheckConstraint("state in ('active','paused','gone','off')", name="state"),
    )

    client: Mapped[str | None]
    name: Mapped[str]
    state: Mapped[str] = mapped_column(default="active", server_default="active")
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    url: Mapped[str]
    secret: Mapped[bytes]
    old_secret: Mapped[bytes | None]
    old_secret_until: Mapped[datetime | None]
    types: Mapped[list[str]]
    mine: Mapped[bool] = mapped_column(default=False, server_default="false")
    cursor_xid: Mapped[str] = mapped_column(db.Xid8, server_default=text("'0'::xid8"))
    cursor_id: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    failures: Mapped[int] = mapped_column(default=0, server_default="0")
    failing_since: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime | None]
    last_error: Mapped[str | None]
    stopped_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class HeldEvent(KitTable, db.Identified):
    """An event that a subscription has passed by without delivering it: it is tried again, waits behind one, or is dead.

    since: when it failed first; next_attempt_at: of the first of its subject only, those after it wait for it;
    dead_at: since when it is tried no more.
    """

    __tablename__ = "held_events"
    __table_args__ = (UniqueConstraint("subscription_id", "event"),)

    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("subscriptions.id", ondelete="CASCADE"))
    event: Mapped[int] = mapped_column(BigInteger, ForeignKey("events.id"))
    subject: Mapped[str]
    attempts: Mapped[int]
    since: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


class Received(KitTable):
    """Ids of events taken in from other services, so that a repeat changes nothing."""

    __tablename__ = "received_events"

    event_id: Mapped[str] = mapped_column(primary_key=True)
    type: Mapped[str]
    received_at: Mapped[datetime]


class FeedRead(KitTable):
    """How far another service's change feed was read: from `next` on; read_at: when to its end last."""

    __tablename__ = "feeds_read"

    source: Mapped[str] = mapped_column(primary_key=True)
    next: Mapped[str | None]
    read_at: Mapped[datetime | None]


class AuditRow(KitTable):
    """One write or one look at personal data; written in the transaction that it tells of.

    person: the id of who sat behind the client, where one did, with the name.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_xid_id", "xid", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    xid: Mapped[str] = mapped_column(db.Xid8, server_default=text("pg_current_xact_id()"))
    at: Mapped[datetime]
    client: Mapped[str]
    person: Mapped[str | None]
    person_name: Mapped[str | None]
    unit: Mapped[str | None]
    action: Mapped[str]
    subject: Mapped[str]
    request_id: Mapped[str | None]
    # Kept as written: jsonb would round 1e16 to an integer, and the hash would no longer fit.
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


class AuditSeal(KitTable):
    """The seal of an audit entry: the hash of the entry and of the seal before, in commit order."""

    __tablename__ = "audit_seals"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry: Mapped[int] = mapped_column(BigInteger, unique=True)
    hash: Mapped[str]


class AuditHead(KitTable):
    """How far the audit is sealed: the sealer's lock and cursor, and what a cut-off tail is found by."""

    __tablename__ = "audit_head"
    __table_args__ = (CheckConstraint("one = 1", name="single"),)

    one: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str]
    xid: Mapped[str] = mapped_column(db.Xid8)
    entry: Mapped[int] = mapped_column(BigInteger)


class Original(KitTable, db.Identified):
    """A text that holds personal data, as it was typed, sealed; whatever else holds it holds it masked.

    subjects: what the write that it came with was audited under.
    """

    __tablename__ = "originals"
    __table_args__ = (Index("ix_originals_subjects", "subjects", postgresql_using="gin"),)

    at: Mapped[datetime]
    client: Mapped[str]
    action: Mapped[str]
    subjects: Mapped[list[str]]
    masked: Mapped[str]
    sealed: Mapped[bytes]


class IdempotencyKey(KitTable):
    """The answer that was given to a creation, kept for 24 hours for the same client and key.

    request: the keyed hash of what was asked; keyed_by: the id of the cipher's key that made it.
    """

    __tablename__ = "idempotency_keys"

    client: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request: Mapped[str]
    keyed_by: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any] | None]
    body: Mapped[bytes | None] = mapped_column(LargeBinary)


class NumberSeries(KitTable):
    """The last number given out in a series on a day."""

    __tablename__ = "number_series"

    series: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]
