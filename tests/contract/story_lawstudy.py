"""The law study service's story: plans and their versions, sessions with their texts, who attended."""

from typing import Any

from services.lawstudy.plan.roles import DEPARTMENT, GOVERNMENT, JUSTICE, OFFICE
from tests.contract.writes import Writes
from tests.lawstudy.documents import letter

#: The roles of whoever takes a step.
ROLES = (JUSTICE, GOVERNMENT, OFFICE, DEPARTMENT)


def plans(writes: Writes) -> None:
    """A draft that is returned and withdrawn, and an adjustment of 2024 that comes into force."""
    made = writes.post("/plans")
    draft = f"/plans/{made['year']}/versions/{made['version']}"
    writes.put(draft)
    writes.post(f"{draft}/submit")
    writes.post(f"{draft}/return")
    writes.post(f"{draft}/withdraw")
    adjusted = writes.places["/plans/{year}/versions/{version}"] = "/plans/2024/versions/2"
    writes.places["/plans/{year}"] = "/plans/2024"
    writes.post("/plans/2024/versions")
    for action in ("submit", "approve", "return", "submit", "approve", "issue"):
        writes.post(f"{adjusted}/{action}")


def session_of(writes: Writes, topic: str) -> str:
    """The path of the session that studies a topic."""
    rows = writes.caller.get("/sessions", params={"limit": 100}).json()["items"]
    found: list[dict[str, Any]] = [
        row for row in rows if topic in {each["topic_id"] for each in row["topics"]}
    ]
    return f"/sessions/{found[0]['id']}"


def sessions(writes: Writes) -> None:
    """Meetings, a session that is dated, put off, cancelled and taken back, and one that is held."""
    meeting = writes.register("/meetings", number=None, held_on="2024-06-24")
    writes.put("/holiday-notices/2027")
    study = session_of(writes, "2024-P2")
    writes.places["/sessions/{id}"] = study
    writes.post(f"{study}/schedule", meeting=meeting)
    writes.post(f"{study}/postpone")
    writes.post(f"{study}/schedule", meeting=meeting)
    writes.post(f"{study}/cancel")
    writes.post(f"{study}/reinstate")
    writes.post(f"{study}/schedule", meeting=meeting)
    lecture = f"/sessions/{writes.post('/sessions')['id']}"
    writes.post(f"{lecture}/speaker")
    writes.post(f"{study}/delegate")
    text = texts(writes, study)
    writes.places["/texts/{id}"] = f"/texts/{text}"
    writes.post(f"{study}/ready")
    writes.post(f"{study}/hold")
    writes.post(f"{study}/reopen")
    writes.post(f"{study}/hold")
    registers_of_law_study(writes)
    attendance(writes, study)


def texts(writes: Writes, study: str) -> str:
    """A text that is returned, and one that passes."""
    bureau = writes.running.client("lawstudy:read", DEPARTMENT, unit="emergency-bureau", name="bureau")

    def hand_in(said: str) -> dict[str, Any]:
        files = {"file": ("讲稿.docx", letter(said))}
        found: dict[str, Any] = writes.send(
            "post", f"{study}/texts", bureau, files=files, data={"local": "已开展"}
        )
        writes.post(f"{study}/review")
        return found

    hand_in("初稿")
    writes.post(f"{study}/return")
    passed = hand_in("改稿")
    writes.post(f"{study}/pass", sha256=passed["sha256"])
    return str(passed["id"])


def registers_of_law_study(writes: Writes) -> None:
    """Who takes part by post, what somebody studied alone, and the study systems of other units."""
    writes.register("/members", begins_on="2024-06-01")
    writes.register("/self-study", member_id=member_of(writes, "韩涛"))
    system = f"/study-systems/{writes.register('/study-systems')}"
    writes.send("post", f"{system}/file", files={"file": ("学法制度.docx", letter("学法制度"))})


def member_of(writes: Writes, name: str) -> str:
    """The id of somebody in the register."""
    [row] = writes.caller.get("/members", params={"name": name}).json()["items"]
    return str(row["id"])


def attendance(writes: Writes, study: str) -> None:
    """Who was at a session: recorded, put right, made up for, taken back."""
    writes.post(
        f"{study}/attendance",
        attendees=[{"member": member_of(writes, "韩涛")}, {"unit": "区住建局", "kind": "extended"}],
    )
    shown = writes.caller.get(f"{study}/attendance").json()["attendees"]
    head, department = (f"/attendance-records/{each['id']}" for each in shown if each["id"])
    writes.put(head)
    writes.post(f"{head}/make-up", day="2024-06-24")
    writes.post(f"{department}/withdraw")
    writes.places["/attendance-records/{id}"] = head


def calendar(writes: Writes) -> None:
    """A member's own calendar: its address given, taken back, and given again."""
    member = writes.caller.get("/members").json()["items"][0]["id"]
    address = f"/members/{member}/calendar-address"
    writes.send("put", address)
    writes.send("delete", address)
    given = writes.send("put", address)["path"]
    writes.places["/members/{id}/calendar-address"] = address
    writes.places["/calendars/{token}.ics"] = given.removeprefix("/lawstudy/v1")
