"""The timeline that cannot be altered unseen, the flow, and the whole file."""

import hashlib
import io
import json
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from kit.context import Context
from kit.district.clock import SHANGHAI
from kit.web.caller import Person
from services.emergency.case.case import Case
from services.emergency.case.incident import Incident
from services.emergency.case.timeline import Chain, chain_of
from services.emergency.dossier import archive
from services.emergency.plan import roles
from services.emergency.plan.accidents.flow import Progress, flow_of, stands_at
from services.emergency.plan.catalogue import catalogue
from services.emergency.warnings.shapes import EXAMPLE

NOW = datetime(2024, 6, 24, 9, 30, tzinfo=SHANGHAI)


@pytest.fixture
def incident(emergency) -> str:
    incident = emergency.report(reporter="unit", reporter_phone="13912345678")
    emergency.start(incident)
    emergency.clock.advance(minutes=20)
    emergency.duty.post(
        f"{incident}/reports", json={"occurred_at": "2024-06-24T09:35:00+08:00", "facts": {"deaths": 1}}
    )
    return incident


def verify(emergency, incident: str) -> dict:
    return emergency.duty.get(f"{incident}/timeline/verify").json()


def test_everything_stands_in_the_order_in_which_it_happened_with_author_and_clause(emergency, incident):
    emergency.move(emergency.field, f"{incident}/forces", 201, name="救护队", persons=6)
    found = emergency.duty.get(f"{incident}/timeline").json()["entries"]

    times = [each["occurred_at"] for each in found]
    late = next(each for each in found if each["kind"] == "report" and each["seq"] > 1)
    assert times == sorted(times)
    assert (late["occurred_at"], late["recorded_at"]) == (
        "2024-06-24T09:35:00+08:00",
        "2024-06-24T09:50:00+08:00",
    )
    assert all(each["client"] and each["basis"] for each in found)
    assert {each["kind"] for each in found} == {"report", "response", "force"}


def test_the_chain_of_an_untouched_timeline_holds(emergency, incident):
    found = verify(emergency, incident)
    assert (found["holds"], found["broken_at"], found["entries"]) == (True, None, 4)


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE timeline SET text = '无人伤亡' WHERE seq = 2", 2),
        ("UPDATE timeline SET occurred_at = occurred_at - interval '1 minute' WHERE seq = 3", 3),
        ("UPDATE timeline SET client = 'somebody' WHERE seq = 1", 1),
        ("UPDATE timeline SET recorded_at = now() WHERE seq = 4", 4),
        ("UPDATE timeline SET hash = repeat('0', 64) WHERE seq = 2", 2),
        ("DELETE FROM timeline WHERE seq = 2", 2),
        ("DELETE FROM timeline WHERE seq = 4", 4),
        (
            "INSERT INTO timeline SELECT incident_id, 5, kind, text, occurred_at, recorded_at, client, client_unit,"
            " clause, hash, repeat('a', 64) FROM timeline WHERE seq = 4",
            5,
        ),
    ],
)
def test_a_row_edited_by_hand_is_found_out(emergency, incident, statement, broken_at):
    emergency.running.sql(statement)
    found = verify(emergency, incident)
    assert (found["holds"], found["broken_at"]) == (False, broken_at)


def test_writers_at_the_same_time_leave_one_unbroken_chain(emergency, incident):
    def write(number: int) -> int:
        body = {"name": f"队伍{number}", "persons": 1}
        return emergency.field.post(f"{incident}/forces", json=body).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(write, range(12))) == {201}
    found = verify(emergency, incident)
    assert (found["holds"], found["entries"]) == (True, 16)


def test_an_entry_that_is_written_while_somebody_verifies_is_no_break(emergency, incident):
    async def verify_across_a_write(context) -> Chain:
        known = (await context.session.scalars(select(Incident))).one()
        async with emergency.running.database.transaction() as another:
            writing = (await another.scalars(select(Incident).with_for_update())).one()
            Case(Context.of_system(another, NOW), writing).happened("report", "续报", "E-4.1e")
        return await chain_of(context.session, known)

    chain = emergency.running.run(verify_across_a_write)
    assert (chain.broken_at, chain.entries) == (None, 5)


def test_a_persons_number_typed_into_a_text_leaves_in_no_event_no_entry_and_no_file(emergency, incident):
    emergency.tell(incident, deaths=3, progress="家属电话 13912345678，已联系")
    emergency.move(
        emergency.headquarters, f"{incident}/response/adjust", level="III", reason="请打 13912345678"
    )

    told = " ".join(str(data) for _, data in emergency.events())
    timeline = " ".join(each["text"] for each in emergency.duty.get(f"{incident}/timeline").json()["entries"])
    file = open_file(emergency, incident)
    for text in (told, timeline, *(file.read(name).decode() for name in file.namelist())):
        assert "13912345678" not in text
    assert "139****5678" in told
    assert "139****5678" in timeline
    assert verify(emergency, incident)["holds"] is True


