import time
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.dispatch.words import ACCIDENT_CLAUSES, Found, accident_words
from kit.district.citations import cite

ACCIDENTS = [
    ("楼下发生爆炸", "爆炸"),
    ("工地坍塌了，快来人", "坍塌"),
    ("小区围墙垮塌砸到车", "垮塌"),
    ("厨房煤气泄漏", "煤气泄漏"),
    ("三单元燃气泄露，闻到味了", "燃气泄露"),
    ("老人被困电梯里半小时", "被困"),
    ("孩子困在电梯里出不来", "困在"),
    ("电梯又困人了", "困人"),
    ("工人触电倒地", "触电"),
    ("一家三口一氧化碳中毒", "中毒"),
    ("五楼起火，有浓烟", "起火"),
    ("井下冒顶", "冒顶"),
    ("矿上透水", "透水"),
    ("广告牌坠落伤人", "坠落伤人"),
    # written as people write
    ("ＡＢ座发生了爆　炸！！", "爆炸"),
    ("5号楼 煤 气-泄·漏", "煤气泄漏"),
    ("有人“被困”在２号梯", "被困"),
    ("煤氣洩漏", "煤气泄漏"),
    ("被 困 贰 小 时", "被困"),
    ("觸電", "触电"),
    # not negated
    ("没有人来救，有人被困", "被困"),
    ("没有人来救有人被困", "被困"),
    ("电梯坏了没人管，被困两小时", "被困"),
    ("电梯坏了没人管被困两小时", "被困"),
    ("不是没有人被困", "被困"),
    ("不排除爆炸", "爆炸"),
    ("不知道有没有人被困", "被困"),
    ("是不是爆炸了", "爆炸"),
    ("没有人被困吧？", "被困"),
    ("难道没有爆炸？", "爆炸"),
    ("无人机爆炸", "爆炸"),
    ("起火没有造成人员伤亡", "起火"),
    ("怎么会爆炸", "爆炸"),
    ("起火是假的吗", "起火"),
    # in doubt
    ("声音像爆炸一样", "爆炸"),
    ("好像爆炸了", "爆炸"),
    ("可能有人被困", "被困"),
    ("恐怕有人被困", "被困"),
    ("我很害怕里面爆炸了", "爆炸"),
    ("听到爆炸声", "爆炸"),
    ("鞭炮爆炸伤了孩子", "爆炸"),
    ("业委会起火", "起火"),
    # not at another time
    ("一小时以前爆炸", "爆炸"),
    ("去年装的电梯今天困人", "困人"),
    ("刚才爆炸过", "爆炸"),
]
NOTHING = [
    "没有人被困",
    "未发生爆炸",
    "无人伤亡",
    "不是爆炸",
    "不存在坍塌",
    "并没有起火",
    "没有任何人员被困",
    "未造成人员伤亡",
    "已经排除爆炸",
    "爆炸没有发生",
    "爆炸的消息是谣言",
    "起火系误报",
    "未发生爆炸、坍塌和火灾",
    "没有爆炸或者坍塌",
    "小区搞火灾应急演练，声音太大",
    "没 有 人 被 困",
    "這裡沒有人被困",
    "爆炸性新闻",
    "这几年信息爆炸",
    "鞭炮爆炸声吵得睡不着",
    "一起火锅店油烟扰民",
    "被困扰多日",
    "小区铺的透水砖坏了",
    "接触电表",
    "一起，火车站见",
    "一起\n火车站见",
    "楼道灯不亮",
    "",
    "。，！",
]
DANGERS = [
    ("怕爆炸", "爆炸"),
    ("担心坍塌", "坍塌"),
    ("担心房子坍塌", "坍塌"),
    ("有爆炸危险", "爆炸"),
    ("有爆炸和坍塌的危险", "坍塌"),
    ("存在火灾隐患", "火灾"),
    ("电线乱拉容易起火", "起火"),
    ("万一起火谁负责", "起火"),
    ("爆炸了怎么办", "爆炸"),
    ("墙快要倒塌", "倒塌"),
    ("电梯差点把人困住了", "困住"),
    ("外墙瓷砖坠落", "坠落"),
    ("家里有煤气味", "煤气味"),
    ("去年发生过爆炸", "爆炸"),
    ("这里着火过两次", "着火"),
    ("会不会爆炸", "爆炸"),
    ("煤气罐不会爆炸吧", "爆炸"),
]


@pytest.mark.clause("E-4.1a", "E-4.1b")
@pytest.mark.parametrize(("text", "word"), ACCIDENTS)
def test_an_accident_is_found_however_it_is_told(text, word):
    assert Found(word, "accident") in accident_words(text)


@pytest.mark.clause("E-4.1a")
@pytest.mark.parametrize("text", NOTHING)
def test_what_is_said_not_to_be_or_only_looks_like_it_is_none(text):
    assert accident_words(text) == ()


@pytest.mark.clause("E-4.1b")
@pytest.mark.parametrize(("text", "word"), DANGERS)
def test_what_is_feared_or_over_is_a_danger_and_no_accident(text, word):
    found = accident_words(text)
    assert Found(word, "danger") in found
    assert all(each.kind == "danger" for each in found)


def test_words_come_in_the_order_of_the_text_once_each():
    told = "担心坍塌。二楼起火，三楼起火，有人被困；四楼没有人被困，墙坍塌"
    assert accident_words(told) == (
        Found("坍塌", "accident"),
        Found("起火", "accident"),
        Found("被困", "accident"),
    )


def test_each_of_several_is_judged_by_itself():
    assert accident_words("没有爆炸但有人被困") == (Found("被困", "accident"),)


def test_the_longest_word_is_taken():
    assert accident_words("广告牌坠落伤人") == (Found("坠落伤人", "accident"),)


def test_the_words_rest_on_clauses_of_the_ledger():
    assert [each.clause for each in cite(*ACCIDENT_CLAUSES)] == ["E-4.1a", "E-4.1b"]


@given(st.text())
def test_any_text_is_read(text):
    assert all(each.kind in ("accident", "danger") for each in accident_words(text))


@given(
    st.lists(
        st.sampled_from(["，", " ", "\u200b", "·", "没有", "人", "爆炸", "被困", "\n", "过", "、", "了"]),
        max_size=30,
    )
)
def test_blanks_and_unseen_letters_change_nothing(parts):
    blanks = list(chain.from_iterable((part, "\u3000", "\u200b") for part in parts))
    assert accident_words("".join(blanks)) == accident_words("".join(parts))


@pytest.mark.parametrize("piece", ["没有爆炸和", "人员有人", "被", "怕爆炸、坍塌", "，", "不知道有没有人"])
def test_a_long_text_takes_no_longer_for_each_letter_than_a_short_one(piece):
    def seconds(times):
        text = piece * times
        began = time.process_time()
        accident_words(text)
        return time.process_time() - began

    short, long = min(seconds(400) for _ in range(3)), min(seconds(8000) for _ in range(3))
    assert long < 20 * short * 4 + 0.05
