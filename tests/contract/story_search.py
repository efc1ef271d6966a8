"""What is found, and what is entered to be found: a part of the property service's story."""

from tests.contract.writes import Writes


def search(writes: Writes, compound: str) -> None:
    """Another name of a compound, and that it is not the same as another."""
    writes.register("/aliases", compound_id=compound, company_id=None)
    other = writes.running.sql("SELECT id FROM compounds WHERE id <> %s", compound)[0][0]
    writes.register("/dismissals", one_id=compound, other_id=str(other))


def annotated(writes: Writes, data: bytes) -> None:
    """A workbook that is checked and given back."""
    files = {"file": ("摸底表.xlsx", data)}
    writes.send("post", "/surveys/annotated", files=files, params={"as_of": "2024-06-20"})


def merges(writes: Writes, one: str, other: str) -> None:
    """Two compounds and two companies that are one, were not, and are."""
    post = writes.post
    post(f"/compounds/{other}/withdraw", into=one)
    post(f"/compounds/{other}/restore")
    post(f"/compounds/{other}/withdraw", into=one)
    wrong, right = (
        post("/companies", name=name, uscc=None)["id"] for name in ("甲物业（虚构）二", "乙物业（虚构）二")
    )
    post(f"/companies/{wrong}/withdraw", into=right)
    post(f"/companies/{wrong}/restore")
