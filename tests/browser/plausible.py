"""What a morning in the district could look like, handed in through the gateway. Every name and number is made up."""

from datetime import datetime, timedelta
from typing import Any

import httpx2
import psycopg

from services.property.surveys.form import Status, Survey, SurveyRow, write
from tests.browser.running import Shown
from tests.scenarios.door import eventually

BUREAU, HEADQUARTERS, HOTLINE, ALL = "emergency-bureau", "headquarters", "hotline", "operator"


class Morning:
    """Hands things in, as one of the set's clients."""

    def __init__(self, shown: Shown) -> None:
        self._clients = {name: shown.client(name) for name in (BUREAU, HEADQUARTERS, HOTLINE, ALL)}
        self.now = shown.now

    def post(self, path: str, body: dict[str, Any] | None = None, *, by: str = BUREAU, **more: Any) -> Any:
        """What the service answers; a refusal ends the test."""
        asked = more or {"json": body or {}}
        answer: httpx2.Response = self._clients[by].post(path, **asked)
        assert answer.status_code < 300, (path, answer.text)
        return answer.json()

    def get(self, path: str, **asked: Any) -> Any:
        """What the service answers to whom everything is open."""
        return self._clients[ALL].get(path, params=asked).raise_for_status().json()

    def at(self, **back: float) -> str:
        """A moment that long ago."""
        return (self.now - timedelta(**back)).isoformat(timespec="seconds")

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


def fill(shown: Shown) -> None:
    """Duty, warnings, accidents, requests, compounds, companies and studies."""
    morning = Morning(shown)
    try:
        duty(morning)
        shown.ids["mine"] = mine(morning)
        shown.ids["crane"], shown.ids["second-call"] = crane(morning)
        gas(morning)
        shown.ids["yellow"] = warnings(morning)
        shown.ids["answered"], shown.ids["late"] = requests(morning)
        companies(morning, shown.database("credit"))
        coverage(morning)
        studies(morning)
    finally:
        morning.close()


def duty(morning: Morning) -> None:
    """Who has the shifts of today and tomorrow; the night after is still open."""
    today: datetime = morning.now
    shifts = [
        (today, "day", "周立新", "白永胜"),
        (today, "night", "额尔敦", "白永胜"),
        (today + timedelta(days=1), "day", "贺晓梅", "郭建军"),
    ]
    for day, half, officer, leader in shifts:
        shift = {"day": f"{day:%Y-%m-%d}", "half": half, "officer": officer, "leader": leader}
        morning.post("/emergency/v1/duty-shifts", shift | {"phone": "0477-8570000"})


def mine(morning: Morning) -> str:
    """Two men trapped, a response that runs, tasks that are taken and done."""
    told = morning.post(
        "/emergency/v1/incidents",
        {
            "unit": "东胜区示例煤业有限公司",
            "place": "2 号井 3 采区",
            "division": "铜川镇",
            "supervisor": "区能源局",
            "occurred_at": morning.at(minutes=52),
            "endangered": 2,
            "serious_injuries": 1,
            "reporter": "unit",
            "reporter_name": "王调度",
            "reporter_phone": "13900000000",
            "scene": "顶板垮落约 20 米，2 人被困，通风正常。",
            "latitude": 39.82,
            "longitude": 109.99,
        },
    )
    base = f"/emergency/v1/incidents/{told['number']}"
    morning.post(f"{base}/verify", {"note": "与井口值班员通话核实"})
    morning.post(f"{base}/response/propose", {"reason": "2 人被困，提请启动四级响应"})
    morning.post(
        f"{base}/response/start", {"reason": "同意启动", "departments": ["区卫生健康委员会"]}, by=HEADQUARTERS
    )
    tasks = morning.get(f"{base}/response")["tasks"]
    for task in tasks[:4]:
        morning.post(f"/emergency/v1/tasks/{task['id']}/acknowledge", {"note": "已派人"}, by=ALL)
    morning.post(f"/emergency/v1/tasks/{tasks[0]['id']}/finish", {"note": "专家组 9 时 20 分到矿"}, by=ALL)
    command = {
        "situation": "2 人被困，巷道垮落约 20 米",
        "progress": "矿方已支护 5 米",
        "risks": "二次垮落、瓦斯积聚",
        "key_factors": "缺支护材料和顶板专家",
    }
    morning.post(f"{base}/command/offer", command, by=ALL)
    morning.post(f"{base}/command/take", {"name": "高明"}, by=ALL)
    morning.post(
        f"{base}/forces", {"name": "鄂尔多斯矿山救护队", "kind": "professional", "persons": 12}, by=ALL
    )
    return str(told["number"])


