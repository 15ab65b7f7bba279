"""The histories that a search draws: valid, tangled, or gone wrong by mutations that the target can be brought."""

from collections.abc import Collection, Sequence
from random import Random
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, Verbosity, find, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from ftcrm.contracts import Message
from ftcrm.contracts.errors import ConfigurationError
from ftcrm.strategies.fuzzing.outcomes import Target
from ftcrm.strategies.mutations import MUTATIONS, MutatedSubject, mutated_histories, still_shows
from ftcrm.strategies.tables import User
from ftcrm.strategies.tangles import tangles
from ftcrm.strategies.valid import histories

__all__ = ["TANGLE", "VALID", "Example", "drawn_for"]

VALID, TANGLE = "valid", "tangle"
"""What histories without a mutation count as."""

_MOST_MUTATIONS = 4
"""In one history: there are many, and one trial of a target that is far away costs more than a longer history."""
_REST = 1
"""How many rounds beside them are as they should be: valid histories come by themselves, too."""
_FIRST_ONES = settings(
    max_examples=20,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    verbosity=Verbosity.quiet,
    suppress_health_check=list(HealthCheck),
)
"""A mutation through any of the three connectors is through that of the target in one of these."""


class Example(NamedTuple):
    """A history to try; `label` is VALID or TANGLE, or None where it went wrong by mutations."""

    messages: list[Message]
    label: str | None
    subjects: tuple[MutatedSubject, ...] = ()

    @property
    def drawn(self) -> tuple[str, ...]:
        """The mutations that it was drawn with."""
        return tuple(subject.mutation.name for subject in self.subjects)

    def shown(self, delivered: Sequence[Message | None]) -> tuple[str, ...]:
        """The mutations that its messages still show as they are delivered, each in its place."""
        arrived = [pair for pair in zip(self.messages, delivered, strict=True) if pair[1] is not None]
        return tuple(
            subject.mutation.name
            for subject in self.subjects
            if still_shows(subject, [came for sent, came in arrived if came and _is_among(sent, subject.messages)])
        )


def drawn_for(
    target: Target, mutations: Collection[str] | None, users: Sequence[User], *, without: Collection[str] = ()
) -> st.SearchStrategy[Example]:
    """Two of three go wrong by mutations, or all where these are named, `without` those left out.

    What leaves out any draws no tangle: these go wrong in any way, and nobody can say in which.

    Raises:
        ConfigurationError: a name is no mutation's, none is left, or no connector of the target brings it.
    """
    _refuse_unknown([*(mutations or ()), *without])
    names = [name for name in (MUTATIONS if mutations is None else mutations) if name not in without]
    if not names:
        raise ConfigurationError("fuzz: expected mutations to try, got none that is not left out")
    if mutations is not None:
        return _gone_wrong(_brought(target, names, users), users)
    wrong = _gone_wrong(names, users)
    valid = histories(users=users).map(lambda messages: Example(messages, VALID))
    tangled = tangles(users=users).map(lambda messages: Example(messages, TANGLE))
    return _one_of((valid, wrong, wrong, wrong, wrong, *(() if without else (tangled,))))


@st.composite
def _one_of(draw: st.DrawFn, sources: Sequence[st.SearchStrategy[Example]]) -> Example:
    return draw(draw(st.sampled_from(sources)))


def _gone_wrong(
    names: Collection[str], users: Sequence[User], *, max_size: int = _REST, max_mutations: int = _MOST_MUTATIONS
) -> st.SearchStrategy[Example]:
    return mutated_histories(names, users=users, max_size=max_size, max_mutations=max_mutations).map(
        lambda history: Example(history.messages, None, history.subjects)
    )


def _refuse_unknown(names: Collection[str]) -> None:
    if unknown := [name for name in names if name not in MUTATIONS]:
        raise ConfigurationError(f"fuzz: expected names of mutations, got {unknown}; there are {', '.join(MUTATIONS)}")


def _brought(target: Target, names: Collection[str], users: Sequence[User]) -> Collection[str]:
    lost = [name for name in names if not _is_brought(target, name, users)]
    if lost:
        raise ConfigurationError(
            f"fuzz: expected mutations that a connector of {target.shown} brings, got {', '.join(lost)}"
        )
    return names


def _is_brought(target: Target, name: str, users: Sequence[User]) -> bool:
    """Whether some history that goes wrong so still does as it is delivered."""
    histories_gone_wrong = _gone_wrong([name], users, max_size=0, max_mutations=1)
    try:
        find(
            histories_gone_wrong,
            lambda example: bool(example.shown(target.delivered(example.messages))),
            settings=_FIRST_ONES,
            random=Random(0),  # noqa: S311 - the same every time
        )
    except NoSuchExample:
        return False
    return True


def _is_among(message: Message, own: Sequence[Message]) -> bool:
    """Whether it is one of these very objects: two messages may say the same."""
    return any(message is each for each in own)
