"""Others' lists of codes are data, and everything that they lead to is there."""

from pathlib import Path

import pytest

from adapter import codes
from adapter.port import STATES
from kit.dispatch.shapes import Urgency
from kit.district import reference

ROOT = Path(__file__).parents[2]
CODES = codes.read("forms")


def test_each_code_leads_to_a_matter_of_a_service():
    files = ROOT.glob("services/*/plan/data/matters.yaml")
    known = {matter["code"] for file in files for matter in reference.read(file)}
    assert len(known) > 20
    assert set(CODES.matters.values()) <= known


def test_every_state_and_urgency_has_a_code():
    assert set(CODES.states) == set(STATES)
    assert set(CODES.urgencies.values()) == {each.value for each in Urgency}


@pytest.mark.parametrize(
    ("code", "matter"),
    [("020103", "property-fee"), ("02010399", "property-fee"), ("020177", "property-service"), ("02", None)],
)
def test_the_longest_beginning_of_a_code_decides(code, matter):
    assert CODES.matter(code) == matter


@pytest.mark.parametrize(
    ("code", "street"),
    [("DS001", "天骄街道"), ("天骄街道办事处", "天骄街道"), ("DS999", None), ("", None)],
)
def test_a_division_is_a_code_or_a_name(code, street):
    assert CODES.division(code) == street


def test_a_file_of_matters_takes_the_place_of_ours(tmp_path):
    file = tmp_path / "matters.yaml"
    file.write_text("source: x\ncodes:\n- {code: A, ours: lift-maintenance}\n", encoding="utf-8")
    read = codes.read("forms", file)
    assert (read.matter("A1"), read.matter("0101")) == ("lift-maintenance", None)
