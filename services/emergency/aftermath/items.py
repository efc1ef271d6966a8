"""What is to be settled after a response, beyond what every accident leaves behind (E-5.1)."""

from collections.abc import Sequence

from kit.web.problems import Conflict, FieldError, Invalid
from services.emergency.assignments.work import give_out
from services.emergency.case.case import Case
from services.emergency.plan.assignments import Kind
from services.emergency.plan.catalogue import catalogue
from services.emergency.response.work import response_of


async def choose_items(case: Case, ids: Sequence[str]) -> None:
    """Give further entries of the catalogue to their owners, once the response has ended (E-5.1).

    Raises: Conflict before that; Invalid for an unknown id.
    """
    response = await response_of(case)
    if response is None or response.state != "ended":
        raise Conflict("response-not-ended", "后期处置在响应终止之后进行，请先终止响应。", clauses=("E-5.1",))
    known = {entry.id: entry for entry in catalogue().aftermath}
    unknown = [
        FieldError(pointer=f"/entries/{position}", reason=f"没有事项 {id}，可用：{'、'.join(known)}。")
        for position, id in enumerate(ids)
        if id not in known
    ]
    if unknown:
        raise Invalid("unknown-entry", "有事项不在后期处置目录中，请核对编号。", errors=unknown)
    chosen = [known[id] for id in ids]
    await give_out(case, Kind.AFTERMATH, chosen)
    case.happened("aftermath", f"增加后期处置事项：{'、'.join(entry.does for entry in chosen)}", "E-5.1")
