"""What is known of an accident from many reports: of each fact, the last that was told."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from kit.testing import START
from services.emergency.incidents.facts import Told
from services.emergency.plan.accidents.counting import Telling, count

reports = st.lists(
    st.builds(
        Told,
        deaths=st.none() | st.integers(0, 50),
        missing=st.none() | st.integers(0, 50),
        direct_loss_yuan=st.none() | st.decimals(0, 10**12, places=2),
        scene=st.none() | st.sampled_from(["塌方", "起火"]),
    ),
    max_size=6,
)


@given(reports)
def test_each_fact_is_the_last_that_was_told_and_is_forgotten_by_no_report_that_is_silent_on_it(told):
    tellings = [Telling(at=START, order=order, facts=report.given()) for order, report in enumerate(told)]
    known = Told.model_validate(count(tellings, START).known)
    for name in ("deaths", "missing", "direct_loss_yuan", "scene"):
        said = [getattr(report, name) for report in told if getattr(report, name) is not None]
        assert getattr(known, name) == (said[-1] if said else None)


@given(st.decimals(0, 10**15, places=2))
def test_an_amount_goes_in_and_out_exactly(amount):
    told = Told(direct_loss_yuan=str(amount))
    assert Told.model_validate(told.given()).direct_loss_yuan == Decimal(str(amount))
