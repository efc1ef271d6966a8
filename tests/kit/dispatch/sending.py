"""Requests of the office and of two matters of the test's own, sent, acted on and read."""

from dataclasses import replace

from kit.dispatch.limits import Limit
from kit.dispatch.matters import Matter
from kit.web.problems import Conflict
from services.office.app import service as office_service

STREET_MATTER = Matter(
    code="street-lamp",
    name="路灯",
    unit=None,
    limit=Limit(same_day=True),
    source="默认值",
    clauses=("P-2.2.2b",),
)
PHONE, NAME = "13812345678", "张建国"


async def becomes_a_case(context, request):
    """What a matter's hook makes of a request."""
    if request.summary == "refuse":
        raise Conflict("refused", "不受理。")
    return f"CASE-{request.summary}"


CASE_MATTER = replace(STREET_MATTER, code="case", name="案件", limit=Limit(hours=2), taken=becomes_a_case)
service = replace(office_service, matters=(*office_service.matters, STREET_MATTER, CASE_MATTER))


def send(caller, **changes):
    body = {"matter": "government-affairs", "summary": "咨询办事流程", "division": "天骄街道"} | changes
    return caller.post("/dispatch/requests", json=body)


def fill(running, since, state="received"):
    """20,000 requests of the government office, one every four hours after a day's beginning."""
    running.sql(
        "INSERT INTO dispatch_requests (id, number, source, matter, summary, description, details, source_fields,"
        " attachments, urgency, alarm, secret, grams, received_at, recorded_at, updated_at, unit, handling, due_at,"
        " due_provisional, state, units, redos, appeals, version)"
        " SELECT gen_random_uuid(), 'N' || i, '12345', 'government-affairs', 'x', '', '{}', '{}', '{}', 'normal', '{}',"
        " false, '{}', t, t, t, 'government-office', 'dispatched', t, false, %s, 1, 0, 0, 1"
        " FROM generate_series(1, 20000) i, LATERAL (SELECT %s::timestamptz + i * interval '4 hours' AS t) _",
        state,
        f"{since} 00:00+08",
    )


def act(caller, number, action, note=None):
    body = {} if note is None else {"json": {"note": note}}
    return caller.post(f"/dispatch/requests/{number}/{action}", **body)


def read(caller, number, **params):
    answer = caller.get(f"/dispatch/requests/{number}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def slug(answer):
    return answer.status_code, answer.json()["type"].removeprefix("urn:dongsheng:problem:")


def listed(caller, **params):
    answer = caller.get("/dispatch/requests", params=params)
    assert answer.status_code == 200, answer.text
    return [request["number"] for request in answer.json()["items"]]
