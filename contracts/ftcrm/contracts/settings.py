"""What the rules and the engine can be told: which rules speak, and what the contract leaves to be said."""

import re
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, Literal

import msgspec

from ftcrm.contracts.errors import ConfigurationError
from ftcrm.contracts.events.currencies import ACTIVE
from ftcrm.contracts.rounds.players import Thresholds
from ftcrm.contracts.rounds.readings import ASSUMPTIONS, STANDARD_READINGS, Readings, readings_of

__all__ = ["OPTIONS", "Option", "Settings", "read_duration", "settings_of", "written_duration"]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of the rules and the engine; `OPTIONS` says what each is, and its name outside of Python."""

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extra_currencies: frozenset[str] = frozenset()
    base_currency: str | None = None
    crypto_currencies: frozenset[str] | None = None
    """Codes that are extra currencies, too; None for all of those."""
    crypto_fields: tuple[str, ...] = ()
    round_deadline: float | None = None
    """Seconds."""
    clock_ahead: float = 300.0
    """Seconds."""
    readings: Readings = STANDARD_READINGS
    answered: frozenset[str] = frozenset()
    """The assumptions that somebody has set, also as the engine has them by itself: no option, but told of those."""
    session_gap: float = 1800.0
    """Seconds."""
    rfm_recency: tuple[Decimal, ...] = Thresholds().recency
    """Days."""
    rfm_frequency: tuple[Decimal, ...] = Thresholds().frequency
    rfm_monetary: tuple[Decimal, ...] = Thresholds().monetary

    def __post_init__(self) -> None:
        if self.crypto_currencies is not None:
            msgspec.structs.force_setattr(self, "extra_currencies", self.extra_currencies | self.crypto_currencies)

    @property
    def thresholds(self) -> Thresholds:
        """What parts the scores of players."""
        return Thresholds(self.rfm_recency, self.rfm_frequency, self.rfm_monetary)


class Option(msgspec.Struct, frozen=True):
    """One setting: its field in `Settings`, its name in a configuration file, its flag, and what it does."""

    field: str
    name: str
    flag: str
    kind: Literal["texts", "text", "duration", "numbers", "readings"]
    help: str
    metavar: str


OPTIONS: tuple[Option, ...] = (
    Option(
        "select",
        "select",
        "--select",
        "texts",
        "Let these rules speak and no others: codes, beginnings of codes (FT3), names, or ALL.",
        "RULES",
    ),
    Option("extend_select", "extend-select", "--extend-select", "texts", "Let these rules speak, too.", "RULES"),
    Option("ignore", "ignore", "--ignore", "texts", "Silence these rules; the more precise selector wins.", "RULES"),
    Option(
        "extra_currencies",
        "currencies.extra",
        "--extra-currency",
        "texts",
        "Currencies that ISO 4217 does not list, crypto codes above all (BTC).",
        "CODES",
    ),
    Option(
        "base_currency",
        "currencies.base",
        "--base-currency",
        "text",
        "The currency that exchange rates lead to: its own rate is then 1.",
        "CODE",
    ),
    Option(
        "crypto_currencies",
        "crypto.currencies",
        "--crypto-currency",
        "texts",
        "Which of the extra currencies are crypto; all of them unless told.",
        "CODES",
    ),
    Option(
        "crypto_fields",
        "crypto.fields",
        "--crypto-field",
        "texts",
        "What meta must have in events of the crypto currencies; the contract does not name the fields.",
        "NAMES",
    ),
    Option(
        "round_deadline",
        "rounds.deadline",
        "--round-deadline",
        "duration",
        "How long after its last delivery an open round counts as never settled, as 90s, 15m, 24h or 30d.",
        "DURATION",
    ),
    Option(
        "clock_ahead",
        "clock.ahead",
        "--clock-ahead",
        "duration",
        "How far a timestamp may lie beyond the time of receipt, for the rule that compares them.",
        "DURATION",
    ),
    Option(
        "readings",
        "readings",
        "--reading",
        "readings",
        "How to read what the contract leaves open, as end-flag=settles: "
        + ", ".join(assumption.name for assumption in ASSUMPTIONS)
        + ".",
        "NAME=READING",
    ),
    Option(
        "session_gap",
        "sessions.gap",
        "--session-gap",
        "duration",
        "How long a player is silent before the next event begins a session.",
        "DURATION",
    ),
    Option(
        "rfm_recency",
        "rfm.recency",
        "--rfm-recency",
        "numbers",
        "What parts the recency scores of players: four rising numbers of days since the last Bet.",
        "DAYS",
    ),
    Option(
        "rfm_frequency",
        "rfm.frequency",
        "--rfm-frequency",
        "numbers",
        "What parts the frequency scores of players: four rising numbers of Bets in 30 days.",
        "NUMBERS",
    ),
    Option(
        "rfm_monetary",
        "rfm.monetary",
        "--rfm-monetary",
        "numbers",
        "What parts the monetary scores of players: four rising sums of Bets in 30 days, in base currency.",
        "AMOUNTS",
    ),
)
"""Every setting of the rules and of the engine."""

_CODES = ("extra_currencies", "crypto_currencies")
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_LONGEST_DAYS = 3650
_A_DURATION = "a number with its unit, such as 90s, 15m, 24h"
_FOUR_NUMBERS = "four rising numbers above 0, such as 1, 3, 7, 14"
_PARTS = 4
_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,15})?", re.ASCII)


def settings_of(values: Mapping[str, Any], *, labels: Mapping[str, str] | None = None) -> Settings:
    """The settings with these values by name (`currencies.extra`); lists hold texts, durations are text.

    `labels` has what an error calls a value, by name: where it was given.

    Raises:
        ConfigurationError: a name is none of a setting (the message suggests the one that was meant), or its value is
            not of its kind.
    """
    by_name = {option.name: option for option in OPTIONS}
    called = {**{name: name for name in by_name}, **(labels or {})}
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name not in by_name:
            close = get_close_matches(name, by_name, n=1)
            meant = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(by_name)}"
            raise ConfigurationError(f"expected the name of a setting, got {name!r}; {meant}")
        option = by_name[name]
        found[option.field] = _value(option, value, called[name])
        if option.kind == "readings":
            found["answered"] = frozenset(text.partition("=")[0].strip() for text in value)
    settings = Settings(**found)
    if settings.base_currency is not None:
        _refuse_unknown(settings.base_currency, ACTIVE | settings.extra_currencies, called["currencies.base"])
    return settings


def read_duration(text: str, *, name: str) -> float:
    """The seconds of `90s`, `15m`, `24h`, `30d` or `500ms`; a number alone may be meant as hours or as seconds."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ConfigurationError(f"{name}: expected {_A_DURATION}, got {text!r}")
    seconds = float(match[1]) * _SECONDS[match[2]]
    if seconds > _LONGEST_DAYS * _SECONDS["d"]:
        raise ConfigurationError(f"{name}: expected {_LONGEST_DAYS}d at most, got {text!r}")
    return seconds


