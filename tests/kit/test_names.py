"""One name is one name, however it is typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.district.names import name_key


@pytest.mark.parametrize(
    "written",
    [
        "和谐家园(一期)",
        "和谐家园（一期）",
        "和谐 家园（一期）",
        "和谐\n家园【一期】",
        "和谐\u00a0家园\u3000(一期)",
        "\u202e和谐家园\u200b（一期）",
    ],
)
def test_width_brackets_blanks_and_what_is_not_seen_tell_no_names_apart(written):
    assert name_key(written) == "和谐家园(一期)"


def test_letters_and_digits_are_the_same_in_any_width_and_case():
    assert name_key("２期Ａ区") == name_key("2期a区") == "2期a区"


def test_what_is_written_otherwise_stays_apart():
    assert name_key("甲有限公司") != name_key("甲有限责任公司")


@given(st.text())
def test_the_normal_form_of_a_normal_form_is_itself(text):
    assert name_key(name_key(text)) == name_key(text)
