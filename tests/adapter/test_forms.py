"""A platform whose interface is of the kind that is not published: what it answers is read as it comes."""

import httpx2
import pytest

from adapter import codes
from adapter.forms import LONGEST, Account, FormPlatform
from adapter.port import Away, Refused, Telling
from tests.adapter.clock import NOW
from tests.adapter.platform import APP, SECRET, order

BEGIN, END = NOW.replace(hour=0), NOW.replace(hour=23)


@pytest.fixture
def port(platform):
    with httpx2.Client(transport=httpx2.MockTransport(platform.handle)) as http:
        yield FormPlatform(http, Account("http://city", APP, SECRET), codes.read("forms"))


def test_a_time_without_zone_is_shanghais(platform, port):
    platform.add(order("G1", at="2024-06-24 23:30:00"))
    (found,) = port.orders(BEGIN, NOW.replace(hour=23, minute=59)).items
    assert found.at.isoformat() == "2024-06-24T23:30:00+08:00"


def test_a_field_may_be_a_number_null_the_word_null_or_not_there(platform, port):
    platform.add(order(77, JJCD=3, DZ=None, SSQH="null", JD="null"))
    platform.orders[0].pop("FJ")
    (found,) = port.orders(BEGIN, END).items
    assert (found.number, found.urgency, found.address, found.division) == ("77", "emergency", None, None)
    assert (found.attachments, found.coordinates) == ((), None)


@pytest.mark.parametrize(
    ("typed", "phone"),
    [
        ("13800001234", "13800001234"),
        ("１３８００００１２３４", "13800001234"),
        ("13800001234(本人)，0477-8580000", "13800001234"),
        ("无；13800001234", "13800001234"),
        ("来电人未留电话", None),
        ("", None),
    ],
)
def test_the_first_number_that_is_one_is_the_callers(platform, port, typed, phone):
    platform.add(order("G1", LDDH=typed))
    assert port.orders(BEGIN, END).items[0].phone == phone


@pytest.mark.parametrize("wrong", [{"PDSJ": "2024-06-24 09:00"}, {"GDBT": " ", "GDNR": None}])
def test_a_row_that_cannot_be_read_is_named_and_the_others_are_read(platform, port, wrong):
    platform.add(order("G1", **wrong), order("G2"))
    listed = port.orders(BEGIN, END)
    assert ([each.number for each in listed.items], listed.unread, listed.whole) == (["G2"], ("G1",), True)


def test_rows_that_move_while_pages_are_read_are_there_once(platform, port):
    platform.page = 2
    platform.add(*(order(f"G{number}", at=f"2024-06-24 09:0{number}:00") for number in range(5)))
    comes = {2: order("new", at="2024-06-24 09:29:00")}
    platform.before_page = lambda number: platform.add(comes.pop(number)) if number in comes else None
    listed = port.orders(BEGIN, END)
    numbers = [each.number for each in listed.items]
    assert sorted(numbers) == ["G0", "G1", "G2", "G3", "G4"]  # without the new one, which the next pass sees
    assert not listed.whole


def test_standings_are_read_again_until_nothing_moved_meanwhile(platform, port):
    platform.page = 2
    platform.add(*(order(f"G{number}", at=f"2024-06-24 09:0{number}:00") for number in range(5)))
    comes = {2: order("new", at="2024-06-24 09:29:00")}
    platform.before_page = lambda number: platform.add(comes.pop(number)) if number in comes else None
    assert len(port.standings(BEGIN, END)) == 6


def test_a_token_that_ended_is_asked_for_anew(platform, port):
    port.orders(BEGIN, END)
    platform.tokens.clear()
    port.orders(BEGIN, END)
    assert platform.asked["/token"] == 2


@pytest.mark.parametrize("how", ["busy", "lost", "unheard", "html"])
def test_what_may_go_through_later_is_away(platform, port, how):
    platform.fail("/order/list", how)
    with pytest.raises(Away):
        port.orders(BEGIN, END)


def test_wrong_credentials_are_nothing_that_an_order_is_at_fault_for(platform):
    with httpx2.Client(transport=httpx2.MockTransport(platform.handle)) as http:
        port = FormPlatform(http, Account("http://city", APP, "wrong"), codes.read("forms"))
        with pytest.raises(Away, match="login 1002"):
            port.orders(BEGIN, END)


def test_a_code_of_failure_inside_200_is_a_refusal(port):
    with pytest.raises(Refused, match="4004"):
        port.tell("nobody's", Telling("accepted"), NOW)


@pytest.mark.parametrize("text", ["a  b\r\nc ", "修" * (LONGEST + 1), ""])
def test_a_telling_comes_back_as_it_is_said_to(platform, port, text):
    platform.add(order("G1"))
    port.tell("G1", Telling("answered", text), NOW)
    assert port.told("G1") == [port.kept(Telling("answered", text))]
    (standing,) = port.standings(BEGIN, END)
    assert standing.telling == port.kept(Telling("answered", text))


def test_states_that_stand_for_ours_besides_are_read_as_ours(platform, port):
    platform.add(order("G1"))
    platform.replies["G1"] = [{"ZT": "41", "NR": "已归档"}]
    assert port.told("G1") == [Telling("closed", "已归档")]
