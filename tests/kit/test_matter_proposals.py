from dataclasses import dataclass
from pathlib import Path

import pytest

from kit.dispatch.words import Proposal, propose
from kit.district import reference

SERVICES = Path(__file__).parents[2] / "services"


@dataclass(frozen=True)
class Matter:
    code: str
    name: str
    words: tuple[str, ...]


MATTERS = [
    Matter(row["code"], row["name"], tuple(row["words"]))
    for path in sorted(SERVICES.glob("*/plan/data/matters.yaml"))
    for row in reference.read(path)
]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("我们小区物业不管事，楼道灯坏了一个月，垃圾也没人清", "property-service"),
        ("保洁每周才来一次，绿化全枯了", "property-service"),
        ("物业费从一块五涨到两块二，没有公示收费标准", "property-fee"),
        ("物业乱收费，装修押金不退", "property-fee"),
        ("3号楼电梯三天两头坏，老人上不了楼", "lift-maintenance"),
        ("电梯困人半小时，维保单位没来", "lift-maintenance"),
        ("私家车把消防通道堵死了", "fire-lane"),
        ("楼道堆物，疏散通道走不了人", "fire-lane"),
        ("一楼业主私自加盖阳光房", "illegal-building"),
        ("楼上装修砸承重墙", "illegal-building"),
        ("有人从高层往下扔酒瓶，高空抛物", "falling-objects"),
        ("外墙瓷砖松了，幕墙玻璃也裂了", "curtain-wall"),
        ("楼道灭火器过期，消火栓没水", "fire-equipment"),
        ("下水道堵了，污水外溢到院子里", "shared-pipes"),
        ("有人把电动车推上楼飞线充电", "e-bike-charging"),
        ("电瓶车在楼道里充电", "e-bike-charging"),
        ("业委会到期不换届", "owners-committee"),
        ("想成立业主委员会，社区不组织筹备组", "owners-committee"),
        ("物业服务合同备案要什么材料", "contract-filing"),
        ("对我公司的信用分扣分不认可，提出异议", "credit-objection"),
        ("想查询某物业公司的信用等级和红黑榜", "credit-list-query"),
        ("工地发生生产安全事故，有人受伤", "production-accident"),
        ("矿井透水，工人被埋", "production-accident"),
        ("楼后山坡有裂缝，疑似滑坡险情", "possible-accident"),
        ("家里有刺鼻气味，不知道怎么回事", "possible-accident"),
        ("举报工厂违规作业，存在安全隐患", "safety-hazard"),
        ("工人没戴安全帽，脚手架也不牢", "safety-hazard"),
        ("想咨询法律援助怎么申请，有没有律师", "law-consultation"),
        ("建议把民法典列入政府常务会议学法主题", "law-study-suggestion"),
        ("请问政务大厅上班时间和办事流程", "government-affairs"),
        ("局里互相推诿踢皮球，迟迟不办", "supervision-complaint"),
        ("Ｃ座　电 梯 坏 了", "lift-maintenance"),
    ],
)
def test_the_right_matter_is_proposed_first(text, code):
    proposals = propose(text, MATTERS)
    assert proposals[0].code == code
    assert len(proposals) <= 5


def test_every_matter_has_words():
    assert MATTERS
    assert [matter.code for matter in MATTERS if not matter.words] == []


def test_the_words_that_led_to_a_matter_are_named_in_their_order():
    lift = Matter("lift", "电梯故障", ("电梯", "维保"))
    assert propose("维保不到位，电梯停了", [lift]) == [Proposal("lift", 4, ("维保", "电梯"))]


def test_where_words_overlap_the_longest_counts_and_once():
    service = Matter("service", "服务质量", ("物业",))
    fee = Matter("fee", "收费问题", ("物业费", "收费"))
    assert propose("物业费又涨了，物业费不合理", [service, fee]) == [Proposal("fee", 3, ("物业费",))]


def test_equal_matters_keep_their_order_and_five_are_proposed():
    matters = [Matter(f"m{number}", f"名称{number}", ("漏水",)) for number in range(8)]
    assert [each.code for each in propose("漏水", matters)] == ["m0", "m1", "m2", "m3", "m4"]


def test_nothing_is_proposed_where_no_word_fits():
    assert propose("今天天气很好", MATTERS) == []
    assert propose("", MATTERS) == []
    assert propose("电，梯", [Matter("lift", "电梯", ("电梯",))]) == []
