"""A request goes to another service: through the gateway, which knows whose its matter is; both keep the other's number."""

from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request
from pydantic import BaseModel, ValidationError

from kit.asking import Asking
from kit.context import Context
from kit.dispatch.moves import CLAUSE
from kit.dispatch.tables import DispatchRequest
from kit.settings import OtherService
from kit.web.problems import FieldError, Invalid, Unavailable

#: Seconds that the other service may take; the request is locked meanwhile.
PATIENCE: Final = 8.0
#: Statuses of a refusal that says nothing of the request, beside those of faults.
UNANSWERED: Final = (401, 403, 429)
#: What to do first with a request that tells no place, before it goes to a matter that needs one.
PLACELESS: Final = "请先用“补充地点”（place）填写本件诉求的地点，再转办。"


class _Taken(BaseModel):
    number: str


class _Refused(BaseModel):
    type: str = ""
    detail: str


class _Fault(BaseModel):
    pointer: str


class _Faults(BaseModel):
    errors: list[_Fault]


@dataclass(frozen=True)
class HandingOn:
    """How requests are handed on."""

    asking: Asking

    @classmethod
    def of(cls, request: Request, gateway: OtherService | None) -> "HandingOn":
        """For an endpoint; gateway: None where a deployment names none."""
        return cls(Asking.of(request, gateway))

    async def hand_on(
        self, context: Context, request: DispatchRequest, matter: str, urgency: str | None
    ) -> str:
        """The number that the other service gives it, the same however often it is handed on.

        urgency: where it is more urgent than its matter makes it.

        Raises: Unavailable; Invalid with what the other service refused it for.
        """
        body = _body(context, request) | {"matter": matter, "urgency": urgency}
        answered = {"details": request.details} if request.details else {}
        answer = await self.asking.post("/dispatch/v1/requests", body | answered, PATIENCE)
        if answered and answer is not None and answer.status_code == 422 and _of_details(answer.content):
            # Another matter asks something else: the citizen is not to be asked again for that.
            answer = await self.asking.post("/dispatch/v1/requests", body, PATIENCE)
        if answer is None or answer.status_code >= 500 or answer.status_code in UNANSWERED:
            raise Unavailable(
                "cannot-hand-on",
                "承接的服务暂时没有应答，诉求仍在原单位，请稍后重新转办；承接的服务如已受理，会自动补记。",
            )
        if answer.status_code >= 400:
            raise _refused(answer.content)
        try:
            return _Taken.model_validate_json(answer.content).number
        except ValidationError:
            raise Unavailable(
                "cannot-hand-on", "承接的服务没有给出编号，诉求仍在原单位，请稍后重新转办。"
            ) from None


def _of_details(answer: bytes) -> bool:
    """Whether a body was refused for its details alone."""
    try:
        faults = _Faults.model_validate_json(answer).errors
    except ValidationError:
        return False
    return bool(faults) and all(f"{each.pointer}/".startswith("/details/") for each in faults)


def _refused(answer: bytes) -> Invalid:
    try:
        refused = _Refused.model_validate_json(answer)
        why = refused.detail + (PLACELESS if refused.type.endswith("place-needed") else "")
    except ValidationError:  # from something on the way
        why = "未说明原因"
    return Invalid(
        "not-taken-there",
        f"承接的服务没有接收：{why}",
        errors=[FieldError(pointer="/matter", reason="请核对事项，或先补齐它要求的内容")],
        clauses=(CLAUSE,),
    )


def _body(context: Context, request: DispatchRequest) -> dict[str, Any]:
    cipher = context.cipher
    citizen = {
        "name": cipher.open(request.citizen_name) if request.citizen_name else None,
        "phone": cipher.open(request.citizen_phone) if request.citizen_phone else None,
    }
    return {
        "summary": request.summary,
        "description": request.description,
        "division": request.division,
        "address": request.address,
        "compound": str(request.compound) if request.compound else None,
        "coordinates": request.coordinates,
        "citizen": citizen,
        "source": request.source,
        "external_number": request.external_number or request.number,  # so that doing it again is the same
        "received_at": request.received_at.isoformat(),
        "occurred_at": request.occurred_at.isoformat() if request.occurred_at else None,
        "secret": request.secret,
        "attachments": request.attachments,
        "source_fields": request.source_fields,
        "handed_on": {"number": request.number, "client": request.client or "unknown"},
    }
