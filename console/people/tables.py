"""The console's tables, beside those of the audit, which are the kit's."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from kit.storage import db
from kit.storage.tables import AuditHead, AuditRow, AuditSeal


class Table(DeclarativeBase):
    metadata = db.metadata()
    type_annotation_map = db.TYPES


for _table in (AuditRow, AuditSeal, AuditHead):
    _table.__table__.to_metadata(Table.metadata)  # type: ignore[attr-defined]


def subject_of(issuer: str, identity: str) -> str:
    """What an account is tied to: whom a provider names, which means nothing to another."""
    return f"{issuer} {identity}"


def identity_of(subject: str | None, issuer: str) -> str:
    """Whom a provider names, of what an account is tied to; empty where it is tied to none of that provider's."""
    begins = subject_of(issuer, "")
    return subject.removeprefix(begins) if subject and subject.startswith(begins) else ""


class Person(Table, db.Identified, db.Versioned):
    """Somebody who may sign in: by a password, or as whom an identity provider says.

    login: in its normal form; role: None until one is granted; unit, division, company: whom the role is limited to, as
    tokens name them; password: an Argon2id hash; to_change: whether the password is another's choice; subject: whom an
    identity provider names, as `subject_of` writes it.
    """

    __tablename__ = "people"
    __table_args__ = (
        CheckConstraint("company IS NULL OR (unit IS NULL AND division IS NULL)", name="limited_once"),
        CheckConstraint(
            "role IS NOT NULL OR (unit IS NULL AND division IS NULL AND company IS NULL)", name="of_a_role"
        ),
    )

    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str | None]
    unit: Mapped[str | None]
    division: Mapped[str | None]
    company: Mapped[str | None]
    password: Mapped[str | None]
    to_change: Mapped[bool] = mapped_column(default=False)
    subject: Mapped[str | None] = mapped_column(unique=True)
    active: Mapped[bool] = mapped_column(default=True)
    made_at: Mapped[datetime]
    signed_in_at: Mapped[datetime | None]


class Session(Table):
    """Somebody signed in on one browser. key: the SHA-256 of the cookie; idle_at: when it ends unless something is done;
    outside: whether an identity provider said who it is.
    """

    __tablename__ = "sessions"

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    idle_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    address: Mapped[str]
    agent: Mapped[str]
    outside: Mapped[bool] = mapped_column(default=False, server_default="false")


class SignIn(Table):
    """A sign-in by an identity provider that is under way. key: the SHA-256 of the browser's cookie; going_to: afterwards."""

    __tablename__ = "sign_ins"

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    going_to: Mapped[str]
    ends_at: Mapped[datetime]


class Tries(Table):
    """How often somebody tried to sign in to an account, or from an address, since when; key: a hash."""

    __tablename__ = "tries"

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    since: Mapped[datetime]
