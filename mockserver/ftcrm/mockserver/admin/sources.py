"""What the admin API reads of a server."""

from pathlib import Path
from typing import Protocol

from ftcrm.mockserver.follower import Follower
from ftcrm.mockserver.intake import Intake
from ftcrm.mockserver.journal import Journal
from ftcrm.mockserver.protocol_errors import ProtocolErrors

__all__ = ["Sources"]


class Sources(Protocol):
    """A running server, as far as the admin API looks at it."""

    ready: bool
    admin_token: str | None
    errors: ProtocolErrors

    @property
    def journal(self) -> Journal:
        """The journal."""

    @property
    def journal_path(self) -> Path | None:
        """The journal's file, None when it is kept in memory."""

    @property
    def follower(self) -> Follower:
        """What follows from the journal."""

    @property
    def intake(self) -> Intake:
        """The way into the journal."""

    def listening(self) -> dict[str, str]:
        """HOST:PORT of each connector."""