def crane(morning: Morning) -> tuple[str, str]:
    """One dead; told a second time by somebody who stood there."""
    body = {
        "unit": "示例建设集团（虚构）",
        "place": "纺织街 18 号工地",
        "division": "天骄街道",
        "supervisor": "区住建局",
    }
    first = {
        "occurred_at": morning.at(hours=2, minutes=10),
        "deaths": 1,
        "serious_injuries": 2,
        "reporter": "unit",
    }
    one = morning.post("/emergency/v1/incidents", body | first)
    second = {"occurred_at": morning.at(hours=2), "reporter": "scene", "scene": "塔吊倒了，压着人"}
    other = morning.post("/emergency/v1/incidents", body | second)
    return str(one["number"]), str(other["number"])


def gas(morning: Morning) -> None:
    """Just told; little is known."""
    body = {
        "place": "罕台大道与包茂路口",
        "division": "罕台镇",
        "occurred_at": morning.at(minutes=6),
        "reporter": "public",
    }
    morning.post("/emergency/v1/incidents", body | {"scene": "路面有燃气味，已拉警戒线"})


def warnings(morning: Morning) -> str:
    """One in force, one that was lifted."""
    body = {
        "accident_type": "矿山水害",
        "expected_grade": "larger",
        "colour": "yellow",
        "starts_at": morning.at(hours=1),
        "expires_at": morning.at(hours=-26),
        "measures": "停止低洼采区作业，加密巡查，人员撤至安全地点。",
        "urgency": "Expected",
        "certainty": "Likely",
        "channels": ["platform", "sms"],
        "areas": [{"division": "铜川镇"}],
        "departments": ["区应急管理局", "区能源局"],
    }
    yellow = morning.post("/emergency/v1/warnings", body)["id"]
    morning.post(f"/emergency/v1/warnings/{yellow}/issue")
    blue = body | {
        "accident_type": "危险化学品泄漏",
        "colour": "blue",
        "expected_grade": "general",
        "areas": [{"division": "罕台镇"}],
    }
    lifted = morning.post("/emergency/v1/warnings", blue)["id"]
    morning.post(f"/emergency/v1/warnings/{lifted}/issue")
    morning.post(f"/emergency/v1/warnings/{lifted}/lift", {"reason": "泄漏已处置，空气检测正常"})
    return str(yellow)


def requests(morning: Morning) -> tuple[str, str]:
    """Requests of citizens: new ones, some over term, some answered; the numbers of one that is answered and one that is late."""
    told = [
        ("property-service", "电梯停运两天没有人修", "天骄街道", {"days": 12}),
        ("property-service", "楼道灯长期不亮", "建设街道", {"days": 9}),
        ("property-service", "物业不清运装修垃圾", "诃额伦街道", {"hours": 5}),
        ("safety-hazard", "工地围挡倾斜，行人通道有危险", "民族街道", {"hours": 20}),
        ("law-consultation", "物业费上调需要多少业主同意", "公园街道", {"days": 2}),
        ("property-service", "消防通道被私家车堵死", "交通街道", {"minutes": 40}),
        ("government-affairs", "窗口午间无人值班", "林荫街道", {"days": 3}),
        ("property-service", "小区路灯线路裸露", "兴胜街道", {"days": 4}),
        ("property-service", "供水加压泵噪声大", "纺织街道", {"days": 2}),
    ]
    numbers = []
    for place, (matter, summary, division, back) in enumerate(told, 1):
        body = {
            "matter": matter,
            "summary": summary,
            "division": division,
            "received_at": morning.at(**back),
            "external_number": f"12345-{morning.now:%Y%m%d}-{place:06}",
            "citizen": {"name": "张先生", "phone": "13800000000"},
        }
        numbers.append(morning.post("/dispatch/v1/requests", body, by=HOTLINE)["number"])
    for number in numbers[4:5] + numbers[6:]:
        morning.post(f"/dispatch/v1/requests/{number}/accept", by=ALL)
        morning.post(
            f"/dispatch/v1/requests/{number}/answer", {"note": "已到现场处理，并向来电人说明。"}, by=ALL
        )
    satisfied = {"reached": True, "solved": True, "satisfied": True, "note": "已经解决"}
    morning.post(f"/dispatch/v1/requests/{numbers[6]}/call-back", satisfied, by=HOTLINE)
    return numbers[7], numbers[0]


