"""Encode and decode messages by the tables in ``schemas``.

A table row is made into a closure once per API, version and direction, at first use; decoding then runs no table
look-ups. A message is a dict by field name. In flexible versions every struct ends in tagged fields: skipped when read,
none written.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from functools import cache
from typing import Any, Final, NamedTuple

from ftcrm.mockserver.protocols.kafka import wire
from ftcrm.mockserver.protocols.kafka.errors import MalformedError
from ftcrm.mockserver.protocols.kafka.schemas import BY_KEY, REQUIRED, Api, ApiKey, Field
from ftcrm.mockserver.protocols.kafka.wire import Reader, Writer

Message = dict[str, Any]  # Any: what a field holds is said by the table, which mypy cannot read

MAX_ELEMENTS: Final = 100_000
"""An array longer than this is refused before it is built: two bytes on the wire can become a dict of 250."""


class RequestHeader(NamedTuple):
    """The header of a request, versions 1 and 2, and where its body starts."""

    api_key: int
    api_version: int
    correlation_id: int
    client_id: str | None
    body_at: int


def read_header(frame: bytes) -> RequestHeader:
    """Decode the header; raises MalformedError. The client id is no compact string, not even in version 2."""
    try:
        api_key, api_version, correlation_id = _HEADER.unpack_from(frame)
        client_id, at = wire.read_string(frame, _HEADER.size)
        api = BY_KEY.get(api_key)
        if api is not None and api_version in api.flexible:
            at = wire.skip_tags(frame, at)
    except _OUT_OF_BYTES as fault:
        # The bytes are not repeated: a token that came without its handshake holds a password.
        raise MalformedError(f"expected a request header, got {len(frame)} bytes that hold none: {fault}") from fault
    return RequestHeader(api_key, api_version, correlation_id, client_id, at)


def decode_request(key: ApiKey, version: int, data: bytes, at: int = 0) -> Message:
    """Decode a request's body from ``at`` on; raises MalformedError. Bytes behind it are ignored, as Kafka does."""
    try:
        value, _ = _reader(key, version)(data, at)
    except _OUT_OF_BYTES as fault:
        raise MalformedError(f"expected the body of {BY_KEY[key].name} {version}: {fault}") from fault
    message: Message = value
    return message


def encode_response(key: ApiKey, version: int, correlation_id: int, message: Message) -> bytes:
    """Return the response as a frame. Its header has tagged fields in flexible versions, ApiVersions excepted."""
    out = bytearray(4)
    wire.write_int32(out, correlation_id)
    if version in BY_KEY[key].flexible and key is not ApiKey.API_VERSIONS:
        out += wire.NO_TAGS
    _writer(key, version)(out, message)
    _LENGTH.pack_into(out, 0, len(out) - 4)
    return bytes(out)


_HEADER: Final = struct.Struct(">hhi")
_LENGTH: Final = struct.Struct(">i")
_OUT_OF_BYTES: Final = (struct.error, IndexError, UnicodeDecodeError, MalformedError)


@cache
def _reader(key: ApiKey, version: int) -> Reader:
    api = BY_KEY[key]
    return _struct_reader(api.request, version, version in api.flexible)


@cache
def _writer(key: ApiKey, version: int) -> Writer:
    api: Api = BY_KEY[key]
    return _struct_writer(api.response, version, version in api.flexible)


def _struct_reader(fields: tuple[Field, ...], version: int, flexible: bool) -> Reader:
    parts = [(row.name, _field_reader(row, version, flexible)) for row in fields if version in row.versions]

    def read(data: bytes, at: int) -> tuple[Message, int]:
        message: Message = {}
        for name, part in parts:
            message[name], at = part(data, at)
        return message, (wire.skip_tags(data, at) if flexible else at)

    return read


def _field_reader(row: Field, version: int, flexible: bool) -> Reader:
    if isinstance(row.kind, tuple):
        read = _struct_reader(row.kind, version, flexible)
    else:
        read = _PRIMITIVES[row.kind, flexible][0]
    if row.array:
        read = _array_reader(read, wire.read_compact_length if flexible else wire.read_int32_length)
    if version in row.nullable:
        return read
    return _not_null(row.name, read)


def _array_reader(read: Reader, read_length: wire.LengthReader) -> Reader:
    def read_array(data: bytes, at: int) -> tuple[list[Any] | None, int]:
        count, at = read_length(data, at)
        if count < 0:
            return None, at
        if count > min(MAX_ELEMENTS, len(data) - at):
            raise MalformedError(f"expected an array of at most {MAX_ELEMENTS} elements that fit, got {count}")
        values = []
        for _ in range(count):
            value, at = read(data, at)
            values.append(value)
        return values, at

    return read_array


def _not_null(name: str, read: Reader) -> Reader:
    def read_value(data: bytes, at: int) -> tuple[Any, int]:
        value, after = read(data, at)
        if value is None:
            raise MalformedError(f"expected a value for {name} at byte {at}, got null")
        return value, after

    return read_value


def _struct_writer(fields: tuple[Field, ...], version: int, flexible: bool) -> Writer:
    parts = [
        (row.name, row.default, _field_writer(row, version, flexible)) for row in fields if version in row.versions
    ]

    def write(out: bytearray, message: Message) -> None:
        for name, default, part in parts:
            part(out, message[name] if default is REQUIRED else message.get(name, default))
        if flexible:
            out += wire.NO_TAGS

    return write


def _field_writer(row: Field, version: int, flexible: bool) -> Writer:
    if isinstance(row.kind, tuple):
        write = _struct_writer(row.kind, version, flexible)
    else:
        write = _PRIMITIVES[row.kind, flexible][1]
    if row.array:
        return _array_writer(write, wire.write_compact_length if flexible else wire.write_int32)
    return write


def _array_writer(write: Writer, write_length: Callable[[bytearray, int], None]) -> Writer:
    def write_array(out: bytearray, values: Any) -> None:
        if values is None:
            write_length(out, -1)
            return
        write_length(out, len(values))
        for value in values:
            write(out, value)

    return write_array


def _both(read: Reader, write: Writer) -> dict[bool, tuple[Reader, Writer]]:
    return {False: (read, write), True: (read, write)}


_PRIMITIVES: Final[dict[tuple[str, bool], tuple[Reader, Writer]]] = {
    (kind, flexible): pair
    for kind, pairs in {
        "bool": _both(wire.read_bool, wire.write_bool),
        "int8": _both(wire.read_int8, wire.write_int8),
        "int16": _both(wire.read_int16, wire.write_int16),
        "int32": _both(wire.read_int32, wire.write_int32),
        "int64": _both(wire.read_int64, wire.write_int64),
        "uuid": _both(wire.read_uuid, wire.write_uuid),
        "string": {
            False: (wire.read_string, wire.write_string),
            True: (wire.read_compact_string, wire.write_compact_string),
        },
        "bytes": {
            False: (wire.read_bytes, wire.write_bytes),
            True: (wire.read_compact_bytes, wire.write_compact_bytes),
        },
    }.items()
    for flexible, pair in pairs.items()
}
