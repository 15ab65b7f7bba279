"""Which rounds and bonuses are whose: the players of a history, in the order in which they first came."""

from bisect import bisect_right
from collections.abc import Iterator
from operator import itemgetter

from ftcrm.contracts.rounds import BonusKey, PlayerKey, RoundKey

__all__ = ["Roster"]


class _Player:
    """One player's groups; a dict keeps them in order and lets one go."""

    __slots__ = ("bonuses", "key", "number", "rounds")

    def __init__(self, key: PlayerKey, number: int) -> None:
        self.key = key
        self.number = number
        self.rounds: dict[RoundKey, None] = {}
        self.bonuses: dict[BonusKey, None] = {}


class Roster:
    """The players of one history: told of each group as it comes and goes."""

    def __init__(self) -> None:
        self._players: dict[PlayerKey, _Player] = {}
        self._order: list[tuple[int, PlayerKey]] = []
        self._last_number = 0

    def __len__(self) -> int:
        """How many players have a round or a bonus."""
        return len(self._players)

    def __contains__(self, key: PlayerKey) -> bool:
        """Whether the player has a round or a bonus."""
        return key in self._players

    def add(self, group: RoundKey | BonusKey) -> None:
        """The first event of a round or of a bonus came."""
        key = PlayerKey(group.origin, group.user_id)
        player = self._players.get(key)
        if player is None:
            self._last_number += 1
            player = self._players[key] = _Player(key, self._last_number)
            self._order.append((player.number, key))
        if isinstance(group, RoundKey):
            player.rounds[group] = None
        else:
            player.bonuses[group] = None

    def drop(self, group: RoundKey | BonusKey) -> None:
        """Nothing is left of a round or of a bonus."""
        key = PlayerKey(group.origin, group.user_id)
        player = self._players.get(key)
        if player is None:
            return
        if isinstance(group, RoundKey):
            player.rounds.pop(group, None)
        else:
            player.bonuses.pop(group, None)
        if not player.rounds and not player.bonuses:
            del self._players[key]
            if len(self._order) > 2 * len(self._players):
                self._order = [(each.number, each.key) for each in self._players.values()]

    def keys(self, *, after: int = 0) -> Iterator[tuple[int, PlayerKey]]:
        """The players' numbers and keys in the order in which they first came, from beyond the number `after`."""
        order = self._order
        for index in range(bisect_right(order, after, key=itemgetter(0)), len(order)):
            number, key = order[index]
            player = self._players.get(key)
            if player is not None and player.number == number:
                yield number, key

    def rounds_of(self, key: PlayerKey) -> tuple[RoundKey, ...]:
        """The player's rounds, in the order in which they first came."""
        player = self._players.get(key)
        return tuple(player.rounds) if player is not None else ()

    def bonuses_of(self, key: PlayerKey) -> tuple[BonusKey, ...]:
        """The player's bonuses, likewise."""
        player = self._players.get(key)
        return tuple(player.bonuses) if player is not None else ()
