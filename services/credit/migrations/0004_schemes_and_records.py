"""Evaluation schemes, projects with who held them, and credit information, which is added to and never changed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

_JSON = postgresql.JSONB(astext_type=sa.Text())
_TIME = sa.DateTime(timezone=True)
_RECORD_CHECKS = {
    "points": "points >= 0",
    "units": "units > 0",
    "share": "(share_part is null) = (share_whole is null) and share_part between 0 and share_whole and share_whole > 0",
    "area": "area <= company_area and area > 0",
    "project": "(project_id is null) = (company_projects is null)",
    "validity": "valid_until > acted_on",
}
_AMENDMENT_CHECKS = {
    "action": "action in ('withdrawn','corrected','put_right','repaired')",
    "replaced_by": "(action = 'corrected') = (replaced_by_id is not null)",
}
_NEXT = sa.text("nextval('known_order')")
_KEPT = """
CREATE FUNCTION kept_as_entered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are added and never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$"""
_GUARDED = ("schemes", "records", "amendments")


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("known_order")))
    op.create_table(
        "schemes",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("document", _JSON, nullable=False),
        sa.Column("loaded_at", _TIME, nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.CheckConstraint("document ->> 'code' = code", name=op.f("ck_schemes_code")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_schemes")),
        sa.UniqueConstraint("effective_from", name=op.f("uq_schemes_effective_from")),
    )
    op.create_table(
        "projects",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("told_at", _TIME, nullable=False),
        sa.CheckConstraint("kind in ('residential','commercial')", name=op.f("ck_projects_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_projects")),
    )
    for column in ("kind", "street"):
        op.create_index(op.f(f"ix_projects_{column}"), "projects", [column])
    op.create_table(
        "holdings",
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("area", sa.Numeric(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("ends_on >= begins_on", name=op.f("ck_holdings_order")),
        sa.CheckConstraint("area > 0", name=op.f("ck_holdings_area")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_holdings_project_id")),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_holdings_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holdings")),
    )
    for column in ("project_id", "company_id"):
        op.create_index(op.f(f"ix_holdings_{column}"), "holdings", [column])
    _records()
    _amendments()
    op.execute(_KEPT)
    for table in _GUARDED:
        op.execute(
            f"CREATE TRIGGER kept_as_entered BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION kept_as_entered()"
        )


def _records() -> None:
    op.create_table(
        "records",
        sa.Column("seq", sa.BigInteger(), server_default=_NEXT, nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("acted_at", _TIME, nullable=False),
        sa.Column(
            "acted_on",
            sa.Date(),
            sa.Computed("(acted_at AT TIME ZONE 'Asia/Shanghai')::date", persisted=True),
            nullable=False,
        ),
        sa.Column("entered_at", _TIME, nullable=False),
        sa.Column("points", sa.Numeric(), nullable=True),
        sa.Column("units", sa.Integer(), server_default="1", nullable=False),
        sa.Column("share_part", sa.Integer(), nullable=True),
        sa.Column("share_whole", sa.Integer(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("area", sa.Numeric(), nullable=True),
        sa.Column("company_area", sa.Numeric(), nullable=True),
        sa.Column("company_projects", sa.Integer(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("origin_key", sa.Text(), nullable=False),
        sa.Column("recorder", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("division", sa.Text(), nullable=True),
        sa.Column("evidence", _JSON, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.CheckConstraint(text, name=op.f(f"ck_records_{name}")) for name, text in _RECORD_CHECKS.items()),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name=op.f("fk_records_company_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_records_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_records")),
        sa.UniqueConstraint("origin", "origin_key", name=op.f("uq_records_origin_origin_key")),
        sa.UniqueConstraint("seq", name=op.f("uq_records_seq")),
    )
    op.create_index("ix_records_company_id_item", "records", ["company_id", "item", "acted_on"])
    for column in ("project_id", "division"):
        op.create_index(op.f(f"ix_records_{column}"), "records", [column])


def _amendments() -> None:
    op.create_table(
        "amendments",
        sa.Column("seq", sa.BigInteger(), server_default=_NEXT, nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("replaced_by_id", sa.Uuid(), nullable=True),
        sa.Column("entered_at", _TIME, nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(
            sa.CheckConstraint(text, name=op.f(f"ck_amendments_{name}"))
            for name, text in _AMENDMENT_CHECKS.items()
        ),
        sa.ForeignKeyConstraint(["record_id"], ["records.id"], name=op.f("fk_amendments_record_id")),
        sa.ForeignKeyConstraint(
            ["replaced_by_id"], ["records.id"], name=op.f("fk_amendments_replaced_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendments")),
        sa.UniqueConstraint("record_id", "action", name=op.f("uq_amendments_record_id_action")),
        sa.UniqueConstraint("seq", name=op.f("uq_amendments_seq")),
    )
    op.create_index(
        "uq_amendments_taken_back",
        "amendments",
        ["record_id"],
        unique=True,
        postgresql_where="action in ('withdrawn','corrected')",
    )


def downgrade() -> None:
    for table in ("amendments", "records", "holdings", "projects", "schemes"):
        op.drop_table(table)
    op.execute("DROP FUNCTION kept_as_entered()")
    op.execute(sa.schema.DropSequence(sa.Sequence("known_order")))
