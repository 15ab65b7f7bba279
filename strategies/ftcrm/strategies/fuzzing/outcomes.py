"""What a search is pointed at, and what it says: how far it is, what it found, what it came to."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from ftcrm.contracts import Message
from ftcrm.contracts.findings import Finding
from ftcrm.contracts.settings import Settings

__all__ = ["Failure", "Progress", "Report", "Target"]


class Target(Protocol):
    """What is fuzzed: something that takes messages and makes rounds of them.

    It may remember what it was ever sent; every history that a search hands over has ids of its own.
    """

    @property
    def shown(self) -> str:
        """What it is called in texts: its URLs without passwords."""

    @property
    def settings(self) -> Settings:
        """Under which the reference judges and constructs what the target is compared with."""

    def delivered(self, messages: Sequence[Message]) -> list[Message | None]:
        """Each of them as it would arrive through a connector of the target; None where none can bring it."""

    def differences(self, messages: Sequence[Message]) -> tuple[str, ...]:
        """Publish them in this order, read what came of them, and say where it differs from the reference, a line each.

        Raises:
            EngineError: it failed, or answered what cannot be read.
            SendError: it cannot be reached, or takes nothing at all.
        """


class Progress(NamedTuple):
    """How far a search is."""

    examples: int
    """How many histories were tried, up to the first that differs."""
    shrinks: int
    """How many were tried since, to find a smaller one."""
    seconds: float
    events: int
    """How many messages all these histories have."""
    covered: Mapping[str, int]
    """How many of the examples show which mutation as they arrive, by its name; those drawn without any count as
    `valid` or `tangle`."""
    seed: int
    """That of the generator: unless told, it was drawn."""


class Failure(msgspec.Struct, frozen=True):
    """A history over which the target differs: the smallest that was found."""

    messages: tuple[Message, ...]
    """With the ids of the example, not of the namespace that it was last tried in."""
    differences: tuple[str, ...]
    """A line each, with the ids of the example, too."""
    findings: tuple[Finding, ...]
    """What the rules say of these very messages; the witnesses are their positions, from 1 on."""
    mutations: tuple[str, ...]
    """Those that these messages still show."""
    seed: int
    drawn: tuple[str, ...] = ()
    """The mutations that the history was drawn with. Without what shrinking left out, it need not show them."""
    flaky: bool = False
    """Whether it differed once, and not again when it was tried again: the target is not a function of its input."""


class Report(msgspec.Struct, frozen=True):
    """What a search came to: `failure` is None where the target agreed on every history."""

    target: str
    """As the target is shown."""
    examples: int
    shrinks: int
    events: int
    seconds: float
    covered: Mapping[str, int]
    seed: int
    """That of the generator: unless told, it was drawn."""
    failure: Failure | None = None
