"""Endpoints of credit statements for tenders (P-2.3.2c): issued, read, printed and verified."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Path, Request
from fastapi.responses import HTMLResponse
from joserfc.jwk import KeySet
from pydantic import Field

from kit.context import Context
from kit.district.clock import LocalTime
from kit.storage import db
from kit.web import routes
from kit.web.access import requires
from kit.web.ownership import Whose
from kit.web.problems import Unavailable, problems
from kit.web.routes import clauses
from kit.web.shapes import Answer, Body, Grounded
from services.credit import signing
from services.credit.companies.whose import CompanyKey, the_company
from services.credit.plan.evaluation import COMPANY
from services.credit.plan.roles import CENTRE, WRITER
from services.credit.records.shapes import Exact
from services.credit.settings import CreditSettings
from services.credit.statements import page, work
from services.credit.statements.models import Statement
from services.credit.window import Public

StatementId = Annotated[UUID, Path(description="信用证明编号")]
NO_SUCH_STATEMENT = "没有这份信用证明，请核对编号。"
_STATES = "valid 有效，revoked 已失效：所依据的信用信息此后撤回、更正或修复"


class CauseOut(Answer, title="信用证明失效的原因"):
    """What took a statement's ground away (失效原因)."""

    record: UUID = Field(description="信用信息编号")
    action: Literal["withdrawn", "corrected", "repaired"] = Field(
        description="withdrawn 撤回，corrected 更正，repaired 信用修复"
    )
    at: LocalTime = Field(description="时间")


class StatementOut(Grounded, title="信用证明", clauses=work.CLAUSES):
    """A credit statement (信用证明)."""

    id: UUID = Field(description="信用证明编号")
    name: str = Field(description="企业名称", examples=["某某物业服务有限公司（虚构）"])
    uscc: str | None = Field(description="统一社会信用代码；当时没有的为空", examples=["91110000600037341L"])
    as_of: date = Field(description="截至哪一天的情况")
    scheme: str = Field(description="所用评价方案", examples=["default-2026-1"])
    score: Exact = Field(description="得分", examples=["82.00"])
    grade: str = Field(description="信用等级", examples=["AA"])
    key_rectification: bool = Field(description="是否为重点整改企业")
    issued_at: LocalTime = Field(description="出具时间")
    state: Literal["valid", "revoked"] = Field(description=f"现在的状态：{_STATES}")
    causes: list[CauseOut] = Field(description="失效的原因；有效的为空表")
    address: str = Field(
        description="供打印和核验的页面，即二维码的内容",
        examples=["https://credit.example/credit/v1/statements/01990000-0000-7000-8000-000000000001/page"],
    )
    jws: str = Field(
        description="签名的信用证明（JWS 紧凑格式，ES256），公钥见 /credit/v1/statements/keys",
        examples=["eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl"],
    )


class VerifyIn(Body, title="核验信用证明", example={"statement": "eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl"}):
    """A signed statement that somebody was given."""

    statement: str = Field(min_length=1, max_length=5000, description="信用证明的 JWS 原文")


class VerifiedOut(Grounded, title="信用证明核验结果", clauses=work.CLAUSES):
    """Whether a signed statement is ours and still stands (核验结果)."""

    state: Literal["valid", "revoked", "unknown"] = Field(
        description=f"{_STATES}；unknown 签名不符，或没有这份信用证明"
    )
    checked_at: LocalTime = Field(description="核验时间")
    as_of: date | None = Field(description="信用证明截至哪一天；unknown 的为空")
    scheme: str | None = Field(description="所用评价方案；unknown 的为空", examples=["default-2026-1"])
    statement: StatementOut | None = Field(description="信用证明；unknown 的为空")
    causes: list[CauseOut] = Field(description="失效的原因；其他为空表")


class KeyOut(Answer, title="公钥"):
    """A public key that statements are checked with, as a JWK (公钥)."""

    kty: str = Field(description="种类", examples=["EC"])
    crv: str = Field(description="曲线", examples=["P-256"])
    x: str = Field(description="横坐标，base64url", examples=["wyvDks-sVztpWCG7v-Ta6NT8k7bb_mCRQkSA2cnySfQ"])
    y: str = Field(description="纵坐标，base64url", examples=["qEeMmfFyZBXa1nBwLoQ41hi-1dBuAKXc4IB-KsFkqAs"])
    kid: str = Field(description="编号", examples=["NYz4VffamXmukCumznUOYqTwSQPywDHg9yifaQ0u_08"])
    use: str = Field(description="用途", examples=["sig"])
    alg: str = Field(description="算法", examples=["ES256"])


class KeysOut(Answer, title="公钥集"):
    """The public keys as a JWK set (公钥集)."""

    keys: list[KeyOut] = Field(description="公钥；没有配置签名密钥的为空表")