def test_pages_and_timeline_speak_chinese(emergency, incident):
    emergency.tell(incident, deaths=3, supervisor="区能源局", beyond_company_capacity=True)

    texts = [each["text"] for each in emergency.duty.get(f"{incident}/timeline").json()["entries"]]
    file, number = open_file(emergency, incident), incident.split("/")[-1]
    page = file.read(f"{number}/reports/03-follow_up.html").decode()
    assert "重新研判：较大事故，三级响应（原为一般事故，四级响应）" in texts
    for words in ("续报", "电话", "区能源局", "超出企业处置能力</td><td>是"):
        assert words in page


STARTED = Progress(reported_at=NOW, graded_at=NOW, proposed_at=NOW, started_at=NOW)


@pytest.mark.clause("E-A3")
@pytest.mark.parametrize(
    ("progress", "step"),
    [
        (Progress(reported_at=NOW, graded_at=NOW), "flow-proposal"),
        (Progress(reported_at=NOW, graded_at=NOW, proposed_at=NOW), "flow-start"),
        (STARTED, "flow-field"),
        (replace(STARTED, field_at=NOW), "flow-handling"),
        (replace(STARTED, field_at=NOW, end_asked=True), "flow-end"),
        (replace(STARTED, ended_at=NOW, end_asked=True), "flow-aftermath"),
        (replace(STARTED, ended_at=NOW, settled_at=NOW), "flow-review"),
        (replace(STARTED, ended_at=NOW, closed=True), None),
    ],
)
def test_the_flow_says_at_which_step_an_accident_stands(progress, step):
    assert stands_at(progress) == step
    standings = [each.standing for each in flow_of(progress, catalogue().flow)]
    assert standings.count("current") == (0 if step is None else 1)


@pytest.mark.clause("E-A3")
def test_the_flow_is_drawn_with_the_times_and_the_present_step(emergency, incident):
    flow = emergency.duty.get(f"{incident}/flow").json()
    drawn = emergency.duty.get(f"{incident}/flow.svg")

    words = "".join(ElementTree.fromstring(drawn.text).itertext())
    assert [each["name"] for each in flow["steps"] if each["standing"] == "current"] == ["现场指挥"]
    assert all(step.name in words for step in catalogue().flow)
    assert "2024年6月24日 09:30" in words


