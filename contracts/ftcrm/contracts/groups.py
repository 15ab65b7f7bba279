"""Groups of events that share a key, folded into values as they change.

The members of hot groups are kept; those of a cold group are dropped and fetched again, by their seqs, when an event
arrives late or somebody asks. The value of a group depends on its members alone, so that it is the same either way.
"""

from bisect import bisect_right, insort
from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from operator import attrgetter, itemgetter
from typing import Any, Generic, TypeVar

from ftcrm.contracts.findings import Finding
from ftcrm.contracts.rounds import Member
from ftcrm.contracts.rules import RULES

__all__ = ["LARGE", "Groups"]

LARGE = 2_000
"""Groups of more members than this are folded by a full refresh alone: one that receives an event in every batch would
else be folded as a whole for each of them."""

K = TypeVar("K", bound=Hashable)
F = TypeVar("F")

Load = Callable[[Sequence[int]], list[Member[Any]]]


_seq_of = attrgetter("seq")


class _Group(Generic[K]):
    """One key's seqs, and what is known of its members while it is hot."""

    __slots__ = ("at", "cut", "excluded", "key", "label", "members", "number", "seqs")

    def __init__(self, key: K) -> None:
        self.key = key
        self.number = 0
        self.seqs: list[int] = []
        self.excluded: list[int] = []
        self.members: list[Member[Any]] | None = []
        self.label: str | None = None
        self.cut = False
        self.at: int | None = None