def _settings(request: Request) -> CreditSettings:
    settings: CreditSettings = request.app.state.settings
    return settings


Settings = Annotated[CreditSettings, Depends(_settings)]
router = routes.router("信用证明")


def keys_of(settings: CreditSettings) -> KeySet:
    """The keys that statements are signed and checked with; none where none is set."""
    key = settings.statement_key
    return KeySet([]) if key is None else signing.read_keys(key.get_secret_value())


def _shown(row: Statement, told: work.Verdict, settings: CreditSettings) -> StatementOut:
    return StatementOut.of(row, state=told.state, causes=_causes(told), address=_address(row, settings))


def _causes(told: work.Verdict) -> list[CauseOut]:
    return [
        CauseOut(record=each["record_id"], action=each["action"], at=each["entered_at"])
        for each in told.causes
    ]


def _address(row: Statement, settings: CreditSettings) -> str:
    return f"{settings.public_url}/credit/v1/statements/{row.id}/page"


@router.post(
    "/companies/{uscc}/statements",
    status_code=201,
    summary="出具信用证明",
    description="按今天的信用得分和施行的评价方案出具签名的信用证明，供招投标、选聘和政府采购使用；由企业自己、区住房保障综合服务中心、"
    "牵头招标的街道（镇）或部门申请。所依据的信用信息此后撤回、更正或修复的，证明随之失效。",
    responses=problems(404),
    openapi_extra=clauses(*work.CLAUSES),
)
async def issue_statement(
    uscc: CompanyKey,
    context: Annotated[Context, requires(one_of=(WRITER, CENTRE, COMPANY), whose=Whose.PLACES)],
    settings: Settings,
) -> StatementOut:
    """Issue a statement of a company's credit as of today."""
    company = await the_company(context, uscc)
    keys = keys_of(settings)
    if not keys.keys:
        raise Unavailable(
            "no-statement-key",
            "本系统没有配置签名密钥，不能出具信用证明，请联系管理员。",
            clauses=work.CLAUSES,
        )
    row = await work.issue(context, company, keys)
    return _shown(row, work.Verdict("valid", []), settings)


@router.get(
    "/statements/keys",
    summary="读取信用证明的公钥",
    description="核对信用证明签名的公钥（JWKS），向所有人公开。",
    responses=problems(429),
    openapi_extra=clauses(*work.CLAUSES),
)
async def read_statement_keys(_context: Public, settings: Settings) -> KeysOut:
    """The public keys, as a JWK set."""
    return KeysOut(keys=[KeyOut(**each) for each in signing.published(keys_of(settings))])


@router.get(
    "/statements/{id}",
    summary="查看信用证明",
    description="信用证明的内容和现在的状态；持有编号的都可以查看，不含个人信息。",
    responses=problems(404, 429),
    openapi_extra=clauses(*work.CLAUSES),
)
async def read_statement(id: StatementId, context: Public, settings: Settings) -> StatementOut:
    """A statement, for whoever was given its address."""
    row = await db.found(context.session, Statement, id, NO_SUCH_STATEMENT)
    return _shown(row, await work.standing(context, id), settings)


@router.get(
    "/statements/{id}/page",
    summary="打印信用证明",
    description="供打印的页面（A4），附本页地址的二维码；打开时写明现在是否有效。",
    response_class=HTMLResponse,
    responses=problems(404, 429),
    openapi_extra=clauses(*work.CLAUSES),
)
async def print_statement(id: StatementId, context: Public, settings: Settings) -> Any:
    """A statement as a page that prints."""
    row = await db.found(context.session, Statement, id, NO_SUCH_STATEMENT)
    return page.shown(row, await work.standing(context, id), _address(row, settings))


@router.post(
    "/statements/verify",
    summary="核验信用证明",
    description="向所有人开放：有效；已失效并说明哪一条信用信息何时撤回、更正或修复；或签名不符、没有这份证明。"
    "写明证明截至哪一天、按哪个评价方案。",
    responses=problems(429),
    openapi_extra=clauses(*work.CLAUSES),
)
async def verify_statement(body: VerifyIn, context: Public, settings: Settings) -> VerifiedOut:
    """Whether a signed statement is ours and still stands."""
    row = await work.signed(context, keys_of(settings), body.statement)
    if row is None:
        context.audit("credit.statement.verified", "unknown", state="unknown")
        return VerifiedOut.of(
            state="unknown", checked_at=context.now, as_of=None, scheme=None, statement=None, causes=[]
        )
    told = await work.standing(context, row.id)
    context.audit("credit.statement.verified", str(row.id), state=told.state)
    return VerifiedOut.of(
        state=told.state,
        checked_at=context.now,
        as_of=row.as_of,
        scheme=row.scheme,
        statement=_shown(row, told, settings),
        causes=_causes(told),
    )
