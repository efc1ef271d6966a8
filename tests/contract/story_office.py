"""The office service's story: a division document and its withdrawal, absences, posts, leading groups."""

from services.office.plan.roles import MANAGER, UNIT
from tests.contract.writes import Writes

#: The roles of the government office's desk.
ROLES = (MANAGER, UNIT)


def leaders(writes: Writes) -> None:
    """The leaders: a document that is entered, one that is entered wrongly, who is away, who holds a post."""
    post = writes.post
    wrong = post("/division-documents")["id"]
    post(f"/division-documents/{wrong}/withdraw")
    head = {"leader": "second-head", "name": "示例丁", "post": "区长", "directs_all": True}
    kept = post("/division-documents", leaders=[head], pairs=[])["id"]
    writes.places["/division-documents/{id}"] = f"/division-documents/{kept}"
    absence = post("/absences")["id"]
    writes.put(f"/absences/{absence}", ends_at=None)
    post(f"/absences/{absence}/cancel")
    writes.register("/post-holdings")
    writes.put(f"/leading-groups/{post('/leading-groups')['id']}")
