"""Keys of personal data take each other's place: what any of them sealed is read and found, before, between and after."""

import base64
import json

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from kit.personal.cipher import Cipher
from kit.personal.keys import Keys

KEYS = tuple(bytes([letter]) * 32 for letter in b"abcdef")


def cipher(*keys):
    return Cipher(SecretStr(Keys(keys).written))


def test_one_key_stands_alone_and_several_are_listed_with_the_first_first():
    alone = base64.b64encode(KEYS[0]).decode()
    assert Keys(KEYS[:1]).written == alone
    assert Keys.read(f" {alone}\n") == Keys(KEYS[:1])
    assert Keys.read(Keys(KEYS[:3]).written) == Keys(KEYS[:3])
    assert Cipher(SecretStr(alone)).id == cipher(KEYS[0], KEYS[1]).id != cipher(KEYS[1], KEYS[0]).id


def test_the_next_key_opens_and_does_not_seal():
    announced = Keys(KEYS[:1], KEYS[1])
    assert Keys.read(announced.written) == announced
    made = Cipher(SecretStr(announced.written))
    assert made.id == cipher(KEYS[0]).id
    assert made.open(cipher(KEYS[1]).seal("张建国")) == "张建国"
    assert cipher(KEYS[0]).open(made.seal("张建国")) == "张建国"


@pytest.mark.parametrize(
    "given",
    [
        "{",
        "{}",
        "[]",
        '{"keys": []}',
        '{"keys": [], "next": 1}',
        '{"next": "hunter2"}',
        '{"keys": "hunter2"}',
        '{"keys": [1]}',
        '{"keys": ["hunter2"]}',
        json.dumps({"keys": [base64.b64encode(KEYS[0]).decode()], "last": 1}),
        json.dumps({"keys": [base64.b64encode(KEYS[0]).decode()] * 2}),
    ],
)
def test_what_is_no_list_of_keys_is_refused_in_words_that_do_not_show_it(given):
    with pytest.raises(ValueError, match="should") as refused:
        Keys.read(given)
    assert "hunter2" not in str(refused.value)


@given(st.lists(st.sampled_from(["add", "promote", "seal", "reseal", "remove"]), max_size=40), st.data())
def test_whatever_the_order_of_rotations_nothing_is_lost_and_nothing_is_left(steps, data):
    """A store of sealed texts and their hashes; each process may be a step behind with the order of its keys."""
    keys, unused = [KEYS[0]], list(KEYS[1:])
    store = []
    for step in steps:
        first = cipher(*keys)
        other = cipher(*data.draw(st.permutations(keys)))
        if step == "add" and unused:
            keys.append(unused.pop())
        elif step == "promote":
            keys.insert(0, keys.pop())
        elif step == "seal":
            text = data.draw(st.text(max_size=20))
            store.append((text, other.seal(text), other.lookup(text)))
        elif step == "reseal":
            store = [
                (
                    text,
                    sealed if first.is_first(sealed) else first.seal(other.open(sealed)),
                    first.lookup(text),
                )
                for text, sealed, _ in store
            ]
            assert all(first.is_first(sealed) for _, sealed, _ in store)
        elif step == "remove" and all(first.is_first(sealed) for _, sealed, _ in store):
            unused += keys[1:]
            keys = keys[:1]
            store = [(text, sealed, first.lookup(text)) for text, sealed, _ in store]
        now = cipher(*data.draw(st.permutations(keys)))
        assert [now.open(sealed) for _, sealed, _ in store] == [text for text, *_ in store]
        assert all(hashed in now.lookups(text) for text, _, hashed in store)


def test_a_key_that_was_taken_out_opens_nothing_and_finds_nothing():
    old, new = cipher(KEYS[0]), cipher(KEYS[1])
    both = cipher(KEYS[1], KEYS[0])
    assert not both.is_first(old.seal("13800000000"))
    with pytest.raises(InvalidTag):
        old.open(both.seal("13800000000"))
    assert both.lookup("13800000000") == new.lookup("13800000000")
    assert old.lookup("13800000000") in both.lookups("13800000000")
    assert old.lookup("13800000000") not in new.lookups("13800000000")
