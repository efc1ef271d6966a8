"""What a citizen's own words say: whether it is an accident, and of which matter it may be (P-2.2.2b, E-4.1a, E-4.1b).

Nothing is decided here. An accident that is told in doubt counts as one; a matter is proposed and a person chooses.
A text is read sentence by sentence, without blanks and signs inside a sentence: `煤 气-泄漏` is 煤气泄漏. No word reaches
over a comma or the end of a line. Everything takes time in proportion to the text's length.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from kit.dispatch.sayings import Kind, Saying
from kit.district import reference

_DATA: Final[Mapping[str, Any]] = reference.read(Path(__file__).with_name("data") / "accident_words.yaml")
#: Clauses that the words of an accident rest on.
ACCIDENT_CLAUSES: Final = tuple[str, ...](_DATA["clauses"])
_ACCIDENTS: Final = [word for words in _DATA["accident"].values() for word in words]
_KINDS: Final[dict[str, Kind | None]] = {
    **dict.fromkeys(_ACCIDENTS, "accident"),
    **dict.fromkeys(_DATA["danger"], "danger"),
    **dict.fromkeys(_DATA["lookalikes"]),
}
_VARIANTS: Final = str.maketrans(_DATA["variants"])
_SENTENCE_ENDS: Final = re.compile(r"[,。;!?\n\r:]+|\.(?!\d)")
#: 、 stays: it joins words, and no word reaches over it.
_SIGNS: Final = re.compile(r"[^\w、]|_")
_MOST_PROPOSALS: Final = 5


@dataclass(frozen=True)
class Found:
    """A word of an accident or of a danger, as it stands in the text."""

    word: str
    kind: Kind


@dataclass(frozen=True)
class Proposal:
    """A matter that a text may be of: score is the number of characters of the words that led to it."""

    code: str
    score: int
    words: tuple[str, ...]


class Named(Protocol):
    """What a matter is found by."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def words(self) -> Sequence[str]: ...


def accident_words(text: str) -> tuple[Found, ...]:
    """The words of accidents and dangers in a text, each once, in its order; those that are said not to be are left out.

    A word that stands for an accident in one place and for a danger in another is an accident.
    """
    found: dict[str, Kind] = {}
    for sentence in _sentences(text):
        for word, kind in _SAYING.said(sentence):
            if found.get(word) != "accident":
                found[word] = kind
    return tuple(Found(word, kind) for word, kind in found.items())


def propose(text: str, matters: Iterable[Named]) -> list[Proposal]:
    """The matters whose words a text has, the most likely first, five at most.

    The longest word counts where words overlap, for every matter that names it, and once however often it comes.
    """
    owners: dict[str, list[int]] = {}
    known = list(matters)
    for place, matter in enumerate(known):
        for word in dict.fromkeys(map(_plain, (matter.name, *matter.words))):
            owners.setdefault(word, []).append(place)
    led: dict[int, list[str]] = {}
    for word in _longest_first(list(_sentences(text)), frozenset(owners)):
        for place in owners[word]:
            led.setdefault(place, []).append(word)
    proposals = [
        (place, Proposal(known[place].code, sum(map(len, words)), tuple(words)))
        for place, words in led.items()
    ]
    proposals.sort(key=lambda each: (-each[1].score, each[0]))
    return [proposal for _, proposal in proposals[:_MOST_PROPOSALS]]


def _sentences(text: str) -> Iterable[str]:
    for sentence in _SENTENCE_ENDS.split(unicodedata.normalize("NFKC", text).casefold()):
        if bare := _SIGNS.sub("", sentence).translate(_VARIANTS):
            yield bare


def _plain(word: str) -> str:
    return "".join(_sentences(word))


def _longest_first(sentences: Sequence[str], words: frozenset[str]) -> list[str]:
    """The words that stand in the sentences, in their order, each once; where two overlap, the longer, else the first."""
    lengths = sorted({len(word) for word in words if word}, reverse=True)
    places: dict[tuple[int, int], str] = {}
    for number, sentence in enumerate(sentences):
        free = bytearray(b"\x01" * len(sentence))
        for length in lengths:
            for start in range(len(sentence) - length + 1):
                end = start + length
                if sentence[start:end] in words and free.find(0, start, end) < 0:
                    free[start:end] = bytes(length)
                    places[number, start] = sentence[start:end]
    return list(dict.fromkeys(places[place] for place in sorted(places)))


_SAYING: Final = Saying(_KINDS, _DATA)
