"""Where clients get their tokens, and the keys to check them.

By OAuth 2.0's client credentials (RFC 6749 4.4), and for one of a client's people by an assertion (RFC 7523 2.1).
"""

import asyncio
import base64
import binascii
import hashlib
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import parse_qs, unquote_plus

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field, SecretStr

from gateway import routes
from gateway.assertions import GRANT, Accepted, Assertions
from gateway.clients import NOBODY, Client, Clients, matches
from gateway.keys import SigningKey
from gateway.limits import Limiter, address
from gateway.refused import NO_STORE, Refused
from gateway.settings import GatewaySettings
from kit.logs import log
from kit.web.caller import Caller
from kit.web.problems import TooLarge, problems
from kit.web.shapes import Answer, Shape
from kit.web.tokens import sign

_MAX_FORM = 16 * 1024


class TokenIn(
    Shape,
    title="领取令牌的表单",
    example={"grant_type": "client_credentials", "client_id": "hotline", "client_secret": "由管理员发给"},
):
    """The form by which a client asks for a token (领取令牌的表单), RFC 6749 4.4.2 and RFC 7523 2.1."""

    grant_type: Literal["client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"] = Field(
        description="领取的方式：client_credentials 凭密钥，jwt-bearer 凭断言为某个人领取"
    )
    client_id: str = Field(default="", description="客户端编号；用 HTTP Basic 或断言时不填")
    client_secret: SecretStr = Field(default=SecretStr(""), description="密钥；用 HTTP Basic 或断言时不填")
    assertion: str = Field(
        default="",
        description="断言，凭断言领取时必填：客户端用登记的 Ed25519 密钥签名的 JWT，写明是谁（sub、name）、所属单位"
        "（unit）、所限的街道（镇）或企业（division、company）和权限（scope），aud 为令牌的签发者，60 秒内有效，只能用一次",
    )
    scope: str = Field(default="", description="所要的权限，以空格分隔；不填为全部")


class TokenOut(Answer, title="令牌"):
    """A token (令牌), RFC 6749 5.1."""

    access_token: str = Field(
        description="令牌", examples=["eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJob3RsaW5lIn0.c2ln"]
    )
    token_type: Literal["Bearer"] = Field(description="令牌的用法，放入 Authorization: Bearer 请求头")
    expires_in: int = Field(description="有效期，秒", examples=[3600])
    scope: str = Field(description="所得的权限，以空格分隔", examples=["dispatch:read dispatch:write"])


class TokenRefusedOut(Answer, title="不发令牌的原因"):
    """Why there is no token (不发令牌的原因), RFC 6749 5.2."""

    error: str = Field(description="RFC 6749 规定的错误代码", examples=["invalid_client"])
    error_description: str = Field(description="英文说明", examples=["unknown client or wrong secret"])
    detail: str = Field(description="说明以及应当怎么做", examples=["客户端编号或密钥不对，请核对后重试。"])


class KeyOut(Answer, title="验签公钥"):
    """A public key by which tokens are checked (验签公钥), RFC 7517 4 and RFC 7518 6.3."""

    kty: Literal["RSA"] = Field(description="密钥类型")
    kid: str = Field(
        description="密钥编号，与令牌中的相同", examples=["NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"]
    )
    n: str = Field(
        description="模数，base64url", examples=["0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4"]
    )
    e: str = Field(description="公开指数，base64url", examples=["AQAB"])


class KeysOut(Answer, title="全部验签公钥"):
    """Every public key by which tokens are checked (全部验签公钥), RFC 7517 5."""

    keys: list[KeyOut] = Field(description="公钥")


@dataclass(frozen=True)
class _Credentials:
    id: str
    secret: str
    basic: bool


