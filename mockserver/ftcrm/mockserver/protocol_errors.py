"""What never became a message: counted for each connector, with samples, so that it is not lost silently.

Samples are shown and kept. What a client sends to the wrong port may hold its key or its password, so that of text only
a request line is kept, and that without its query; the protocol machines leave out what their own secrets are in.
"""

import re
from collections import deque
from typing import Any

from ftcrm.mockserver.transport import storable, text_or_base64

__all__ = ["ProtocolErrors", "request_line"]

_SAMPLES = 20
_SAMPLE_BYTES = 64


class ProtocolErrors:
    """Counts and the latest samples, for each connector."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._samples: dict[str, deque[dict[str, Any]]] = {}

    def add(self, connector: str, reason: str, sample: bytes = b"", *, harmless: bool = False) -> None:
        """Something came that the connector's protocol does not know; a `harmless` sample is kept as it is."""
        self._counts[connector] = self._counts.get(connector, 0) + 1
        samples = self._samples.setdefault(connector, deque(maxlen=_SAMPLES))
        shown = (sample if harmless else _without_secrets(sample))[:_SAMPLE_BYTES]
        samples.append({"reason": storable(reason), "sample": text_or_base64(shown)})

    def view(self) -> dict[str, Any]:
        """For each connector {"count": n, "samples": [{"reason", "sample"}]}."""
        return {
            connector: {"count": count, "samples": list(self._samples[connector])}
            for connector, count in sorted(self._counts.items())
        }


def request_line(text: bytes) -> bytes:
    """The HTTP request line that a text begins with, without its query; nothing where it begins with anything else.

    Only the origin form of a target is known to be harmless: an absolute one may hold a password.
    """
    found = _REQUEST_LINE.match(text)
    return b"" if found is None else found[1] + (found[2] or b"")


_REQUEST_LINE = re.compile(rb"([A-Z]{1,20} (?:/[^\s?#]*|\*(?=\s|$)))(?:[?#]\S*)?( HTTP/\d\.\d)?")
_HTTP = re.compile(rb"HTTP/\d|\n[!#-'*+.0-9A-Z^-z|~-]+[ \t]*:")
"""A version or a header line, behind whatever else."""
_AMQP_HEADER_BYTES = 8


def _without_secrets(sample: bytes) -> bytes:
    if sample.startswith(b"AMQP"):
        return sample[:_AMQP_HEADER_BYTES]
    if sample[:1].isspace() or b" " <= sample[:1] < b"\x7f":
        return request_line(sample)
    return b"" if _HTTP.search(sample) else sample
