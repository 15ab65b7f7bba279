"""The ledger of assumptions: where the contract is silent, each plausible reading is a named switch of the engine.

`Readings` holds one choice for each; `ASSUMPTIONS` says what each choice means, which one the engine takes unless told,
and what to ask FT CRM to settle it.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Literal

import msgspec

from ftcrm.contracts.errors import ConfigurationError

__all__ = ["ASSUMPTIONS", "STANDARD_READINGS", "Assumption", "Readings", "readings_of"]


class Readings(msgspec.Struct, frozen=True, kw_only=True):
    """How the engine reads what the contract leaves open; `ASSUMPTIONS` says what each choice means."""

    rollback_target: Literal["any", "own-id", "likeness"] = "any"
    rollback_amount: Literal["whole", "part"] = "whole"
    rollback_scope: Literal["event", "round"] = "event"
    end_flag: Literal["informs", "settles", "required", "cuts"] = "informs"
    missing_wallets: Literal["unallocated", "real", "by-bonus"] = "unallocated"
    conflicts: Literal["least", "latest", "every"] = "least"
    repeats: Literal["once", "every"] = "once"
    lone_settlement: Literal["orphan", "settled"] = "orphan"


STANDARD_READINGS = Readings()


class Assumption(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the contract does not say: its name, its readings (the engine's own first), and what to ask.

    `readings` are pairs of a choice and what it means. `source` is what is known of it, with its confidence.
    """

    name: str
    about: str
    readings: tuple[tuple[str, str], ...]
    question: str
    source: str

    @property
    def field(self) -> str:
        """Its field in `Readings`."""
        return self.name.replace("-", "_")

    @property
    def choices(self) -> tuple[str, ...]:
        """The names of its readings, the engine's own first."""
        return tuple(choice for choice, _ in self.readings)


ASSUMPTIONS: tuple[Assumption, ...] = (
    Assumption(
        name="rollback-target",
        about="Which event a Rollback reverses",
        readings=(
            ("any", "the event with its activity_id and type; else one like it in currency, amount and wallets"),
            ("own-id", "the event with its activity_id and type, and no other"),
            ("likeness", "an event like it in currency, amount and wallets: a Rollback has an activity_id of its own"),
        ),
        question="Does a Rollback carry the activity_id of the event that it reverses, or a new one? "
        "If a new one, how does FT CRM find the event?",
        source='unknown: there is no reference field; "activity_id: Unique ID for each event" speaks for a new one',
    ),
    Assumption(
        name="rollback-amount",
        about="What a Rollback of a smaller amount takes back",
        readings=(
            ("whole", "the whole event, whatever the Rollback's amount"),
            ("part", "its own amount: the rest of the event still counts"),
        ),
        question="Does a Rollback with a smaller amount than its event reverse the event or only that amount?",
        source='unknown; "Indicates whether the event should be reversed or not" speaks of the event',
    ),
    Assumption(
        name="rollback-scope",
        about="How far a Rollback reaches",
        readings=(
            ("event", "it reverses one event; the rest of the round stands"),
            ("round", "it closes the round: nothing of the round counts"),
        ),
        question="Does a Rollback reverse one event, or does it void and close the whole round?",
        source='inferred: "Indicates whether the event should be reversed or not"',
    ),
    Assumption(
        name="end-flag",
        about="What is_round_end does",
        readings=(
            ("informs", "it is kept, and changes nothing: a Win or a Loss settles the round"),
            ("settles", "it settles the round, also on a Bet without a Win or a Loss"),
            ("required", "where it is sent, a round is settled only once it was true"),
            ("cuts", "events of the round after it do not count"),
        ),
        question="Does is_round_end = true settle a round that has no Win and no Loss? "
        "Is a round settled without it? Do events after it count?",
        source='unknown: "Is the round ended?"; rule 4 lets a loss or a win of 0 close the round',
    ),
    Assumption(
        name="missing-wallets",
        about="Which wallet the amount is of, when no wallet field is sent",
        readings=(
            ("unallocated", "none that is known: it is counted apart"),
            ("real", "real money"),
            ("by-bonus", "bonus money when the event names a bonus, else real money"),
        ),
        question="Without wager_amount, bonus_wager_amount and locked_wager_amount: which money is the amount?",
        source="unknown: the three fields are optional",
    ),
    Assumption(
        name="conflicts",
        about="Which content counts, when one activity_id comes with several",
        readings=(
            ("least", "the earliest by timestamp: a repeated id is never processed twice"),
            ("latest", "the latest by timestamp: it corrects the earlier ones"),
            ("every", "each: contents that differ are different events"),
        ),
        question="When an activity_id comes again with other content: is it ignored, a correction, or an event?",
        source='inferred: aggregators call it an error; "Unique ID for each event"',
    ),
    Assumption(
        name="repeats",
        about="Whether a redelivery counts",
        readings=(
            ("once", "the same event delivered again counts once"),
            ("every", "each delivery counts: nothing is deduplicated"),
        ),
        question="Does FT CRM drop an event that is delivered again with the same content?",
        source="vendor: senders retry until they get a 200, so that redeliveries are normal",
    ),
    Assumption(
        name="lone-settlement",
        about="What a Win or a Loss is whose round has no Bet",
        readings=(
            ("orphan", "an orphan: its Bet is missing"),
            ("settled", "a round of its own: a free round, a jackpot, a tournament"),
        ),
        question="Is a Win without any Bet in its round a finished round of its own (free round, jackpot)?",
        source='documented order "First we should receive a Casino Event with Type Bet"; practice sends lone Wins',
    ),
)
"""Every assumption that the engine can read otherwise."""


def readings_of(choices: Iterable[str], *, label: str = "readings") -> Readings:
    """The readings with these choices, each as `name=choice` (`end-flag=settles`); the others are the engine's own.

    Raises:
        ConfigurationError: a text is no such pair, or names no assumption or no reading of it; `label` says where.
    """
    by_name = {assumption.name: assumption for assumption in ASSUMPTIONS}
    found: dict[str, str] = {}
    for text in choices:
        name, _, choice = (part.strip() for part in text.partition("="))
        assumption = by_name.get(name)
        if name == "invalid-events":
            raise ConfigurationError(f"{label}: expected --accept-invalid for what is no reading, got {text!r}")
        if assumption is None:
            raise ConfigurationError(f"{label}: expected NAME=READING, {_one_of(name, by_name)}, got {text!r}")
        if not choice:
            wanted = " or ".join(f"{name}={each}" for each in assumption.choices)
            raise ConfigurationError(f"{label}: expected {wanted}, got {text!r}")
        if choice not in assumption.choices:
            raise ConfigurationError(
                f"{label}: expected a reading of {name}, {_one_of(choice, assumption.choices)}, got {choice!r}"
            )
        if found.setdefault(assumption.field, choice) != choice:
            raise ConfigurationError(f"{label}: expected one reading of {name}, got several: {choice!r} too")
    return msgspec.convert(found, Readings)


def _one_of(text: str, known: Iterable[str]) -> str:
    names = list(known)
    close = get_close_matches(text, names, n=1)
    return f"{close[0]!r} perhaps" if close else f"one of {', '.join(names)}"
