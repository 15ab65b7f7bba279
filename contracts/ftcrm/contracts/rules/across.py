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
    """All events with one `key` have one `value`, or the rule of that code speaks; no key, nothing to agree on."""

    rule: str
    key: Callable[[CasinoEvent], Hashable | None]
    value: Callable[[CasinoEvent], Hashable]


@rule("FT322", "activity-in-several-rounds", Scope.ACROSS, clause="casino.activity_id", absence=True)
def activity_in_several_rounds(clash: Clash) -> Iterator[Hit]:
    """An activity_id that came in another round before: "Unique ID for each event"."""
    event = clash.event
    message = (
        f"activity_id: expected one that no other event has, got {shortened(event.activity_id)!r} in "
        f"round {shortened(event.round_id)!r}, which came in another round before"
    )
    yield Hit(message, "/activity_id", clash.witness)


@rule("FT601", "game-of-several-names", Scope.ACROSS, clause="vendor.games", absence=True)
def game_of_several_names(clash: Clash) -> Iterator[Hit]:
    """One game_id of one vendor with several game names."""
    event = clash.event
    message = (
        f"game_name: expected {shortened(clash.value)!r}, the name that game_id {shortened(event.game_id)!r} had "
        f"before, got {shortened(event.game_name)!r}"
    )
    yield Hit(message, "/game_name", clash.witness)


# The activity is kept as hashes of 61 bits: there is one for every event, and a million of them should not take
# a gigabyte. Two that are equal by chance are not to be expected within the lifetime of a journal.
AGREEMENTS: tuple[Agreement, ...] = (
    Agreement(
        "FT322",
        lambda event: hash((event.origin, event.activity_id)),
        lambda event: hash((event.user_id, event.round_id)),
    ),
    Agreement(
        "FT601",
        lambda event: (event.origin, event.vendor_id, event.game_id),
        lambda event: event.game_name,
    ),
)
