"""Everything that the three-year plan has somebody owe: one list over all capabilities."""

from kit.duties.api import add_duties
from kit.web import routes
from services.property import (
    association,
    conferences,
    disclosure,
    guide_prices,
    inspections,
    party,
    patrols,
    pilots,
    renewal,
    streets,
    training,
)
from services.property.committees import owed as committees
from services.property.coverage import owed as coverage
from services.property.readiness import doings, means

OWED = (
    *coverage.OWED,
    *inspections.OWED,
    *conferences.OWED,
    *guide_prices.OWED,
    *party.OWED,
    *committees.OWED,
    *streets.OWED,
    *doings.OWED,
    *means.OWED,
    *disclosure.OWED,
    *renewal.OWED,
    *training.OWED,
    *patrols.OWED,
    *pilots.OWED,
    *association.OWED,
)

router = routes.router("履职事项")
add_duties(router, "property", OWED)