def written_duration(seconds: float) -> str:
    """The duration as people write it, and `read_duration` reads it: 90s, 15m, 24h, 25h, 30d."""
    for unit, least in (("d", 2), ("h", 1), ("m", 1), ("s", 1)):
        number = seconds / _SECONDS[unit]
        if number >= least and number.is_integer():
            return f"{number:.0f}{unit}"
    return f"{seconds:.9g}s" if seconds >= 1 else f"{seconds * 1000:.9g}ms"


def _value(option: Option, value: Any, label: str) -> Any:
    match option.kind:
        case "duration" if isinstance(value, str):
            return read_duration(value, name=label)
        case "text" if isinstance(value, str) and value:
            return value
        case "texts" if _is_list(value):
            texts = tuple(value)
            if all(isinstance(text, str) and text for text in texts):
                return frozenset(texts) if option.field in _CODES else texts
        case "readings" if _is_list(value) and all(isinstance(text, str) for text in value):
            return readings_of(value, label=label)
        case "numbers" if _is_list(value) and (numbers := _rising(value)):
            return numbers
    expected = {
        "texts": 'a list of texts such as ["A"]',
        "text": "a text",
        "duration": _A_DURATION,
        "readings": 'a list of texts such as ["end-flag=settles"]',
        "numbers": _FOUR_NUMBERS,
    }
    raise ConfigurationError(f"{label}: expected {expected[option.kind]}, got {value!r}")


def _is_list(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)


def _rising(values: Iterable[Any]) -> tuple[Decimal, ...]:
    """Four rising numbers, given as numbers or as text; else nothing."""
    texts = [str(value) for value in values]
    if not all(_NUMBER.fullmatch(text) for text in texts):
        return ()
    numbers = tuple(map(Decimal, texts))
    is_rising = all(less < more for less, more in zip((Decimal(0), *numbers), numbers, strict=False))
    return numbers if len(numbers) == _PARTS and is_rising else ()


def _refuse_unknown(code: str, known: Collection[str], label: str) -> None:
    if code in known:
        return
    close = get_close_matches(code.upper(), known, n=1, cutoff=0.75)
    meant = f"; did you mean {close[0]!r}?" if close else ""
    raise ConfigurationError(f"{label}: expected an ISO 4217 code or one of currencies.extra, got {code!r}{meant}")
