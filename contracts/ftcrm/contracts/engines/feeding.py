"""What an engine is fed, as lines of JSON: what a command reads, and what a person is shown."""

import base64

import msgspec

from ftcrm.contracts.events import read_payload

__all__ = ["fed_line"]

_ONE_LINE = bytes.maketrans(b"\r\n", b"  ")


def fed_line(message_type: str, raw: bytes) -> bytes:
    """One delivery, with the line break at its end; `ftcrm check` and `ftcrm send` read such lines.

    It is `{"message_type": "CASINO", "event": {...}}` with the payload letter by letter, or
    `{"message_type": "CASINO", "raw_base64": "..."}` where the payload is no JSON object.
    """
    payload = read_payload(raw)
    if payload.document is None or payload.byte_order_mark:
        return _encode({"message_type": message_type, "raw_base64": base64.b64encode(raw).decode()})
    # Outside of its strings, JSON has line breaks only as blanks; in them, it has none.
    return _encode({"message_type": message_type, "event": msgspec.Raw(raw.translate(_ONE_LINE))})


def _encode(document: dict[str, object]) -> bytes:
    return msgspec.json.encode(document) + b"\n"
