"""Personal data: sealed at rest, found by a keyed hash, masked for eyes, absent from logs."""

import base64

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from kit.personal.cipher import Cipher
from kit.personal.masking import mask_name, mask_phone


def key(letter):
    return SecretStr(base64.b64encode(letter * 32).decode())


CIPHER, OTHER = Cipher(key(b"a")), Cipher(key(b"b"))


@given(st.text())
def test_what_is_sealed_opens_again(text):
    assert CIPHER.open(CIPHER.seal(text)) == text


@given(st.text(min_size=1))
def test_the_same_text_never_looks_the_same_and_never_shows(text):
    sealed = CIPHER.seal(text)
    assert sealed != CIPHER.seal(text)
    assert len(text) < 4 or text.encode() not in sealed


@given(st.text(), st.integers(min_value=0), st.integers(1, 255))
def test_a_sealed_text_that_was_touched_does_not_open(text, place, change):
    sealed = bytearray(CIPHER.seal(text))
    sealed[place % len(sealed)] ^= change
    with pytest.raises(InvalidTag):
        CIPHER.open(bytes(sealed))


def test_another_key_opens_nothing():
    with pytest.raises(InvalidTag):
        OTHER.open(CIPHER.seal("13800000000"))


def test_a_look_up_is_the_same_each_time_and_needs_the_key():
    assert CIPHER.lookup("13800000000") == Cipher(key(b"a")).lookup("13800000000")
    assert CIPHER.lookup("13800000000") != CIPHER.lookup("13800000001")
    assert CIPHER.lookup("13800000000") != OTHER.lookup("13800000000")


@pytest.mark.parametrize("bad", ["", "abc", base64.b64encode(b"a" * 31).decode(), "!" * 44])
def test_a_key_of_another_length_is_refused(bad):
    with pytest.raises(ValueError):
        Cipher(SecretStr(bad))


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812345678", "138****5678"),
        ("+8613812345678", "+86*******5678"),
        ("0477-8581234", "047*****1234"),
        ("8581234", "*****34"),
        ("12345", "***45"),
    ],
)
def test_a_phone_shows_only_its_ends(phone, shown):
    assert mask_phone(phone) == shown
    assert len(shown) == len(phone)


@pytest.mark.parametrize(("name", "shown"), [("张建国", "张**"), ("李明", "李*"), ("王", "王*"), ("", "*")])
def test_a_name_shows_only_its_first_character(name, shown):
    assert mask_name(name) == shown