class Issuer:
    """Gives out tokens; at most two secrets are checked at a time, as each takes 16 MB and some 50 ms.

    assertions: takes what clients sign for their people.
    """

    def __init__(
        self, settings: GatewaySettings, clients: Clients, key: SigningKey, assertions: Assertions
    ) -> None:
        self._settings, self._clients, self._key = settings, clients, key
        self.assertions = assertions
        self._checking = asyncio.Semaphore(2)

    async def issue(self, credentials: _Credentials, wanted: str) -> dict[str, Any]:
        """The token answer of RFC 6749 5.1 for a client and the scopes that it wants, all of its own if none."""
        client = await self._authenticated(credentials)
        asked = frozenset(wanted.split())
        if beyond := sorted(asked - client.scopes):
            raise Refused(
                "invalid_scope",
                "the client may not have: " + " ".join(scope for scope in beyond if scope.isascii()),
                f"客户端 {credentials.id} 没有权限 {'、'.join(beyond)}，请向管理员申请。",
            )
        scopes = asked or client.scopes
        lifetime = client.lifetime or self._settings.token_lifetime
        return self._given(client.caller(credentials.id, scopes), lifetime)

    def issue_to_person(self, accepted: Accepted, wanted: str) -> dict[str, Any]:
        """The token answer for a person of a client, and the scopes that are wanted of the person's, all if none."""
        caller = accepted.caller
        if wanted:
            caller = replace(caller, scopes=caller.scopes & frozenset(wanted.split()))
        if not caller.scopes:
            raise Refused(
                "invalid_scope",
                "none of the scopes is the client's to give",
                f"客户端 {caller.client} 无权给出所要的任何权限，请向管理员申请。",
            )
        return self._given(caller, accepted.lifetime)

    def _given(self, caller: Caller, lifetime: int) -> dict[str, Any]:
        token = sign(caller, self._key.current(), self._settings, lifetime)
        log.info("token-issued", client=caller.client, person=caller.person is not None)
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": lifetime,
            "scope": " ".join(sorted(caller.scopes)),
        }

    async def _authenticated(self, credentials: _Credentials) -> Client:
        client = self._clients.get(credentials.id)
        hashed = client.hashed if client else NOBODY
        async with self._checking:
            right = await asyncio.to_thread(matches, credentials.secret, hashed)
        if client is None or not right:
            log.warning("client-refused", known=client is not None)
            raise Refused(
                "invalid_client",
                "unknown client or wrong secret",
                "客户端编号或密钥不对，请核对后重试。",
                status=401,
            )
        return client


_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": TokenRefusedOut, "description": "请求有误"},
    401: {"model": TokenRefusedOut, "description": "客户端编号或密钥不对"},
}


def router(issuer: Issuer, limiter: Limiter, settings: GatewaySettings) -> APIRouter:
    """The endpoints below `/auth/v1`."""
    own = routes.router("/auth/v1", "令牌")

    @own.post(
        "/token",
        summary="领取令牌",
        description="客户端用编号和密钥换取令牌（OAuth 2.0 客户端凭证方式）。编号和密钥放在表单里，或用 HTTP Basic。"
        "用 scope 可以只要其中一部分权限。令牌放入之后每个请求的 Authorization: Bearer 请求头。"
        "登记了断言密钥的客户端，用签名的断言（RFC 7523）为它的每个人各领一个令牌，最长 5 分钟；"
        "权限以该客户端的为限，之后的记录写明此人。",
        response_model=TokenOut,
        responses=_REFUSALS | problems(413, 429),
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/x-www-form-urlencoded": {"schema": TokenIn.model_json_schema()}},
            }
        },
    )
    async def issue_token(request: Request) -> Response:
        authorization = request.headers.get("authorization")
        basic = (authorization or "").lower().startswith("basic ")
        try:
            form, accepted = await read(request)
            wanted = form.get("scope", "")
            if accepted is not None:
                return JSONResponse(issuer.issue_to_person(accepted, wanted), headers=NO_STORE)
            credentials = _credentials(authorization, form)
            return JSONResponse(await issuer.issue(credentials, wanted), headers=NO_STORE)
        except Refused as refused:
            return refused.response(challenge=basic and refused.status == 401)

    async def read(request: Request) -> tuple[dict[str, str], Accepted | None]:
        """The form, and what came of a good assertion, which its client is counted for; else the address is."""
        try:
            form = await _form(request)
            by_assertion = form["grant_type"] == GRANT
            accepted = issuer.assertions.accept(_assertion(request, form)) if by_assertion else None
        except (Refused, TooLarge):
            request.state.quota = limiter.admit(address(request))
            raise
        request.state.quota = accepted.quota if accepted else limiter.admit(address(request))
        return form, accepted

    @own.get(
        "/jwks.json",
        summary="令牌验签公钥",
        description="JWKS（RFC 7517）。其他系统可用它自行核验令牌；遇到不认识的 kid 时应重新读取，更换密钥时新公钥先在此公布。",
        response_model=KeysOut,
    )
    async def read_keys() -> Response:
        keys = await asyncio.to_thread(settings.token_jwks.read_bytes)
        headers = {
            "Cache-Control": "public, max-age=300",
            "ETag": f'"{hashlib.sha256(keys).hexdigest()[:32]}"',
        }
        return Response(keys, media_type="application/json", headers=headers)

    return own


