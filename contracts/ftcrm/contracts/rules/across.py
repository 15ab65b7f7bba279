"""FT6xx, and what must be unique over rounds: events that contradict each other wherever they stand in the feed."""

from collections.abc import Callable, Hashable, Iterator
from typing import Any, NamedTuple

import msgspec

from ftcrm.contracts.events.casino import CasinoEvent
from ftcrm.contracts.events.payload import shortened
from ftcrm.contracts.rules.registry import Hit, Scope, rule

__all__ = ["AGREEMENTS", "Agreement", "Clash"]


class Clash(msgspec.Struct, frozen=True):
    """An event, and the earlier one that it disagrees with: its seq and the value that it had."""

    earlier: int
    value: Any
    seq: int
    event: CasinoEvent

    @property
    def witness(self) -> tuple[int, int]:
        """Both seqs, in order."""
        return min(self.earlier, self.seq), max(self.earlier, self.seq)


class Agreement(NamedTuple):
    """All events of one key have one value, or the rule of that code speaks."""

    rule: str
    says: Callable[[CasinoEvent], tuple[Hashable, Hashable] | None]
    """An event's key and value; None when there is nothing to agree on."""


@rule("FT318", "round-of-several-users", Scope.ACROSS, clause="round.one-player", absence=True)
def round_of_several_users(clash: Clash) -> Iterator[Hit]:
    """One round_id of a slot game under several user_ids.

    What it checks:
        Events with the game_type Slots: those of one origin, vendor_id and round_id have one user_id. Told once a
        round_id. Silent for every other game type, since players share the rounds of a live table, for an empty
        round_id or vendor_id, and once the journal has lost anything of the run.
    Why it matters:
        A round is built of the events of one user and round_id. With a user_id that changes on the way, the Bet is in
        one player's round and the Win in another's.
    Example:
        {"user_id": "52530"}
        {"user_id": "u-52530", "type": "Win"}
    Use instead:
        {"user_id": "52530"}
        {"user_id": "52530", "type": "Win"}
    What it cannot see:
        How the vendor numbers its rounds: where each player's begin at 1, all of them share round_ids legitimately.
    """
    event = clash.event
    message = (
        f"user_id: expected one player in round {shortened(event.round_id)!r}, "
        f"got {shortened(event.user_id)!r} where another was before"
    )
    yield Hit(message, "/user_id", clash.witness)


@rule("FT322", "activity-in-several-rounds", Scope.ACROSS, clause="casino.activity_id", absence=True)
def activity_in_several_rounds(clash: Clash) -> Iterator[Hit]:
    """One activity_id in several rounds: "Unique ID for each event".

    What it checks:
        The approved events of one origin and activity_id belong to one round of one user. Told once an activity_id.
        Silent about Rollbacks, since nobody knows which id they carry, and once the journal has lost anything of the
        run.
    Why it matters:
        Whoever takes an activity_id for what the contract says, and drops what came before under the same one, loses
        every further event with it.
    Example:
        {"activity_id": "a1", "round_id": "r1"}
        {"activity_id": "a1", "round_id": "r2"}
    Use instead:
        {"activity_id": "a1", "round_id": "r1"}
        {"activity_id": "a2", "round_id": "r2"}
    What it cannot see:
        An id that two brands use: each origin has its own. Events that were excluded for breaking the contract.
    """
    event = clash.event
    message = (
        f"activity_id: expected one that no other event has, got {shortened(event.activity_id)!r} in "
        f"round {shortened(event.round_id)!r}, which came in another round before"
    )
    yield Hit(message, "/activity_id", clash.witness)


@rule("FT601", "game-of-several-names", Scope.ACROSS, clause="vendor.games", absence=True)
def game_of_several_names(clash: Clash) -> Iterator[Hit]:
    """One game_id of one vendor with several game names.

    What it checks:
        Events of one origin, vendor_id and game_id have one game_name, letter by letter. Told once a game_id. Silent
        where the game_id or the game_name is empty, and once the journal has lost anything of the run.
    Why it matters:
        The favourite game of a player, and every segment by game, falls apart into as many games as there are names.
    Example:
        {"game_id": "10911", "game_name": "Dead or Alive"}
        {"game_id": "10911", "game_name": "DEAD OR ALIVE", "type": "Win"}
    Use instead:
        {"game_id": "10911", "game_name": "Dead or Alive"}
        {"game_id": "10911", "game_name": "Dead or Alive", "type": "Win"}
    What it cannot see:
        A game that was renamed, or one that is named in the language of its player: both look like this.
    """
    event = clash.event
    message = (
        f"game_name: expected {shortened(clash.value)!r}, the name that game_id {shortened(event.game_id)!r} had "
        f"before, got {shortened(event.game_name)!r}"
    )
    yield Hit(message, "/game_name", clash.witness)


