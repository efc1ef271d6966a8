"""A database and a role for each service, which nobody but that role can connect to."""

import re
from typing import Any

import psycopg
from psycopg import sql

_POWERLESS = sql.SQL("login nosuperuser nocreatedb nocreaterole noreplication nobypassrls")
_NAME = re.compile(r"(?!pg_|postgres$|template[01]$|public$|none$)[a-z][a-z0-9_]{0,62}")


def check_name(name: str) -> None:
    """Raise ValueError unless it is a lower-case identifier that PostgreSQL does not keep for itself."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot name a service's database: use a-z, 0-9 and _")


def ensure_database(superuser: psycopg.Connection[Any], name: str, password: str) -> None:
    """Make the database and the role of the same name that owns it, where missing; the role has this password then.

    superuser: a connection in autocommit. The role can connect to no other service's database.
    Raises ValueError as check_name does.
    """
    check_name(name)
    role = sql.Identifier(name)
    superuser.execute("select pg_advisory_lock(hashtext('ensure_database'))")
    if not superuser.execute("select 1 from pg_roles where rolname = %s", [name]).fetchone():
        superuser.execute(sql.SQL("create role {}").format(role))
    # Only the verifier travels, so that no log can ever show the password.
    verifier = superuser.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    superuser.execute(sql.SQL("alter role {} {} password {}").format(role, _POWERLESS, verifier))
    if not superuser.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
        superuser.execute(sql.SQL("create database {0} owner {0} template template0").format(role))
    superuser.execute(sql.SQL("revoke all on database {}, postgres, template1 from public").format(role))
