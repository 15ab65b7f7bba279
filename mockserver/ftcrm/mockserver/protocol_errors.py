"""What never became a message: counted for each connector, with samples, so that it is not lost silently."""

from collections import deque
from typing import Any

from ftcrm.mockserver.transport import storable, text_or_base64

__all__ = ["ProtocolErrors"]

_SAMPLES = 20
_SAMPLE_BYTES = 64


class ProtocolErrors:
    """Counts and the latest samples, for each connector."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._samples: dict[str, deque[dict[str, Any]]] = {}

    def add(self, connector: str, reason: str, sample: bytes = b"") -> None:
        """Something came that the connector's protocol does not know."""
        self._counts[connector] = self._counts.get(connector, 0) + 1
        samples = self._samples.setdefault(connector, deque(maxlen=_SAMPLES))
        samples.append({"reason": storable(reason), "sample": text_or_base64(sample[:_SAMPLE_BYTES])})

    def view(self) -> dict[str, Any]:
        """For each connector {"count": n, "samples": [{"reason", "sample"}]}."""
        return {
            connector: {"count": count, "samples": list(self._samples[connector])}
            for connector, count in sorted(self._counts.items())
        }
