"""Times whose plus sign was lost on the way."""

import pytest
from pydantic import TypeAdapter, ValidationError

from kit.district.clock import LocalTime

TIMES = TypeAdapter(LocalTime)


@pytest.mark.parametrize("lost", ["2024-06-24T09:30:00 08:00", "2024-06-24T09:30:00.5 0800"])
def test_a_time_whose_plus_sign_became_a_space_is_answered_with_how_to_write_it(lost):
    with pytest.raises(ValidationError, match="%2B"):
        TIMES.validate_python(lost)


@pytest.mark.parametrize(
    "kept", ["2024-06-24T09:30:00+08:00", "2024-06-24T01:30:00Z", "2024-06-24 09:30:00+08:00"]
)
def test_other_times_are_read_as_they_were(kept):
    assert TIMES.validate_python(kept).isoformat() == "2024-06-24T09:30:00+08:00"


def test_the_schema_of_a_time_is_that_of_a_moment():
    assert TIMES.json_schema() == {"type": "string", "format": "date-time"}
