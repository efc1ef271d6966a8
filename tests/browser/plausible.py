"""What a morning in the district could look like, handed in through the gateway. Every name and number is made up."""

from datetime import datetime, timedelta
from typing import Any

import httpx2

from tests.browser.running import Shown

BUREAU, HEADQUARTERS, HOTLINE, ALL = "emergency-bureau", "headquarters", "hotline", "operator"


class Morning:
    """Hands things in, as one of the set's clients."""

    def __init__(self, shown: Shown) -> None:
        self._clients = {name: shown.client(name) for name in (BUREAU, HEADQUARTERS, HOTLINE, ALL)}
        self.now = shown.now

    def post(self, path: str, body: dict[str, Any] | None = None, *, by: str = BUREAU) -> Any:
        """What the service answers; a refusal ends the test."""
        answer: httpx2.Response = self._clients[by].post(path, json=body or {})
        assert answer.status_code < 300, (path, answer.text)
        return answer.json()

    def get(self, path: str) -> Any:
        return self._clients[ALL].get(path).raise_for_status().json()

    def at(self, **back: float) -> str:
        """A moment that long ago."""
        return (self.now - timedelta(**back)).isoformat(timespec="seconds")

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


def fill(shown: Shown) -> None:
    """Duty, warnings, accidents and requests."""
    morning = Morning(shown)
    try:
        duty(morning)
        shown.ids["mine"] = mine(morning)
        shown.ids["crane"], shown.ids["second-call"] = crane(morning)
        gas(morning)
        shown.ids["yellow"] = warnings(morning)
        requests(morning)
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


def requests(morning: Morning) -> None:
    """Requests of citizens: some new, some over term, one whose words tell of an accident."""
    told = [
        ("property-service", "电梯停运两天没有人修", "天骄街道", {"days": 12}),
        ("property-service", "楼道灯长期不亮", "建设街道", {"days": 9}),
        ("property-service", "物业不清运装修垃圾", "诃额伦街道", {"hours": 5}),
        ("safety-hazard", "工地围挡倾斜，行人通道有危险", "民族街道", {"hours": 20}),
        ("law-consultation", "物业费上调需要多少业主同意", "公园街道", {"days": 2}),
        ("property-service", "消防通道被私家车堵死", "交通街道", {"minutes": 40}),
    ]
    for place, (matter, summary, division, back) in enumerate(told, 1):
        body = {
            "matter": matter,
            "summary": summary,
            "division": division,
            "received_at": morning.at(**back),
            "external_number": f"12345-{morning.now:%Y%m%d}-{place:06}",
            "citizen": {"name": "张先生", "phone": "13800000000"},
        }
        morning.post("/dispatch/v1/requests", body, by=HOTLINE)
