"""What is looked at in every figure: it is well-formed, stands alone, and no words touch others or the edge."""

import io
import re
from itertools import combinations
from xml.etree import ElementTree

from docx import Document
from hypothesis import strategies as st

from kit.figures.lettering import clean, measured

_SVG = "{http://www.w3.org/2000/svg}"
#: Labels as they come: markup, quotes, very long, Mongolian, marks that turn the direction, controls.
LABELS = st.one_of(
    st.sampled_from(
        [
            "天骄街道",
            "<script>alert('&')</script>",
            "\"引号\"与'撇号'",
            "鄂尔多斯市东胜区" * 12,
            "an-unbroken-word-that-is-longer-than-any-column-of-any-figure-could-be",
            "ᠣᠷᠳᠣᠰ ᠬᠣᠲᠠ",
            "巴音·孟克·额尔德尼",
            "abc\u202edef\u2066ghi\u200f",
            "شارع\u200f",
            "\x00\x0b\ufffe\ud800",
            "",
        ]
    ),
    st.text(max_size=60),
)
WIDTHS = st.sampled_from([320, 360, 519, 520, 640, 1200])


def looked_at(svg: str) -> ElementTree.Element:
    """The figure as a tree, after the looks that hold for every one."""
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    title, desc = root.find(f"{_SVG}title"), root.find(f"{_SVG}desc")
    assert (root.get("aria-labelledby") or "").split() == [title.get("id"), desc.get("id")]
    assert (desc.text or "").strip()
    every = list(root.iter())
    assert not [
        each.tag for each in every if each.tag.removeprefix(_SVG) in ("script", "style", "image", "a")
    ]
    assert not [name for each in every for name in each.attrib if name == "style" or name.startswith("on")]
    ids = [each.get("id") for each in every if each.get("id")]
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= set(ids)
    _words_are_apart(root)
    return root


def said(root: ElementTree.Element) -> str:
    """All words of a figure and of its text, without blanks."""
    return "".join("".join(root.itertext()).split())


def tabled(answer) -> list[list[str]]:
    """The rows of the table of a report (.docx), after its headings."""
    assert answer.headers["content-type"].endswith("wordprocessingml.document")
    [table] = Document(io.BytesIO(answer.content)).tables
    return [[cell.text for cell in row.cells] for row in table.rows][1:]


def squeezed(words: str) -> str:
    """Words as they stand in a figure, without blanks."""
    return clean(words).replace(" ", "")


def _words_are_apart(root: ElementTree.Element) -> None:
    _, _, width, height = map(float, (root.get("viewBox") or "").split())
    boxes = [_box(each) for each in root.iter(f"{_SVG}text")]
    for left, top, right, bottom, words in boxes:
        assert left >= 0 and right <= width and top >= 0 and bottom <= height, words
    boxes.sort(key=lambda box: box[1])
    for one, other in combinations(boxes, 2):
        if other[1] < one[3]:
            assert one[2] <= other[0] + 0.2 or other[2] <= one[0] + 0.2, (one, other)


def _box(text: ElementTree.Element) -> tuple[float, float, float, float, str]:
    size, x, y = (float(text.get(name) or 0) for name in ("font-size", "x", "y"))
    wide = measured(text.text or "", size, bold=text.get("font-weight") == "bold")
    left = x - {"middle": wide / 2, "end": wide}.get(text.get("text-anchor") or "", 0.0)
    return left, y - size * 0.9, left + wide, y + size * 0.2, text.text or ""
