"""The colours of all figures, and what stands beside each so that no colour says a thing alone."""

from enum import Enum
from typing import Final, NamedTuple

PAPER: Final = "#ffffff"
#: Words: at least 4.5 to 1 on paper.
INK, MUTED = "#1c2733", "#4a5766"
#: Where nothing is said: hairlines and the track of a bar.
RULE, TRACK = "#d5dbe2", "#eef1f5"
#: The frame of what is pale: at least 3 to 1 on paper.
FRAME: Final = "#7b8794"


class Look(NamedTuple):
    """How a state looks: its colour, its pale colour, and the dashes of its line."""

    colour: str
    pale: str
    dashes: str


class Tone(Enum):
    """What a thing is like; each has a mark of a shape of its own and a bar of a pattern of its own."""

    GOOD = Look("#1d6b4c", "#dcebe4", "")
    LATE = Look("#9a5409", "#f6e7d3", "8 3")
    BAD = Look("#b3261e", "#f7dedc", "3 3")
    OPEN = Look("#1e5a9c", "#dde8f4", "")
    IDLE = Look("#5b6774", "#eef1f5", "2 4")

    @property
    def colour(self) -> str:
        """Its colour: on paper at least 4.5 to 1, so that words may have it too."""
        return self.value.colour


class Class(NamedTuple):
    """A class of a map's or a grid's fields: its fill, and the colour of words on it."""

    fill: str
    ink: str


#: From the least to the most; None of them is told by its fill alone: the word stands in the field.
CLASSES: Final = (
    Class("#f3f6fa", INK),
    Class("#cfe0f1", INK),
    Class("#9cc1e4", INK),
    Class("#2b69ab", PAPER),
    Class("#143f70", PAPER),
)


def contrast(one: str, other: str) -> float:
    """How two colours stand out from each other, from 1 to 21 (WCAG 2.2, contrast ratio)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
