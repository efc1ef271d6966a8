"""One accident through the HTTP API, from the first phone call to the closed file."""

import io
import json
import zipfile

import pytest

from services.emergency.app import service
from services.emergency.clocks.work import scan
from services.emergency.plan import roles
from tests.emergency.conftest import Emergency

BRIEFING = {
    "situation": "2 人被困",
    "progress": "支护 5 米",
    "risks": "二次垮落",
    "key_factors": "缺支护材料",
}
SCENE = {"latitude": 39.82, "longitude": 109.99}
UPWIND = {"latitude": 39.83, "longitude": 109.977, "wind": "西北"}


@pytest.fixture
def emergency(serve) -> Emergency:
    return Emergency(serve(service))


def test_an_accident_from_the_first_call_to_the_closed_file(emergency):
    # 09:30  the mine's dispatcher calls: two trapped
    call = emergency.duty.post(
        "/incidents",
        json={
            "unit": "示例煤业公司",
            "place": "2 号井 3 采区",
            "division": "铜川镇",
            "supervisor": "区能源局",
            "occurred_at": "2024-06-24T09:10:00+08:00",
            "unit_informed_at": "2024-06-24T09:15:00+08:00",
            "endangered": 2,
            "reporter": "unit",
            **SCENE,
        },
        headers={"Idempotency-Key": "call-0930"},
    ).json()
    incident = f"/incidents/{call['number']}"
    assert (call["assessment"]["grade"], call["assessment"]["response_level"]) == ("general", "IV")
    standing = {each["id"]: each["standing"] for each in call["deadlines"]}
    assert (standing["phone-report"], standing["written-report"]) == ("met", "running")

    # verified, reported upward, level IV started
    emergency.move(emergency.office, f"{incident}/verify", note="与井口通话核实")
    emergency.duty.post(f"{incident}/route/headquarters-to-city", json={"receiver": "市值班室"})
    started = emergency.start(incident, departments=["区卫生健康委员会"])
    assert (started["level"], started["led_by"]) == ("IV", "区指挥部")
    for task in emergency.member("energy-bureau").get("/tasks", params={"open": True}).json()["items"]:
        emergency.move(emergency.member("energy-bureau"), f"/tasks/{task['id']}/acknowledge")

    # the field headquarters upwind, and command handed over with a briefing
    field = emergency.field.post(
        f"{incident}/field-headquarters",
        json={
            "place": "办公楼前",
            "groups": ["综合协调组", "专业处置组", "医疗救护组", "现场专家组"],
            **UPWIND,
        },
    ).json()
    assert (field["side"], field["warning"]) == ("upwind", None)
    emergency.move(emergency.company, f"{incident}/command/offer", **BRIEFING)
    taken = emergency.move(emergency.field, f"{incident}/command/take", name="现场指挥长")
    assert taken["commander"]["commander"] == "district"

    # forces, a plan, props from the store
    teams = {
        name: emergency.move(emergency.field, f"{incident}/forces", 201, name=name, persons=count)["id"]
        for name, count in (("矿山救护队", 12), ("消防一中队", 18))
    }
    emergency.move(emergency.field, f"{incident}/plans", 201, text="先支护后搜救", experts="顶板专家")
    emergency.move(emergency.field, f"{incident}/plans/1/confirm")
    props = emergency.duty.post(
        "/supplies",
        json={
            "name": "液压支柱",
            "category": "equipment",
            "measure": "根",
            "stock": 40,
            "keeper": "区应急管理局",
            "place": "示例器材库",
        },
    ).json()
    use = emergency.move(
        emergency.field, f"{incident}/resources", 201, supply=props["id"], amount=30, purpose="支护"
    )
    emergency.move(emergency.field, f"/forces/{teams['矿山救护队']}/danger-zone", entered=8)

    # 10:10  one dead, three seriously hurt
    emergency.clock.advance(minutes=40)
    first = emergency.tell(
        incident, endangered=1, deaths=1, serious_injuries=3, progress="救出 4 人，其中 1 人死亡"
    )
    assert first["changed"] == {}
    emergency.duty.post(
        f"{incident}/reports",
        json={
            "kind": "written",
            "channel": "written",
            "reporter": "unit",
            "facts": {"direct_loss_yuan": "800000.00"},
        },
    )

    # 10:25  the roof cracks: everybody out, one force is silent at first
    emergency.clock.advance(minutes=15)
    order = emergency.move(emergency.field, f"{incident}/withdrawals", 201, reason="顶板有二次垮落征兆")
    emergency.move(emergency.field, f"/forces/{teams['矿山救护队']}/danger-zone", left=8)
    silent = emergency.move(
        emergency.field, f"/withdrawals/{order['id']}/acknowledge", force=teams["矿山救护队"]
    )
    assert silent["unacknowledged"] == ["消防一中队"]
    emergency.move(emergency.field, f"/withdrawals/{order['id']}/acknowledge", force=teams["消防一中队"])
    emergency.move(emergency.field, f"/withdrawals/{order['id']}/lift")

    # 12:00  three dead: 较大, level III, under the city's coordination
    emergency.clock.advance(minutes=95)
    third = emergency.tell(incident, endangered=0, deaths=3, serious_injuries=1)
    assert third["changed"] == {"grade": ["general", "larger"], "response_level": ["IV", "III"]}
    assert emergency.duty.get(f"{incident}/response").json()["adjust_needed"] is True
    raised = emergency.move(
        emergency.headquarters, f"{incident}/response/adjust", level="III", reason="3 人死亡"
    )
    assert "report-to-city" in [task["entry"] for task in raised["tasks"]]
    emergency.move(emergency.office, f"{incident}/deadlines/upward-region/done", note="市里已报自治区")
    emergency.running.run(scan)

    # release: now the city's word is needed, not the district's
    release = emergency.move(emergency.publicity, f"{incident}/releases", 201, title="情况通报", text="……")
    district, city = emergency.role(roles.RELEASE_DISTRICT), emergency.role(roles.RELEASE_CITY)
    emergency.move(emergency.publicity, f"/releases/{release['id']}/publish", 409, channels=["门户网站"])
    emergency.move(district, f"/releases/{release['id']}/approve", 403, revision=1)
    emergency.move(city, f"/releases/{release['id']}/approve", revision=1, document="授权函 5 号")
    emergency.move(emergency.publicity, f"/releases/{release['id']}/publish", channels=["门户网站"])

    # the city's field headquarters joins; the search ends
    emergency.move(emergency.field, f"{incident}/command/offer", **BRIEFING)
    joined = emergency.move(emergency.higher, f"{incident}/command/take")
    assert [each["commander"] for each in joined["tenures"]] == ["company", "district", "higher"]
    emergency.move(emergency.field, f"/resource-uses/{use['id']}/use", amount=22)
    emergency.move(emergency.field, f"/resource-uses/{use['id']}/return", amount=8)
    cost = emergency.move(
        emergency.office,
        f"{incident}/costs",
        201,
        what="支护材料",
        by_whom="矿山救护队",
        amount_yuan="36000.00",
    )
    emergency.move(emergency.office, f"/costs/{cost['id']}/settle", reason="企业已付")
    for team in teams.values():
        emergency.move(emergency.field, f"/forces/{team}/check-out")
    emergency.move(emergency.headquarters, f"{incident}/response/end", 409, reason="x")
    ended = emergency.end(incident)
    assert ended["state"] == "ended"

    # what follows: closing report, aftermath, investigation, evaluation, accountability
    emergency.tell(
        incident,
        "closing",
        overview="顶板垮落",
        response="三级响应",
        cause="支护不足",
        lessons="……",
        corrections="……",
    )
    for item in emergency.duty.get(f"{incident}/aftermath").json():
        emergency.move(emergency.office, f"/tasks/{item['id']}/finish", note="已办")
    emergency.clock.advance(days=40)
    investigation = emergency.move(
        emergency.office, f"{incident}/investigation", 201, report="全文", cause="支护不足"
    )
    assert investigation["authority"] == "市人民政府"
    emergency.move(emergency.office, f"{incident}/investigation/approve", approval="同意调查组意见")
    evaluated = emergency.move(
        emergency.office,
        f"{incident}/evaluation",
        201,
        report="全过程评估",
        measures=[{"text": "顶板专项排查", "owner": "区能源局", "due": "2024-12-31"}],
    )
    emergency.move(
        emergency.office,
        f"{incident}/accountability",
        201,
        kind="commendation",
        whom="矿山救护队",
        what="救出 4 人",
        decided_on="2024-08-01",
    )
    unfinished = emergency.move(emergency.office, f"{incident}/close", 409, reason="x")
    assert unfinished["owed"] == ["还有 1 项改进措施未完成", "尚未完成：评估整改落实情况并公开"]
    emergency.clock.advance(days=120)
    emergency.move(emergency.office, f"/measures/{evaluated['measures'][0]['id']}/done", evidence="验收单")
    emergency.move(
        emergency.office, f"{incident}/deadlines/rectification-evaluation-higher/done", note="市里已评估"
    )
    emergency.move(emergency.office, f"{incident}/close", reason="齐全")

    # the closed file: everything, in order, unaltered, and nothing more goes in
    assert emergency.duty.post(f"{incident}/reports", json={}).status_code == 409
    verified = emergency.duty.get(f"{incident}/timeline/verify").json()
    assert (verified["holds"], verified["entries"] > 40) == (True, True)
    breaches = [each["deadline"] for each in emergency.duty.get(f"{incident}/breaches").json()]
    assert breaches == []
    answer = emergency.duty.get(f"{incident}/file")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        case = json.loads(file.read(f"{call['number']}/case.json"))
        reports = [name for name in file.namelist() if "/reports/" in name]
    assert [report["grade"] for report in case["reports"]] == ["general"] * 3 + ["larger"] * 2
    assert len(reports) == 5
    assert case["investigation"]["authority"] == "市人民政府"
