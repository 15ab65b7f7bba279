"""What must agree over all rounds and players: the first value that came under a key, and what contradicts it."""

from collections.abc import Hashable, Iterator

from ftcrm.contracts.events import CasinoEvent
from ftcrm.contracts.findings import Finding
from ftcrm.contracts.rules import RULES, Ruleset, findings_of
from ftcrm.contracts.rules.across import AGREEMENTS, Agreement, Clash

__all__ = ["Across"]


class Across:
    """The casino events of one run as the rules of the scope ACROSS look at them, in the order in which they came.

    What contradicts itself is told once, of the first event that brings it: an id that means something else in each of
    a million events is one fault. Once the journal has lost anything of the run it is silent and keeps nothing: what
    agreed with an event that is gone could not be told from what did not.
    """

    def __init__(self, ruleset: Ruleset) -> None:
        self._tables: list[tuple[Agreement, dict[Hashable, tuple[int, Hashable]]]] = [
            (agreement, {}) for agreement in AGREEMENTS if agreement.rule in ruleset.codes
        ]
        self._told: set[tuple[str, Hashable]] = set()
        self._findings: dict[int, tuple[Finding, ...]] = {}

    def add(self, seq: int, event: CasinoEvent) -> None:
        """An event that counts."""
        for agreement, table in self._tables:
            said = agreement.says(event)
            if said is None:
                continue
            key, value = said
            earlier = table.get(key)
            if earlier is None:
                table[key] = seq, value
            elif earlier[1] != value and (agreement.rule, key) not in self._told:
                self._told.add((agreement.rule, key))
                rule = RULES[agreement.rule]
                clash = Clash(earlier[0], earlier[1], seq, event)
                found = findings_of([(rule, hit) for hit in rule.check(clash)])
                self._findings[seq] = self._findings.get(seq, ()) + found

    def lose(self) -> None:
        """Something of this run was evicted."""
        self._tables = []
        self._told.clear()
        self._findings.clear()

    def flagged(self, *, after: int = 0) -> Iterator[tuple[int, tuple[Finding, ...]]]:
        """The seqs beyond that one whose event contradicts an earlier one, and what it contradicts, in order."""
        return ((seq, self._findings[seq]) for seq in sorted(self._findings) if seq > after)
