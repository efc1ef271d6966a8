"""Running text shows no person's number, however it was typed, and leaves what is none alone."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.personal.masking import is_identity_number, masked, within


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("电13912345678，急", "电139****5678，急"),
        ("家属王五13912345678已到", "家属王五139****5678已到"),
        ("微信wx13912345678", "微信wx139****5678"),
        ("139 1234 5678", "139 **** 5678"),
        ("139-1234-5678", "139-****-5678"),
        ("139－1234－5678", "139－****－5678"),
        ("1 3 9 1 2 3 4 5 6 7 8", "1 3 9 * * * * 5 6 7 8"),
        ("+86 139 1234 5678", "+86 139 **** 5678"),
        ("+86-13912345678", "+86-139****5678"),
        ("008613912345678", "0086139****5678"),
        ("8613912345678", "86139****5678"),
        ("013912345678", "0139****5678"),
        ("１３９１２３４５６７８", "１３９****５６７８"),
        ("＋８６１３９１２３４５６７８", "＋８６１３９****５６７８"),
        ("1.13912345678", "1.139****5678"),
        ("13912345678.1号楼", "139****5678.1号楼"),
        ("13912345678 1234", "139****5678 1234"),
        ("13912345678/13812345679", "139****5678/138****5679"),
        ("13912345678 13812345679", "139****5678 138****5679"),
    ],
)
def test_a_mobile_number_shows_only_its_ends(typed, shown):
    assert masked(typed) == shown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("0477-8575464", "0477-*****64"),
        ("04778575464", "0477*****64"),
        ("0477 857 5464", "0477 *** **64"),
        ("(0477)8575464", "(0477)*****64"),
        ("（0477） 8575464", "（0477） *****64"),
        ("0477-8575464转801，请回", "0477-*******转*01，请回"),
        ("0477-8575464-801", "0477-*******-*01"),
        ("+86 477 8575464", "+86 47* *****64"),
        ("０４７７－８５７５４６４", "０４７７－*****６４"),
        ("联系电话：8575464", "联系电话：*****64"),
        ("电话号码是857-5464", "电话号码是***-**64"),
        ("TEL 8575464", "TEL *****64"),
    ],
)
def test_a_fixed_number_shows_its_area_and_its_end(typed, shown):
    assert masked(typed) == shown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("身份证11010519491231002X。", "身份证11**************2X。"),
        ("11010519491231002x", "11**************2x"),
        ("110105 19491231 002X", "11**** ******** **2X"),
        ("１１０１０５１９４９１２３１００２Ｘ", "１１**************２Ｘ"),
        ("老证130503670401001", "老证13***********01"),
        ("1234 11010519491231002X", "1234 11**************2X"),
    ],
)
def test_an_identity_number_shows_its_province_and_its_end(typed, shown):
    assert masked(typed) == shown


@pytest.mark.parametrize(
    "text",
    [
        "直接经济损失13912345678.00 元",
        "a13912345678f",
        "139123456789",
        "12913912345678",
        "DS-E-20240624-0001、DS-PQ-20240624-000001",
        "12345-20240624-000001",
        "2024-06-24T13:30:00+08:00",
        "019012ab-1381-7345-8678-138123456789",
        "8f14e45fceea167a5a36dedd4bea2543" * 2,
        "91150602MA0N0AAA0X",
        "150602001001",
        "110105194912310021",
        "110105194913310027",
        "017000",
        "8575464平方米",
        "119、120、12345",
        "东政办发〔2024〕31号",
    ],
)
def test_what_is_nobodys_number_stays(text):
    assert masked(text) == text


def test_known_names_are_masked_wherever_they_stand():
    assert masked("张建国（张 建国）来电，李明在场", ["张建国", "李明"]) == "张**（张***）来电，李*在场"
    assert masked("王家沟", ["王"]) == "王家沟", "one character is no name to look for"


def test_every_text_within_a_value_is_masked():
    value = {"a": ["13912345678", 13912345678, None], "13912345678": ("13912345678",)}
    assert within(value) == {"a": ["139****5678", 13912345678, None], "139****5678": ("139****5678",)}


PHONES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
GAPS = st.sampled_from(["", " ", "-", "－", "·", "  "])


@given(PHONES, st.lists(GAPS, min_size=10, max_size=10), st.sampled_from(["", "+86", "+86 ", "0"]))
def test_however_its_digits_are_set_apart_a_mobile_number_shows_seven_of_them(phone, gaps, country):
    typed = country + "".join(map("".join, zip(phone, [*gaps, ""], strict=True)))
    shown = masked(f"请拨{typed}。")
    digits = re.sub("[^0-9*]", "", shown)
    assert digits.endswith(phone[:3] + "****" + phone[7:])


@given(st.text(alphabet="0123456789 -+()电话张", max_size=60))
def test_masking_what_is_masked_changes_nothing(text):
    assert masked(masked(text)) == masked(text)


@given(st.text(alphabet="0123456789 -+()电话张", max_size=60))
def test_a_masked_text_is_as_long_as_what_was_typed(text):
    assert len(masked(text)) == len(text)


@given(st.from_regex(r"[1-8][0-9]{16}", fullmatch=True))
def test_of_all_check_characters_one_at_most_makes_an_identity_number(number):
    assert sum(is_identity_number(number + check) for check in "0123456789X") <= 1


@pytest.mark.parametrize("written", [str.lower, str.upper, lambda key: key.replace("-", "").upper()])
def test_key_in_whose_digits_a_number_might_stand_is_left_however_it_is_written(written):
    key = written("01a21b7e-9451-739c-8ab1-138001380001")
    assert masked(key) == key
