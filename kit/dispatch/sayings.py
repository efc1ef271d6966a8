"""What the words around a word make of it: it is there, it may come, or it is said not to be."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Literal

Kind = Literal["accident", "danger"]
_Said = Literal["not", "may", "is"]

#: How far around a word is looked, in characters: a sentence says it near the word, and time stays in proportion.
_BEFORE, _AFTER = 16, 12


class Saying:
    """Reads sentences by lists of words: `kinds` to find, None for what only looks like one; `lists` of what is around."""

    def __init__(self, kinds: Mapping[str, Kind | None], lists: Mapping[str, Sequence[str]]) -> None:
        self._kinds = kinds
        between, tail = f"(?:{_any(lists['between'])})*", f"(?:{_any(lists['tail'])})*"

        def before(*names: str) -> re.Pattern[str]:
            return re.compile(f"(?:{_any(word for name in names for word in lists[name])}){between}$")

        def after(name: str) -> re.Pattern[str]:
            return re.compile(f"{tail}(?:{_any(lists[name])})")

        negated = _any(lists["not_before"])
        doubted = f"{_any(lists['unsure'])}|(?:{_any(lists['turned'])})(?:{negated})"
        self._words = re.compile(_any(kinds))
        self._joiner = re.compile(f"(?:{_any(lists['joiners'])})(?:{_any(lists['joiners'])}|有)*")
        self._doubted = re.compile(f"(?:{doubted}){between}$")
        self._not_before, self._not_after = before("not_before"), after("not_after")
        self._asked = re.compile(f"{tail}(?:{_any(lists['asked'])})")
        self._may_before, self._may_after = before("may_before"), after("may_after")
        self._supposed = re.compile(_any(lists["supposed"]))
        self._feared = re.compile(f"(?<!{_any(lists['fearless'])})(?:{_any(lists['feared'])})")
        self._past, self._now = before("past"), re.compile(_any(lists["now"]))

    def said(self, sentence: str) -> Iterator[tuple[str, Kind]]:
        """The words that a sentence says are there, or may come: these are dangers, whatever they are otherwise."""
        matches = [match for match in self._words.finditer(sentence) if self._kinds[match[0]] is not None]
        joined = [self._are_joined(sentence, one, other) for one, other in pairwise(matches)]
        befores = [self._said_before(sentence, match) for match in matches]
        afters = [self._said_after(sentence, match) for match in matches]
        for place, shared in enumerate(joined):
            if shared and befores[place + 1] == "is":
                befores[place + 1] = befores[place]
        for place in reversed(range(len(joined))):
            if joined[place] and afters[place] == "is":
                afters[place] = afters[place + 1]
        for match, *said in zip(matches, befores, afters, strict=True):
            kind = self._kinds[match[0]]
            if kind is not None and "not" not in said:
                yield match[0], "danger" if "may" in said else kind

    def _are_joined(self, sentence: str, one: re.Match[str], other: re.Match[str]) -> bool:
        return self._joiner.fullmatch(sentence, one.end(), other.start()) is not None

    def _said_before(self, sentence: str, match: re.Match[str]) -> _Said:
        said = sentence[max(0, match.start() - _BEFORE) : match.start()]
        following = sentence[match.end() : match.end() + _AFTER]
        asked = self._asked.match(following)
        if not asked and not self._doubted.search(said) and self._not_before.search(said):
            return "not"
        if self._may_before.search(said) or self._supposed.search(said):
            return "may"
        if self._feared.search(said) and not following.startswith("了"):
            return "may"
        return "may" if self._was(said, following) else "is"

    def _said_after(self, sentence: str, match: re.Match[str]) -> _Said:
        said = sentence[match.end() : match.end() + _AFTER]
        found = self._not_after.match(said)
        if found and not self._asked.match(said, found.end()):
            return "not"
        return "may" if self._may_after.match(said) else "is"

    def _was(self, said: str, following: str) -> bool:
        """Whether it was at another time."""
        if self._now.search(said):
            return False
        return following.startswith("过") or self._past.search(said) is not None


def _any(words: Iterable[str]) -> str:
    """The longest first, as the first that fits is taken."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