class Groups(Generic[K, F]):
    """All groups of one kind: add members, refresh what changed, read values, labels and findings.

    `fold` makes the value of a group's members, `label` its name for the counts (a round's state), `judge` its findings
    (it is told when the last member came, too). At most `hot` groups keep their members; `load` fetches those of the
    others.
    """

    def __init__(
        self,
        fold: Callable[[K, Sequence[Member[Any]], Sequence[int]], F],
        label: Callable[[F], str],
        judge: Callable[[K, F, int | None], tuple[Finding, ...]],
        *,
        load: Load,
        hot: int,
    ) -> None:
        self._fold = fold
        self._label = label
        self._judge = judge
        self._load = load
        self._hot_limit = hot
        self._groups: dict[K, _Group[K]] = {}
        self._order: list[tuple[int, _Group[K]]] = []
        self._last_number = self._gone = 0
        self._hot: dict[K, _Group[K]] = {}
        self._changed: OrderedDict[K, _Group[K]] = OrderedDict()
        self._changed_large: OrderedDict[K, _Group[K]] = OrderedDict()
        self._flagged: dict[K, tuple[Finding, ...]] = {}
        self._evicted = False
        self.labels: Counter[str] = Counter()

    def __len__(self) -> int:
        """How many groups have a value."""
        return self.labels.total()

    def __contains__(self, key: K) -> bool:
        """Whether the group with this key has a value."""
        group = self._groups.get(key)
        return group is not None and bool(group.seqs)

    def add(self, key: K, member: Member[Any], *, at: int | None = None) -> bool:
        """A member that came `at` an instant joins its group, which is folded again at the next refresh.

        Returns whether it is the first of its group.

        It takes its place in the order of the seqs: a transaction decides its deliveries later than they came, and
        a start reads them in their places.
        """
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = _Group(key)
        is_first = not group.number
        if is_first:
            self._last_number += 1
            group.number = self._last_number
            self._order.append((group.number, group))
        if at is not None and (group.at is None or at > group.at):
            group.at = at
        is_last = not group.seqs or member.seq > group.seqs[-1]
        if is_last:
            group.seqs.append(member.seq)
        else:
            insort(group.seqs, member.seq)
        if group.members is not None:
            if is_last:
                group.members.append(member)
            else:
                insort(group.members, member, key=_seq_of)
            self._touch(group)
        self._mark(group)
        return is_first

    def exclude(self, key: K, seq: int) -> None:
        """A delivery carries this key and is not folded: its seq is listed with the group's value."""
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = _Group(key)
        insort(group.excluded, seq)
        if group.seqs:
            self._mark(group)

    def drop(self, key: K, seqs: Iterable[int]) -> None:
        """The journal evicted these entries of this key: the group is what is left of it, and says so."""
        group = self._groups.get(key)
        gone = frozenset(seqs)
        if gone:
            self.lose()
        if group is None or not gone:
            return
        group.cut = True
        group.excluded = [seq for seq in group.excluded if seq not in gone]
        kept = [seq for seq in group.seqs if seq not in gone]
        if len(kept) < len(group.seqs) and group.members is not None:
            group.members = [member for member in group.members if member.seq not in gone]
        group.seqs = kept
        self._mark(group)
        if not kept:
            self._remove(group)

    def recheck(self, key: K) -> None:
        """What the rules see of this group besides its members changed: the next refresh judges it again."""
        if key in self:
            self._mark(self._groups[key])

    def last_at(self, key: K) -> int | None:
        """When the last member of the group came, as far as that was told."""
        group = self._groups.get(key)
        return None if group is None else group.at

    def lose(self) -> None:
        """Something was evicted: from now on what never came cannot be told from what is gone.

        The rules that rest on an event's absence are silent then, of groups that came later too: of those, all that was
        there once may be gone.
        """
        self._evicted = True

    @property
    def waiting(self) -> int:
        """How many groups wait to be folded by a call of `refresh` with a limit."""
        return len(self._changed)

    def refresh(self, *, limit: int | None = None) -> bool:
        """Fold what changed; whether anything is left that another call like this one would fold.

        With a `limit`, as work in the background: at most so many groups, and not the large ones.
        """
        waiting = (self._changed,) if limit is not None else (self._changed, self._changed_large)
        done = 0
        for changed in waiting:
            while changed and (limit is None or done < limit):
                key = next(iter(changed))  # the oldest: the longer a group waits, the more of its events fold at once
                self._value(changed[key], judge=True)  # may fail to load: then it stays changed
                del changed[key]
                done += 1
        self._cool()
        return bool(self._changed)

    def value(self, key: K) -> F | None:
        """The value of the group with this key, or None."""
        group = self._groups.get(key)
        if group is None or not group.seqs:
            return None
        value = self._value(group)
        self._cool()
        return value

    def excluded(self, key: K) -> tuple[int, ...]:
        """The seqs of the deliveries that carry this key and were not folded."""
        group = self._groups.get(key)
        return tuple(group.excluded) if group is not None else ()

    def complete(self, key: K) -> bool:
        """Whether no entry of this group was evicted, or can have been: it lacks none that a rule would miss."""
        group = self._groups.get(key)
        if group is None or not self._evicted:
            return True
        return not group.cut and not any(RULES[found.rule].absence for found in self._flagged.get(key, ()))

    def seqs(self, key: K) -> tuple[int, ...]:
        """Every seq of the group, the excluded ones too, in order."""
        group = self._groups.get(key)
        return tuple(sorted((*group.seqs, *group.excluded))) if group is not None else ()

    def keys(self, *, after: int = 0) -> Iterator[tuple[int, K]]:
        """The groups' numbers and keys in the order in which they first came, from beyond the number `after`."""
        start = bisect_right(self._order, after, key=itemgetter(0))
        for index in range(start, len(self._order)):
            number, group = self._order[index]
            if group.number == number:
                yield number, group.key

    def known(self) -> Iterator[K]:
        """Every key that came, of groups without a value too."""
        return iter(self._groups)

    def findings(self, key: K) -> tuple[Finding, ...]:
        """What the rules say of this group."""
        return self._certain(self._flagged.get(key, ()))

    def flagged(self) -> Iterator[tuple[K, tuple[Finding, ...]]]:
        """Every group that the rules say something of."""
        return ((key, found) for key, flagged in self._flagged.items() if (found := self._certain(flagged)))

    def _certain(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        if not self._evicted:
            return findings
        return tuple(finding for finding in findings if not RULES[finding.rule].absence)

    def _value(self, group: _Group[K], *, judge: bool = False) -> F:
        members = group.members
        if members is None:
            members = group.members = self._load(group.seqs)
        self._touch(group)
        fold = self._fold(group.key, members, group.excluded)
        if judge:
            self._relabel(group, self._label(fold))
            if found := self._judge(group.key, fold, group.at):
                self._flagged[group.key] = found
            else:
                self._flagged.pop(group.key, None)
        return fold

    def _relabel(self, group: _Group[K], label: str | None) -> None:
        if group.label is not None:
            self.labels[group.label] -= 1
            if not self.labels[group.label]:
                del self.labels[group.label]
        if label is not None:
            self.labels[label] += 1
        group.label = label

    def _remove(self, group: _Group[K]) -> None:
        self._relabel(group, None)
        self._flagged.pop(group.key, None)
        self._changed.pop(group.key, None)
        self._changed_large.pop(group.key, None)
        self._hot.pop(group.key, None)
        if group.number:
            group.number = 0
            self._gone += 1
            if self._gone > len(self._order) // 2:
                self._order = [(number, listed) for number, listed in self._order if listed.number == number]
                self._gone = 0
        if not group.excluded:
            del self._groups[group.key]

    def _mark(self, group: _Group[K]) -> None:
        """The group changed: it waits for the next refresh that takes groups of its size."""
        if len(group.seqs) > LARGE:
            self._changed.pop(group.key, None)
            self._changed_large[group.key] = group
        else:
            self._changed_large.pop(group.key, None)
            self._changed[group.key] = group

    def _touch(self, group: _Group[K]) -> None:
        """Move the group to the young end of the hot ones."""
        self._hot.pop(group.key, None)
        self._hot[group.key] = group

    def _cool(self) -> None:
        """Drop the members of the groups that were longest untouched, folding first what would be fetched for it."""
        while len(self._hot) > self._hot_limit:
            key, group = next(iter(self._hot.items()))
            if key in self._changed:
                self._value(group, judge=True)
                del self._changed[key]
            del self._hot[key]
            group.members = None