async def _form(request: Request) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Refused(
            "invalid_request",
            "the body must be application/x-www-form-urlencoded",
            "请用 application/x-www-form-urlencoded 表单提交。",
        )
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_FORM:
            raise TooLarge("body-too-large", "领取令牌的表单太大。")
    try:
        fields = parse_qs(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body), errors="strict"
        )
    except ValueError:
        raise Refused("invalid_request", "the form cannot be read", "表单无法识别，请检查格式。") from None
    if repeated := sorted(name for name, values in fields.items() if len(values) > 1):
        raise Refused(
            "invalid_request", "a parameter is repeated", f"表单中有重复的项：{'、'.join(repeated)}。"
        )
    # An empty parameter counts as one left out (RFC 6749 3.2).
    form = {name: values[0] for name, values in fields.items() if values[0]}
    grant = form.get("grant_type")
    if grant is None:
        raise Refused(
            "invalid_request", "grant_type is missing", "缺少 grant_type，请填 client_credentials。"
        )
    if grant not in ("client_credentials", GRANT):
        raise Refused(
            "unsupported_grant_type",
            f"only client_credentials and {GRANT} are supported",
            f"grant_type 只支持 client_credentials 和 {GRANT}。",
        )
    return form


def _assertion(request: Request, form: dict[str, str]) -> str:
    """The assertion of a form, which is all that proves who asks. Raises: Refused."""
    if "authorization" in request.headers or "client_secret" in form:
        raise Refused(
            "invalid_request", "an assertion and a secret", "凭断言领取令牌时不用密钥，请只用一种方式。"
        )
    if "assertion" not in form:
        raise Refused("invalid_request", "assertion is missing", "缺少 assertion，请填签名的断言。")
    return form["assertion"]


def _credentials(authorization: str | None, form: dict[str, str]) -> _Credentials:
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        if "client_id" not in form or "client_secret" not in form:
            raise _no_client("缺少 client_id 或 client_secret。")
        return _Credentials(form["client_id"], form["client_secret"], basic=False)
    if "client_secret" in form:
        raise Refused(
            "invalid_request",
            "credentials in both the header and the form",
            "密钥不能同时放在请求头和表单里，请只用一种方式。",
        )
    try:
        id, colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise _no_client("Authorization: Basic 请求头无法识别。") from None
    if not colon:
        raise _no_client("Authorization: Basic 请求头里没有密钥。")
    return _Credentials(unquote_plus(id), unquote_plus(secret), basic=True)


def _no_client(detail: str) -> Refused:
    return Refused("invalid_client", "the client did not say who it is", detail, status=401)
