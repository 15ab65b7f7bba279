"""What a sender meant: the value or the property of the contract that a near miss stands for."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from ftcrm.contracts.events.fields import BONUS_FIELDS, CASINO_FIELDS, Field

__all__ = ["BONUS_NAMES", "CASINO_NAMES", "GAME_TYPES", "Names", "meant_game_type", "meant_value"]

GAME_TYPES = frozenset({"Live Casino", "Table", "Slots"})
"""The game types that are to be sent "as specified"; the contract accepts any other string."""

_GAME_TYPES = {
    **{"livecasino": "Live Casino", "livecasinos": "Live Casino"},
    **{"table": "Table", "tables": "Table"},
    **{"slot": "Slots", "slots": "Slots"},
}
_SEPARATORS = re.compile(r"[\s_-]+")
_LONGEST = 40
_LEAST_FOR_A_TYPO = 6
"""Shorter names are too near to others that mean something: `meta` and `beta`."""


def meant_game_type(value: str) -> str | None:
    """Which of the three game types it is but for case, blanks, hyphens, underscores or the plural; None for others."""
    if value in GAME_TYPES or len(value) > _LONGEST:
        return None
    return _GAME_TYPES.get(_squashed(value))


def meant_value(field: Field, value: str) -> str:
    """What to send instead of a value that is not accepted, as the end of a message; "" when nothing comes near."""
    if len(value) > _LONGEST:
        return ""
    if advice := dict(field.advice).get(_squashed(value)):
        return f" ({advice})"
    folded = {name.casefold(): name for name in field.accepted}
    close = get_close_matches(value.casefold(), folded, n=1, cutoff=0.7)
    return f" (did you mean {folded[close[0]]!r}?)" if close else ""


class Names:
    """The property names of one field table, and which of a document's other names are nearly one of them."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._all = frozenset(field.name for field in fields)
        self._exact = {_squashed(name): name for name in self._all}
        self._shorter = {
            shorter: name
            for squashed, name in self._exact.items()
            if len(squashed) >= _LEAST_FOR_A_TYPO
            for shorter in (squashed, *_one_shorter(squashed))
        }

    def unknown(self, document: Mapping[str, Any]) -> Iterator[str]:
        """The document's names that the table does not have, in the document's order."""
        return (name for name in document if name not in self._all)

    def misspelt(self, document: Mapping[str, Any]) -> dict[str, str]:
        """The unknown name, for each name that the document lacks and that one is nearly; of several the nearest.

        Near are names that are equal but for case, blanks, hyphens and underscores, or but for one letter that is
        missing, extra, another, or swapped with the next. A name that begins with an underscore is nobody's.
        """
        found: dict[str, tuple[bool, str]] = {}
        for name in self.unknown(document):
            meant, is_typo = self._meant(name)
            if meant and meant not in document:
                found[meant] = min(found.get(meant, (is_typo, name)), (is_typo, name))
        return {meant: name for meant, (_, name) in found.items()}

    def _meant(self, name: str) -> tuple[str, bool]:
        if len(name) > _LONGEST or name.startswith("_"):
            return "", False
        squashed = _squashed(name)
        if squashed in self._exact:
            return self._exact[squashed], False
        # One letter away from each other are only texts of which one, or both, without some letter are the same.
        for shorter in (squashed, *_one_shorter(squashed)):
            meant = self._shorter.get(shorter, "")
            if meant and _is_one_slip(squashed, _squashed(meant)):
                return meant, True
        return "", False


def _squashed(text: str) -> str:
    return _SEPARATORS.sub("", text).casefold()


def _one_shorter(text: str) -> Iterator[str]:
    return (text[:at] + text[at + 1 :] for at in range(len(text)))


def _is_one_slip(text: str, other: str) -> bool:
    """Whether one letter missing, extra, another, or swapped with the next makes one text of the other."""
    length = min(len(text), len(other))
    start = next((at for at in range(length) if text[at] != other[at]), length)
    text, other = text[start:], other[start:]
    if len(text) == len(other):
        return text[1:] == other[1:] or (text[:2] == other[1::-1] and text[2:] == other[2:])
    return text[1:] == other if len(text) > len(other) else text == other[1:]


CASINO_NAMES = Names(CASINO_FIELDS)
BONUS_NAMES = Names(BONUS_FIELDS)
