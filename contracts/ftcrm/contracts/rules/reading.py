"""What the event rules look at: a payload's object and the faults that its field table shows."""

from decimal import Decimal
from typing import Any

import msgspec

from ftcrm.contracts.events.examine import Fault
from ftcrm.contracts.numbers import fits
from ftcrm.contracts.settings import Settings

__all__ = ["Reading"]


class Reading(msgspec.Struct, frozen=True):
    """One event's payload, read: its object and its faults.

    `received_at` is when it was received, in microseconds since the Unix epoch, where that is known.
    """

    document: dict[str, Any]
    faults: tuple[Fault, ...]
    settings: Settings = Settings()
    received_at: int | None = None

    def number(self, name: str) -> Decimal | None:
        """The property's value when it is an admitted number, else None."""
        value = self.document.get(name)
        return value if isinstance(value, Decimal) and fits(value) else None
