"""The fast path: a casino event that no rule has anything to say about, decoded in one go.

"Fast accept, slow explain": `accept_casino` returns None for anything that is not plainly clean, and the rules then say
why. A property in the tests keeps both in agreement.
"""

from collections.abc import Set
from typing import Any

import msgspec
from msgspec import UNSET

from ftcrm.contracts.events.casino import CasinoEvent
from ftcrm.contracts.events.currencies import ACTIVE
from ftcrm.contracts.events.payload import MAX_DEPTH
from ftcrm.contracts.instants import parse_instant
from ftcrm.contracts.numbers import EXACT, ZERO, fits

__all__ = ["accept_casino"]

_DECODER = msgspec.json.Decoder(CasinoEvent)
_META = msgspec.json.Decoder(dict[str, Any], float_hook=str)
_QUOTES = 2 * (16 + 14)
"""The quotes of an event with the required properties alone: 16 names and 14 string values."""
_SEPARATOR_AT = 10


def accept_casino(raw: bytes, *, extra_currencies: Set[str] = frozenset()) -> CasinoEvent | None:
    """The event in these bytes if it is clean beyond doubt, else None."""
    try:
        event = _DECODER.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    if not (fits(event.amount) and fits(event.exchange_rate)):
        return None
    # msgspec takes "20" for a Decimal and lets a duplicate key pass: either adds quotes that no field accounts for.
    quotes = _QUOTES
    total = ZERO
    wallets = False
    for wallet in (event.wager_amount, event.bonus_wager_amount, event.locked_wager_amount):
        if wallet is not UNSET:
            if not fits(wallet):
                return None
            quotes += 2
            wallets = True
            total = EXACT.add(total, wallet)
    if wallets and total != event.amount:
        return None
    for balance in (event.balance_after, event.balance_before):
        if balance is not UNSET:
            if not fits(balance):
                return None
            quotes += 2
    if event.is_round_end is not UNSET:
        quotes += 2
    if event.meta is not UNSET:
        if not _plain_object(meta := bytes(event.meta)):
            return None
        quotes += 2 + meta.count(b'"')
    if raw.count(b'"') != quotes:
        return None
    if event.currency not in ACTIVE and event.currency not in extra_currencies:
        return None
    if parse_instant(event.timestamp) is None or event.timestamp[_SEPARATOR_AT] == " ":
        return None
    return event


def _plain_object(meta: bytes) -> bool:
    if meta.count(b"{") + meta.count(b"[") >= MAX_DEPTH:
        return False
    try:
        _META.decode(meta)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    return True
