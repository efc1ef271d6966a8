"""An exercise runs on the same engine, is marked everywhere, and never looks like the real thing outside."""

import io
import zipfile

import pytest

from kit.events.subscriptions import wanted
from services.emergency.assignments.work import remind
from services.emergency.clocks.work import scan
from services.emergency.plan import roles


@pytest.fixture
def incident(emergency) -> str:
    """An exercise that has gone most of the way."""
    incident = emergency.report(exercise=True, reporter="unit", latitude=39.8, longitude=109.9)
    emergency.start(incident)
    emergency.tell(incident, deaths=3)
    emergency.move(emergency.office, f"{incident}/response/adjust", level="III", reason="x")
    emergency.office.post(
        f"{incident}/field-headquarters", json={"place": "演练场", "groups": ["综合协调组"]}
    )
    force = emergency.move(emergency.field, f"{incident}/forces", 201, name="救护队", persons=6)
    emergency.move(emergency.field, f"{incident}/withdrawals", 201, reason="x")
    emergency.move(emergency.field, f"{incident}/plans", 201, text="x")
    release = emergency.move(emergency.publicity, f"{incident}/releases", 201, title="通报", text="x")
    city = emergency.role(roles.RELEASE_CITY)
    emergency.move(city, f"/releases/{release['id']}/approve", revision=1, document="函")
    emergency.move(emergency.publicity, f"/releases/{release['id']}/publish", channels=["网站"])
    emergency.move(emergency.office, f"{incident}/costs", 201, what="油料", by_whom="x", amount_yuan="1.00")
    emergency.move(emergency.office, f"{incident}/findings", 201, kind="late", about="x", evidence="y")
    moved = {"what": "头盔", "why": "抢救", "stood_at": "巷口", "moved_to": "井上", "recorded_how": "拍照"}
    emergency.move(emergency.field, f"{incident}/evidence", 201, **moved)
    supply = emergency.move(
        emergency.duty,
        "/supplies",
        201,
        name="支柱",
        category="equipment",
        measure="根",
        stock=4,
        keeper="区应急管理局",
        place="库",
    )
    use = emergency.move(
        emergency.field, f"{incident}/resources", 201, supply=supply["id"], amount=1, purpose="x"
    )
    emergency.move(emergency.field, f"/resource-uses/{use['id']}/use", amount=1)
    rumour = {"summary": "演练网帖", "source": "网络", "found_at": "2024-06-24T09:30:00+08:00"}
    found = emergency.move(emergency.publicity, "/opinions", 201, **rumour, incident=incident.split("/")[-1])
    emergency.move(emergency.publicity, f"/opinions/{found['id']}/check", verdict="false", findings="不实")
    emergency.move(emergency.field, f"/forces/{force['id']}/check-out")
    emergency.clock.advance(hours=3)
    emergency.running.run(scan)
    emergency.running.run(remind)
    emergency.end(incident)
    return incident


def test_every_event_of_an_exercise_says_so_in_its_type_and_its_data(emergency, incident):
    events = emergency.events()
    assert len({kind for kind, _ in events}) > 12
    real = {data.get("kind") for kind, data in events if kind.startswith("emergency.")}
    assert real == {"supplies"}  # the store is a real one
    of_the_incident = [data for kind, data in events if ".opinion." not in kind and ".register." not in kind]
    assert all(data["exercise"] is True and data["number"] for data in of_the_incident)


def test_only_who_asks_for_exercises_by_name_is_sent_one(emergency, incident):
    kinds = {kind for kind, data in emergency.events() if data.get("kind") != "supplies"}
    for kind in kinds:
        assert not wanted(kind, ["*", "emergency.*", kind.removeprefix("exercise.")])
        assert wanted(kind, ["exercise.*"])
        assert wanted(kind, [kind])


def test_a_real_incidents_events_are_never_taken_for_an_exercise(emergency):
    emergency.start(emergency.report())
    events = emergency.events()
    assert {kind.split(".")[0] for kind, _ in events} == {"emergency"}
    assert {data["exercise"] for _, data in events} == {False}


ANSWERS = (
    "",
    "/reports",
    "/deadlines",
    "/breaches",
    "/route",
    "/findings",
    "/response",
    "/tasks",
    "/command",
    "/field-headquarters",
    "/forces",
    "/withdrawals",
    "/plans",
    "/releases",
    "/rumours",
    "/evidence",
    "/resources",
    "/costs",
    "/aftermath",
    "/timeline",
    "/timeline/verify",
    "/flow",
    "/closing",
)


def test_every_answer_and_every_drawing_is_marked(emergency, incident):
    for path in ANSWERS:
        answer = emergency.duty.get(f"{incident}{path}").json()
        parts = answer if isinstance(answer, list) else [answer]
        assert {(part["exercise"], part["mark"]) for part in parts} == {(True, "【演练】")}, path
    for path in ("/route.svg", "/flow.svg"):
        assert "【演练】" in emergency.duty.get(f"{incident}{path}").text


def test_the_timeline_the_releases_and_the_file_are_marked(emergency, incident):
    entries = emergency.duty.get(f"{incident}/timeline").json()["entries"]
    assert all(each["text"].startswith("【演练】") for each in entries)
    assert emergency.duty.get(f"{incident}/releases").json()[0]["title"] == "【演练】通报"
    answer = emergency.duty.get(f"{incident}/file")
    assert "exercise.zip" in answer.headers["content-disposition"]
    file = zipfile.ZipFile(io.BytesIO(answer.content))
    pages = [file.read(name).decode() for name in file.namelist() if not name.endswith(".json")]
    assert all("【演练】" in page for page in pages)


def test_tasks_of_an_exercise_are_marked_among_the_others(emergency, incident):
    emergency.report()
    tasks = emergency.member("fire-rescue-brigade").get("/tasks").json()["items"]
    assert [each["mark"] for each in tasks] == ["【演练】", ""]


def test_an_exercise_is_evaluated_and_closed_without_an_investigation(emergency, incident):
    emergency.tell(
        incident, "closing", overview="演练", response="x", cause="x", lessons="x", corrections="x"
    )
    for item in emergency.duty.get(f"{incident}/aftermath").json():
        emergency.move(emergency.office, f"/tasks/{item['id']}/waive", note="演练")
    emergency.move(emergency.office, f"{incident}/evaluation", 201, report="评估")
    emergency.move(emergency.office, f"{incident}/close", reason="演练结束")


def test_the_hotline_takes_no_exercises(emergency):
    hotline = emergency.running.client("dispatch:write")
    body = {"matter": "production-accident", "summary": "演练", "details": {"exercise": True}}
    assert hotline.post("/dispatch/requests", json=body).status_code == 422
