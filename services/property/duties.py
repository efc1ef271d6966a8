"""Everything that the three-year plan has somebody owe: one list over all capabilities."""

from kit.duties.api import add_duties
from kit.web import routes
from services.property import association, guide_prices, inspections, party, renewal
from services.property.committees import owed as committees
from services.property.coverage import owed as coverage
from services.property.projects import disclosure, doings, means
from services.property.streets import conferences, offices, patrols, pilots, training

OWED = (
    *coverage.OWED,
    *inspections.OWED,
    *conferences.OWED,
    *guide_prices.OWED,
    *party.OWED,
    *committees.OWED,
    *offices.OWED,
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