@rule("FT602", "player-of-several-currencies", Scope.ACROSS, clause="player.currency", absence=True)
def player_of_several_currencies(clash: Clash) -> Iterator[Hit]:
    """One player with events in several currencies.

    What it checks:
        The casino events of one origin and user_id have one currency. Told once a player. Silent once the journal has
        lost anything of the run.
    Why it matters:
        FT CRM sums up what a player bet and won in the user's currency: of two, one is booked as the other.
    Example:
        {"currency": "EUR", "round_id": "r1"}
        {"currency": "USD", "round_id": "r2"}
    Use instead:
        {"currency": "EUR", "round_id": "r1"}
        {"currency": "EUR", "round_id": "r2"}
    What it cannot see:
        Players who have a wallet in each of several currencies, as crypto casinos offer, or who changed theirs: to
        such a brand the rule says nothing, and it can be ignored.
    """
    event = clash.event
    message = (
        f"currency: expected {clash.value}, which player {shortened(event.user_id)!r} had before, got {event.currency}"
    )
    yield Hit(message, "/currency", clash.witness)


@rule("FT605", "game-name-of-several-ids", Scope.ACROSS, clause="vendor.games", absence=True, default=False)
def game_name_of_several_ids(clash: Clash) -> Iterator[Hit]:
    """One game_name of one vendor with several game_ids.

    What it checks:
        Events of one origin, vendor_id and game_name have one game_id. Told once a name. Silent where the game_id or
        the game_name is empty, and once the journal has lost anything of the run. Off until it is selected: the desktop
        and the mobile variant of a game usually share the name.
    Why it matters:
        The vendor wants names to be unique: whoever reads reports by name cannot tell the games apart.
    Example:
        {"game_id": "10911", "game_name": "Dead or Alive"}
        {"game_id": "10912", "game_name": "Dead or Alive", "round_id": "r2"}
    Use instead:
        {"game_id": "10911", "game_name": "Dead or Alive"}
        {"game_id": "10912", "game_name": "Dead or Alive 2", "round_id": "r2"}
    What it cannot see:
        Whether the ids are variants of one game or two games.
    """
    event = clash.event
    message = (
        f"game_id: expected {shortened(clash.value)!r}, the id that game_name {shortened(event.game_name)!r} had "
        f"before, got {shortened(event.game_id)!r}"
    )
    yield Hit(message, "/game_id", clash.witness)


# What there is one of for every event or round is kept as hashes of 61 bits, so that a million events do not take a
# gigabyte. Two that are equal by chance are not to be expected within the lifetime of a journal.


def _user_of_slot_round(event: CasinoEvent) -> tuple[Hashable, Hashable] | None:
    if event.game_type != "Slots" or not event.round_id or not event.vendor_id:
        return None
    return hash((event.origin, event.vendor_id, event.round_id)), hash(event.user_id)


def _round_of_activity(event: CasinoEvent) -> tuple[Hashable, Hashable] | None:
    if event.status == "Rollback":
        return None
    return hash((event.origin, event.activity_id)), hash((event.user_id, event.round_id))


def _name_of_game(event: CasinoEvent) -> tuple[Hashable, Hashable] | None:
    if not event.game_id or not event.game_name:
        return None
    return (event.origin, event.vendor_id, event.game_id), event.game_name


def _currency_of_user(event: CasinoEvent) -> tuple[Hashable, Hashable] | None:
    return (event.origin, event.user_id), event.currency


def _id_of_game(event: CasinoEvent) -> tuple[Hashable, Hashable] | None:
    if not event.game_id or not event.game_name:
        return None
    return (event.origin, event.vendor_id, event.game_name), event.game_id


AGREEMENTS: tuple[Agreement, ...] = (
    Agreement("FT318", _user_of_slot_round),
    Agreement("FT322", _round_of_activity),
    Agreement("FT601", _name_of_game),
    Agreement("FT602", _currency_of_user),
    Agreement("FT605", _id_of_game),
)
"""What must agree over all rounds and players: the first value that came under a key, and what contradicts it."""
