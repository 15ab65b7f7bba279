"""What is wrong with the money of an event: its sum, its numbers, its currency and its rate."""

import math
from decimal import Decimal
from typing import Any

from ftcrm.strategies.documents import WALLETS, Document
from ftcrm.strategies.mutations.changes import LEFT_OUT, any_of, having, of_both, of_win, unsplit
from ftcrm.strategies.mutations.mutation import AS_BEFORE, Mutation, Outcome

__all__ = ["AMOUNTS"]

_REAL, _BONUS, _LOCKED = WALLETS
_FLOATS = f"amount exchange_rate balance_after balance_before {' '.join(WALLETS)}"
_OUTSIDE = (Decimal("1E+41"), Decimal("1E-41"), Decimal("1." + "3" * 40), -Decimal("1E+300"))
_TWO_CURRENCIES = Outcome("settled, in two currencies", "settled", 1, 1)
_GIVEN_BACK = Outcome("settled, and the Win takes money away", "settled", 1, -1)
_CRYPTO = frozenset({"BTC"})
_BASE = "XTS"
"""The code that ISO 4217 keeps for tests: nobody plays in it."""


def _split(document: Document, **wallets: Any) -> Document:
    return unsplit(document) | wallets


def _float_artefact(document: Document) -> Document:
    """The amount as a sum of doubles that is off by one unit in its last place."""
    beside = math.nextafter(float(document["amount"]), math.inf)
    return _split(document, **{_REAL: Decimal(repr(beside))})


def _with_negative_wallet(document: Document) -> Document:
    return _split(document, **{_REAL: document["amount"] + 1, _BONUS: -1})


AMOUNTS: tuple[Mutation, ...] = (
    of_win(
        "sum-mismatch",
        "The wallets do not add up to the amount.",
        "FT113",
        lambda _, document: _split(document, **{_REAL: document["amount"], _BONUS: 1}),
    ),
    of_win(
        "wallet-forgotten",
        "Of what was won, one wallet has a part, and the rest is in none.",
        "FT113",
        lambda _, document: _split(document, **{_BONUS: document["amount"] / Decimal(2)}),
    ),
    of_win(
        "wallet-counted-twice",
        "What was won with bonus money is in the wallet for real money, too.",
        "FT113",
        lambda _, document: _split(document, **{_REAL: document["amount"], _BONUS: document["amount"]}),
    ),
    of_win(
        "free-spin-in-wallet",
        "A free spin has the amount 0, and its worth in a wallet.",
        "FT113",
        lambda _, document: _split(document, **{"amount": 0, _LOCKED: document["amount"]}),
    ),
    of_win(
        "single-precision",
        "Money is kept in single precision, and its sums are.",
        "FT113",
        lambda _, document: _split(
            document, amount=Decimal("0.30000001192"), **{_REAL: Decimal("0.1"), _BONUS: Decimal("0.2")}
        ),
    ),
    of_win(
        "float-artefact",
        "The sum of the wallets is one of doubles.",
        "FT114",
        lambda _, document: _float_artefact(document),
        AS_BEFORE,
    ),
    of_win(
        "negative-amount",
        "What the player wins is negative, as the casino sees it.",
        "FT122",
        lambda _, document: _split(document, amount=-document["amount"]),
        _GIVEN_BACK,
    ),
    of_win(
        "negative-wallet",
        "A wallet takes away what is too much in another.",
        "FT122",
        lambda _, document: _with_negative_wallet(document),
        AS_BEFORE,
    ),
    of_win(
        "number-beyond-float",
        "A number is larger than any float.",
        "FT119",
        any_of(_FLOATS, Decimal("1E+400"), Decimal("-1E+309"), Decimal("9E+9999")),
    ),
    of_win(
        "balance-out-of-range",
        "A balance has more digits than money has, or none that count.",
        "FT121",
        any_of("balance_after balance_before", *_OUTSIDE),
        AS_BEFORE,
    ),
    of_win(
        "amount-out-of-range",
        "The amount or the rate has more digits than money has, or none that count.",
        "FT121",
        lambda draw, document: any_of("amount exchange_rate", *_OUTSIDE)(draw, unsplit(document)),
        LEFT_OUT,
    ),
    of_win(
        "currency-unknown",
        "The currency is no code of ISO 4217.",
        "FT115",
        any_of("currency", "eur", "EURO", "\u20ac", "978", "XBT", "BTC", "EUR ", ""),
    ),
    of_win(
        "currency-withdrawn",
        "The Win comes in a currency that is no more.",
        "FT116 FT304 FT602",
        any_of("currency", "HRK", "DEM", "VEF", "ZWL"),
        _TWO_CURRENCIES,
    ),
    of_win(
        "crypto-fields-unnamed",
        "The Win comes in a crypto currency, and nobody has said what meta must have then.",
        "FT140 FT304 FT602",
        any_of("currency", "BTC"),
        _TWO_CURRENCIES,
        settings={"extra_currencies": _CRYPTO},
    ),
    of_win(
        "crypto-field-missing",
        "The Win comes in a crypto currency, and meta lacks what was agreed.",
        "FT141",
        having({"currency": "BTC"}, {"currency": "BTC", "meta": {}}, {"currency": "BTC", "meta": {"txHash": "0x5f3e"}}),
        settings={"extra_currencies": _CRYPTO, "crypto_fields": ("tx_hash",)},
    ),
    of_both("rate-negative", "The rate is negative.", "FT123", [{"exchange_rate": -1}]),
    of_both("rate-zero", "No rate was found, and 0 is sent.", "FT124", [{"exchange_rate": 0}]),
    of_both(
        "rate-absurd",
        "The rate is one of no currencies: it is scaled twice.",
        "FT125",
        [{"exchange_rate": Decimal("1E+13")}, {"exchange_rate": Decimal("1E-13")}],
    ),
    of_win(
        "base-rate-not-one",
        "The Win comes in the base currency, at a rate other than 1.",
        "FT126 FT304 FT602",
        having(*({"currency": _BASE, "exchange_rate": Decimal(rate)} for rate in ("0.92", "100", "1.0001"))),
        _TWO_CURRENCIES,
        settings={"base_currency": _BASE},
    ),
)
