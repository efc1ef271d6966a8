"""How units report, and what they owe, in tests."""

from datetime import datetime

from kit.district.clock import SHANGHAI

MEDICINE = "traditional-medicine"
PLAN = "property-three-year"
REPORT = {"text": "已开展检查", "as_of": "2024-06-20"}
WRITTEN = {**REPORT, "due_on": "2024-06-30"}


def moment(text):
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def report(caller, measure="5.1", programme=MEDICINE, **changes):
    body = {**(WRITTEN if programme == MEDICINE else REPORT), **changes}
    return caller.post("/progress-reports", json={"programme_id": programme, "measure": measure, **body})


def refused(answer, status, slug, pointer=None):
    problem = answer.json()
    assert (answer.status_code, problem["type"].rpartition(":")[2]) == (status, slug), problem
    if pointer is not None:
        assert [each["pointer"] for each in problem["errors"]] == [pointer]
    return problem


def owes(caller, programme=MEDICINE, **params):
    answer = caller.get("/owed", params={"programme": programme, "limit": 500, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def of_unit(caller, unit, **params):
    return [
        (each["due_on"], each["standing"], each["days_late"]) for each in owes(caller, unit=unit, **params)
    ]
