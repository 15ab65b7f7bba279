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
from ftcrm.contracts.events.payload import MAX_DEPTH
from ftcrm.contracts.numbers import EXACT, NOT_ADMITTED, ZERO, admit

__all__ = ["accept_casino"]

_decode = msgspec.json.Decoder(CasinoEvent).decode
_decode_meta = msgspec.json.Decoder(dict[str, Any], float_hook=str).decode
_NOT_ACCEPTED = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, *NOT_ADMITTED)
_QUOTES = 2 * (16 + 14)
"""The quotes of an event with the required properties alone: 16 names and 14 string values."""
_TIMESTAMP = b'"timestamp"'
_KEY = b'"timestamp":'
_SEPARATOR_AT = 10
_SPACE, _QUOTE, _COLON = b' ":'
_OFFSET_COLON_BEFORE_END = 3
_LAST_YEAR = 9999


def accept_casino(raw: bytes) -> CasinoEvent | None:
    """The event in these bytes if it is clean beyond doubt, else None."""
    try:
        event = _decode(raw)
        amount, total = event.amount, ZERO
        admit(amount)
        admit(event.exchange_rate)
        if event.exchange_rate.is_nan():
            return None
        # msgspec takes "20" for a Decimal and lets a duplicate key pass: either adds quotes that no field accounts for.
        quotes = _QUOTES
        wallets = 0
        for wallet in (event.wager_amount, event.bonus_wager_amount, event.locked_wager_amount):
            if wallet is not UNSET:
                wallets += 1
                admit(wallet)
                if wallet:
                    total = EXACT.add(total, wallet) if total else wallet
        for balance in (event.balance_after, event.balance_before):
            if balance is not UNSET:
                quotes += 2
                admit(balance)
                if balance.is_nan():
                    return None
    except _NOT_ACCEPTED:
        return None
    # A caller's decimal context can make a NaN of a number that no decimal holds; a NaN among the wallets differs, too.
    if total != amount if wallets else amount.is_nan():
        return None
    if event.is_round_end is not UNSET:
        quotes += 2
    if event.meta is not UNSET:
        if not _is_plain_object(meta := bytes(event.meta)):
            return None
        quotes += 2 + meta.count(b'"')
    if raw.count(b'"') != quotes + 2 * wallets:
        return None
    if event.currency not in ACTIVE:
        return None
    return event if _is_plain_timestamp(raw, event.timestamp) else None


def _is_plain_timestamp(raw: bytes, timestamp: datetime) -> bool:
    """Whether the text of the timestamp is RFC 3339 to the letter, which msgspec is not: it takes a space, and +0600.

    The text is looked up at the one place where the property plainly stands. The first and the last year are left to
    the rules: an offset can carry them out of what a datetime holds.
    """
    start = raw.find(_KEY) + len(_KEY)
    start += raw[start] == _SPACE
    if raw[start] != _QUOTE or start <= len(_KEY) or not 1 < timestamp.year < _LAST_YEAR:
        return False
    start += 1
    end = raw.find(b'"', start)
    ends_well = raw[end - 1] in b"Zz" or raw[end - _OFFSET_COLON_BEFORE_END] == _COLON
    return ends_well and raw[start + _SEPARATOR_AT] in b"Tt"


def _is_plain_object(meta: bytes) -> bool:
    if meta.count(b"{") + meta.count(b"[") >= MAX_DEPTH or _TIMESTAMP in meta:
        return False
    try:
        _decode_meta(meta)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    return True
