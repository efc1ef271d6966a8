"""How a credit statement is issued, and whether what it says still stands (P-2.3.2c)."""

from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from joserfc.jwk import KeySet
from pydantic import Field
from sqlalchemy import RowMapping, select

from kit.context import Context
from kit.events.event import Event
from kit.storage import db
from services.credit import signing
from services.credit.companies.models import Company
from services.credit.lists.work import rectification
from services.credit.records.amending import GONE
from services.credit.records.models import Amendment
from services.credit.schemes.work import the_scheme
from services.credit.scoring.statement import ScoreOf
from services.credit.scoring.work import Score, scores_of
from services.credit.statements.models import Statement, StatementRecord

CLAUSES: Final = ("P-2.3.2c",)
FORMAT: Final = "credit-statement/1"


class StatementIssued(Event, type="credit.statement.issued", title="出具信用证明"):
    """A credit statement was issued."""

    statement: UUID = Field(description="信用证明编号")
    company: UUID = Field(description="企业编号")


class Verdict(NamedTuple):
    """Whether a statement still stands, and what took its ground away: rows of record_id, action, entered_at."""

    state: Literal["valid", "revoked"]
    causes: list[RowMapping]


async def issue(context: Context, company: Company, keys: KeySet) -> Statement:
    """Issue a statement of a company's credit today, under the scheme in force. Raises: NotFound without a scheme."""
    scheme = await the_scheme(context.session, None, context.today)
    asked = ScoreOf(context.today, which=(company.id,), with_lines=True)
    [score] = await scores_of(context.session, scheme, asked)
    rectified = await rectification(context.session, [company.id], context.today)
    row = Statement(
        id=db.new_id(),
        company_id=company.id,
        name=company.name,
        uscc=company.uscc,
        as_of=context.today,
        scheme=scheme.code,
        score=score.total["score"],
        grade=score.total["grade"],
        key_rectification=company.id in rectified,
        issued_at=context.now,
        client=context.caller.by,
    )
    row.jws = signing.sign(keys, content(row))
    await _keep(context, row, score)
    context.record(StatementIssued(statement=row.id, company=company.id), str(row.id))
    return row


def content(row: Statement) -> dict[str, Any]:
    """What a statement says: of a company, and of no person."""
    return {
        "format": FORMAT,
        "jti": str(row.id),
        "name": row.name,
        "uscc": row.uscc,
        "as_of": str(row.as_of),
        "scheme": row.scheme,
        "score": str(row.score),
        "grade": row.grade,
        "key_rectification": row.key_rectification,
        "iat": int(row.issued_at.timestamp()),
    }


async def _keep(context: Context, row: Statement, score: Score) -> None:
    context.session.add(row)
    await context.session.flush()
    context.session.add_all(
        StatementRecord(statement_id=row.id, record_id=UUID(line.row["id"])) for line in score.lines
    )


async def standing(context: Context, id: UUID) -> Verdict:
    """Whether a statement still stands: not where a record behind it was withdrawn, corrected or repaired since."""
    query = (
        select(Amendment.record_id, Amendment.action, Amendment.entered_at)
        .join(StatementRecord, StatementRecord.record_id == Amendment.record_id)
        .where(StatementRecord.statement_id == id, Amendment.action.in_(GONE))
        .order_by(Amendment.seq)
    )
    causes = list((await context.session.execute(query)).mappings())
    return Verdict("revoked" if causes else "valid", causes)


async def signed(context: Context, keys: KeySet, text: str) -> Statement | None:
    """The statement that a signed text is; None of one that we did not give out."""
    told = signing.opened(keys, text)
    try:
        id = UUID(str(told["jti"])) if told is not None else None
    except (KeyError, ValueError):
        return None
    row = None if id is None else await context.session.get(Statement, id)
    return row if row is not None and row.jws == text else None
