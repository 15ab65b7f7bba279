"""The fast path: a casino event that no rule has anything to say about, decoded in one go.

"Fast accept, slow explain": `accept_casino` returns None for anything that is not plainly clean, and the rules then say
why. A property in the tests keeps both in agreement.
"""

from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET

from ftcrm.contracts.events.casino import CasinoEvent
from ftcrm.contracts.events.currencies import ACTIVE
from ftcrm.contracts.events.fields import LEAST_RATE, MOST_RATE
from ftcrm.contracts.events.meant import GAME_TYPES, meant_game_type
from ftcrm.contracts.events.payload import MAX_DEPTH
from ftcrm.contracts.numbers import EXACT, NOT_ADMITTED, ZERO, admit

__all__ = ["accept_casino"]

_decode = msgspec.json.Decoder(CasinoEvent).decode
_add = EXACT.add
_decode_meta = msgspec.json.Decoder(dict[str, Any], float_hook=str).decode
_NOT_ACCEPTED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, IndexError, *NOT_ADMITTED)
_QUOTES = 2 * (16 + 14)
"""The quotes of an event with the required properties alone: 16 names and 14 string values."""
_TIMESTAMP = b'"timestamp"'
_NAMED = b'"timestamp":'
_T, _Z, _COLON, _QUOTE = b'TZ:"'
_SEPARATOR_AT = 10
_OFFSET_COLON_BEFORE_END = 3
_LAST_YEAR = 9999


def accept_casino(raw: bytes) -> CasinoEvent | None:
    """The event in these bytes if it is clean beyond doubt, else None.

    It is written out, without loops and calls of its own: every event of every clean sender comes this way.
    """
    try:
        event = _decode(raw)
        amount, rate = event.amount, event.exchange_rate
        admit(amount)
        admit(rate)
        if amount < ZERO or not LEAST_RATE <= rate <= MOST_RATE:
            return None
        # msgspec takes "20" for a Decimal and lets a duplicate key pass: either adds quotes that no field accounts for.
        quotes = _QUOTES
        total = None
        if (wallet := event.wager_amount) is not UNSET:
            quotes += 2
            total = admit(wallet)
        if (wallet := event.bonus_wager_amount) is not UNSET:
            quotes += 2
            admit(wallet)
            if wallet:
                if wallet < ZERO:
                    return None
                total = _add(total, wallet) if total else wallet
            elif total is None:
                total = wallet
        if (wallet := event.locked_wager_amount) is not UNSET:
            quotes += 2
            admit(wallet)
            if wallet:
                if wallet < ZERO:
                    return None
                total = _add(total, wallet) if total else wallet
            elif total is None:
                total = wallet
        # A caller's decimal context can make a NaN of a number that no decimal holds: it differs from everything.
        if total != amount if total is not None else amount.is_nan():
            return None
        if (balance := event.balance_after) is not UNSET:
            quotes += 2
            if admit(balance).is_nan():
                return None
        if (balance := event.balance_before) is not UNSET:
            quotes += 2
            if admit(balance).is_nan():
                return None
        if event.is_round_end is not UNSET:
            quotes += 2
        if event.meta is not UNSET:
            if not _is_plain_object(meta := bytes(event.meta)):
                return None
            quotes += 2 + meta.count(b'"')
        if raw.count(b'"') != quotes or event.currency not in ACTIVE:
            return None
        if event.game_type not in GAME_TYPES and meant_game_type(event.game_type):
            return None
        # The timestamp must be RFC 3339 to the letter, which msgspec is not: it takes a space for the T, and +0600. It
        # is looked up at the one place where the property plainly stands. What ends with Z ends at one of three places
        # when its fraction has no, three or six digits; nothing else that msgspec takes has a Z there.
        # From the end, since the names come in the order of the alphabet, as a rule.
        named = raw.rfind(_NAMED)
        start = named + 13 if raw[named + 12] == _QUOTE else named + 14
        if named < 0 or raw[start - 1] != _QUOTE:
            return None
        if raw[start + 10] != _T or (raw[start + 26] != _Z and raw[start + 19] != _Z and raw[start + 23] != _Z):
            return event if _is_plain_timestamp(raw, start, event.timestamp) else None
    except _NOT_ACCEPTED:
        return None
    return event


def _is_plain_timestamp(raw: bytes, start: int, timestamp: datetime) -> bool:
    """Whether the text that starts there is RFC 3339 to the letter, in any of its forms.

    The first and the last year are left to the rules: an offset can carry them out of what a datetime holds.
    """
    end = raw.find(b'"', start)
    ends_well = raw[end - 1] in b"Zz" or raw[end - _OFFSET_COLON_BEFORE_END] == _COLON
    return ends_well and raw[start + _SEPARATOR_AT] in b"Tt" and 1 < timestamp.year < _LAST_YEAR


def _is_plain_object(meta: bytes) -> bool:
    if meta.count(b"{") + meta.count(b"[") >= MAX_DEPTH or _TIMESTAMP in meta:
        return False
    try:
        _decode_meta(meta)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    return True