# ------------------------------------------------------------------------------ compounds, companies, studies
STREETS = (
    "天骄街道", "交通街道", "公园街道", "富兴街道", "巴音门克街道", "诃额伦街道", "兴胜街道", "纺织街道",
    "林荫街道", "建设街道", "民族街道", "幸福街道", "泊尔江海子镇", "罕台镇", "铜川镇",
)  # fmt: skip
#: The first is a company with an account (running.PEOPLE).
COMPANIES = {
    "91150602MA0DEMF00Q": "佳苑物业服务有限公司（虚构）",
    "91150602MA0DEMF10R": "安居物业服务有限公司（虚构）",
}


def coverage(morning: Morning) -> None:
    """What three surveys found, month after month, and the committees that were formed since."""
    for month in (4, 5, 6):
        rows = tuple(
            _compound(street, place, month) for street in STREETS for place in range(_compounds(street))
        )
        data = write(
            Survey(unit="东胜区住房保障综合服务中心", contact="乔某某", phone="13800001234", rows=rows)
        )
        asked = {"params": {"as_of": f"2024-{month:02}-20"}, "files": {"file": ("摸底表.xlsx", data)}}
        morning.post("/property/v1/surveys", by=ALL, **asked)
    formed = {
        "kind": "owners_committee",
        "term_ends_on": "2027-05-19",
        "members": 7,
        "party_members": 4,
        "has_party_organisation": True,
    }
    for place, compound in enumerate(morning.get("/property/v1/compounds", limit=24)["items"]):
        day = f"2024-0{4 + place % 3}-1{place % 9}"
        body = formed | {"compound_id": compound["id"], "formed_on": day}
        morning.post("/property/v1/committees", body, by=ALL)


def _compounds(street: str) -> int:
    return 4 + 3 * STREETS.index(street) % 7


def _compound(street: str, place: int, month: int) -> SurveyRow:
    """A compound: the earlier the month and the later its street stands in the list, the fewer are looked after."""
    looked_after = place < _compounds(street) * (
        0.95 + 0.1 * (month - 6) - 0.04 * (STREETS.index(street) - 1)
    )
    status = (Status.PROFESSIONAL, Status.QUASI)[place % 2] if looked_after else Status.NONE
    name = f"{street.removesuffix('街道').removesuffix('镇')}{'一二三四五六七八九十'[place]}区（虚构）"
    company = [*COMPANIES.values()][place % 4 // 2] if looked_after else ""
    return SurveyRow(
        street, f"{street[:2]}社区", name, status, company, buildings=4 + place, households=180 + 24 * place
    )


def companies(morning: Morning, database: str) -> None:
    """Two companies under evaluation: one on the red list, the other on the black one."""
    red, black = [_evaluated(morning, uscc, name) for uscc, name in COMPANIES.items()]
    for company, items in ((red, (*GOOD, "G03")), (black, ("B01", "B02", "N01", "N03"))):
        for item in items:
            body = {"item": item, "company_id": company, "acted_at": "2024-05-21T08:00:00+08:00"}
            morning.post("/credit/v1/records", body | {"evidence": [{"title": "现场检查记录"}]}, by=ALL)
    period = {"begins_on": "2024-01-01", "ends_on": "2024-05-31"}
    year = "/credit/v1/evaluations/" + morning.post("/credit/v1/evaluations", period, by=ALL)["id"]
    for action in ("compute", "publish", "settle", "finalise", "list"):
        morning.post(f"{year}/{action}", by=ALL)
        if action in ("publish", "finalise"):  # and three weeks go by
            with psycopg.connect(database, autocommit=True) as there:
                there.execute(
                    "UPDATE evaluations SET published_on = published_on - 21, objections_until = objections_until - 21,"
                    " final_on = final_on - 21"
                )


def _evaluated(morning: Morning, uscc: str, name: str) -> str:
    company: str = morning.post("/property/v1/companies", {"name": name, "uscc": uscc}, by=ALL)["id"]
    asked = {"uscc": uscc}
    assert eventually(lambda: morning.get("/credit/v1/companies", **asked)["items"], 20), "not told of"
    return company


GOOD = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B11")


def studies(morning: Morning) -> None:
    """A session whose text is owed, and one to come."""
    sessions = morning.get("/lawstudy/v1/sessions", year=2024, limit=100)["items"]
    for topic, day in (("2024-P2", "2024-06-25"), ("2024-P3", "2024-07-15")):
        meeting = morning.post("/lawstudy/v1/meetings", {"year": 2024, "held_on": day}, by=ALL)["id"]
        [id] = [each["id"] for each in sessions if topic in [one["topic_id"] for one in each["topics"]]]
        said = {"meeting": meeting, "reason": "会议改期"}
        morning.post(f"/lawstudy/v1/sessions/{id}/schedule", said, by=ALL)