def open_file(emergency, incident: str) -> zipfile.ZipFile:
    answer = emergency.duty.get(f"{incident}/file")
    assert answer.headers["content-type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.content))


@pytest.mark.clause("E-A2", "E-A3")
def test_the_whole_file_is_one_zip_that_a_person_and_a_machine_can_read(emergency, incident):
    file = open_file(emergency, incident)
    number = incident.split("/")[-1]

    assert [name.removeprefix(f"{number}/") for name in file.namelist()] == [
        "case.json",
        "timeline.html",
        "route.svg",
        "flow.svg",
        "reports/01-first.html",
        "reports/02-follow_up.html",
    ]
    case = json.loads(file.read(f"{number}/case.json"))
    assert (case["incident"]["deaths"], case["timeline_holds"], len(case["timeline"])) == (1, True, 4)
    assert case["field_headquarters"] is None
    assert b"13912345678" not in b"".join(file.read(name) for name in file.namelist())
    assert "139****5678" in file.read(f"{number}/reports/01-first.html").decode()


def test_the_file_is_of_one_moment_whoever_writes_meanwhile(emergency, incident, monkeypatch):
    contents = archive._contents

    async def contents_and_a_write(case: Case) -> dict:
        found = await contents(case)
        async with emergency.running.database.transaction() as another:
            writing = (await another.scalars(select(Incident).with_for_update())).one()
            Case(Context.of_system(another, NOW), writing).happened("report", "续报", "E-4.1e")
        return found

    monkeypatch.setattr(archive, "_contents", contents_and_a_write)
    file = open_file(emergency, incident)
    case = json.loads(file.read(file.namelist()[0]))
    assert (len(case["timeline"]), case["timeline_holds"]) == (4, True)
    assert verify(emergency, incident)["entries"] == 5


def test_the_chain_can_be_computed_again_from_the_file_alone(emergency, incident):
    file = open_file(emergency, incident)
    case = json.loads(file.read(file.namelist()[0]))
    previous = "0" * 64
    for entry in sorted(case["timeline"], key=lambda each: each["seq"]):
        times = [datetime.fromisoformat(entry[name]) for name in ("occurred_at", "recorded_at")]
        content = [
            entry["incident_id"],
            *(entry[name] for name in ("seq", "kind", "text", "client", "client_unit", "clause")),
            *(time.astimezone(UTC).isoformat() for time in times),
            previous,
        ]
        previous = hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
        assert entry["hash"] == previous


def test_markup_in_a_report_stays_text(emergency):
    incident = emergency.report(scene="<script>alert(1)</script>")
    page = open_file(emergency, incident).read(f"{incident.split('/')[-1]}/timeline.html").decode()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.clause("E-3.2c", "E-4.8")
def test_a_rumour_that_is_checked_and_answered_stands_in_the_timeline(emergency, incident):
    body = {
        "summary": "网帖称死亡十人",
        "source": "短视频平台",
        "found_at": "2024-06-24T09:40:00+08:00",
        "incident": incident.split("/")[-1],
    }
    publicity = emergency.role(roles.PUBLICITY)
    found = publicity.post("/opinions", json=body)
    assert found.status_code == 201, found.text
    path = f"/opinions/{found.json()['id']}"
    emergency.move(publicity, f"{path}/check", verdict="false", findings="死亡 1 人")
    emergency.move(publicity, f"{path}/answer", answer="网传不实，死亡 1 人")

    rumours = emergency.duty.get(f"{incident}/rumours").json()
    texts = [each["text"] for each in emergency.duty.get(f"{incident}/timeline").json()["entries"]]
    assert [each["state"] for each in rumours] == ["answered"]
    assert [text.split("，")[-1] for text in texts if "网帖" in text] == ["核实：死亡 1 人", "死亡 1 人"]


def opened(emergency, incident: str) -> dict[str, str]:
    """The whole file: each entry's text by its name below the accident's folder."""
    with zipfile.ZipFile(io.BytesIO(emergency.duty.get(f"{incident}/file").content)) as file:
        return {name.partition("/")[2]: file.read(name).decode() for name in file.namelist()}


def test_the_file_begins_with_the_accident_and_the_manager_s_being_told(emergency, incident):
    emergency.tell(incident, unit_informed_at="2024-06-24T09:05:00+08:00")
    page = opened(emergency, incident)["timeline.html"]
    assert page.index("单位负责人接到报告") < page.index("响应")
    assert "2024年6月24日 09:05" in page


def test_what_a_person_wrote_is_the_person_s_with_its_unit(emergency, incident):
    officer = emergency.role(name="console", unit="emergency-bureau", person=Person("p-1", "张三"))
    told = {"occurred_at": "2024-06-24T09:40:00+08:00", "facts": {"deaths": 2}}
    assert officer.post(f"{incident}/reports", json=told).status_code == 201
    entries = officer.get(f"{incident}/timeline").json()["entries"]
    assert "张三（区应急管理局）" in {each["client"] for each in entries}
    page = opened(emergency, incident)["timeline.html"]
    assert "张三（区应急管理局）" in page
    assert "console" not in page


def test_no_page_of_the_file_names_a_client(emergency, incident):
    emergency.move(emergency.field, f"{incident}/forces", 201, name="救护队", persons=6)
    clients = {client for (client,) in emergency.running.sql("SELECT DISTINCT client FROM timeline")}
    pages = {name: text for name, text in opened(emergency, incident).items() if name.endswith(".html")}
    assert clients
    assert pages
    assert [
        (name, client) for name, text in pages.items() for client in clients if f">{client}<" in text
    ] == []


@pytest.mark.clause("E-A3")
def test_rescue_is_shown_where_forces_worked_though_no_plan_was_confirmed(emergency, incident):
    emergency.move(emergency.field, f"{incident}/forces", 201, name="救护队", persons=6)
    [handling] = [
        step
        for step in emergency.duty.get(f"{incident}/flow").json()["steps"]
        if step["id"] == "flow-handling"
    ]
    assert handling["at"] == "2024-06-24T09:50:00+08:00"


def test_the_warnings_of_an_accident_stand_in_its_file_and_drafts_do_not(emergency, incident):
    warner = emergency.running.client(
        "emergency:read", "emergency:warn", unit="emergency-headquarters-office"
    )
    number = incident.rpartition("/")[2]
    sent, _ = (warner.post("/warnings", json=EXAMPLE | {"incident": number}).json() for _ in range(2))
    assert warner.post(f"/warnings/{sent['id']}/issue").status_code == 200

    kept = json.loads(opened(emergency, incident)["case.json"])["warnings"]
    assert [each["number"] for each in kept] == [sent["number"]]


@pytest.mark.clause("E-4.9")
def test_who_must_end_a_response_is_named_in_chinese(emergency, incident):
    emergency.move(emergency.field, f"{incident}/response/confirm-end", reason="危险已消除")
    other = emergency.running.client("emergency:read", "emergency:headquarters", unit="district-government")
    refused = emergency.move(other, f"{incident}/response/end", 409, reason="批准")
    assert not re.search(r"[a-z]+-[a-z]+", refused["detail"])


def test_a_report_one_second_late_is_late_by_less_than_a_minute(emergency):
    incident = emergency.report(unit_informed_at="2024-06-24T09:30:00+08:00")
    hop = emergency.duty.get(f"{incident}/route").json()["hops"][0]
    due = datetime.fromisoformat(hop["due"])
    emergency.clock.advance(seconds=(due - NOW).total_seconds() + 1)
    drawing = emergency.duty.get(f"{incident}/route.svg").text
    assert "不足 1 分钟" in drawing
    assert " 0 分钟" not in drawing
