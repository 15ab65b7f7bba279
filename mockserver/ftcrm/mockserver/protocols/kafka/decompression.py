"""Decompress a record set without ever writing more than a cap: a bomb stops at the cap, it is not measured afterwards.

gzip is inflated with a maximum length; the other codecs are decompressed into a buffer of fixed size, which their
decoders cannot grow (``cramjam.*.decompress_into``). How large that buffer must be is read from the format: snappy
states its size; zstd blocks hold at most 128 KiB and lz4 blocks what the frame's descriptor says, so counting blocks
gives an upper bound.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Final

import cramjam

from ftcrm.mockserver.protocols.kafka.errors import ErrorCode, RefusedError

MAX_BLOCKS: Final = 65_536
"""Blocks or members in one record set; more of them are only sent to keep this server busy."""


def decompress(codec: int, data: bytes, cap: int, *, magic: int = 2) -> bytes:
    """Return at most ``cap`` bytes decompressed; raises RefusedError: too large, corrupt, or no such codec."""
    decoder = _DECODERS.get(codec)
    if decoder is None or (codec == ZSTD and magic < 2):
        raise RefusedError(
            ErrorCode.UNSUPPORTED_COMPRESSION_TYPE,
            f"expected codec 0 to 4 (zstd in magic 2 only), got {codec} in magic {magic}",
        )
    if codec == LZ4 and magic == 0:
        data = _with_correct_checksum(data)
    try:
        return decoder(data, cap)
    except (zlib.error, cramjam.DecompressionError, struct.error, IndexError, OSError, ValueError) as fault:
        raise RefusedError(
            ErrorCode.CORRUPT_MESSAGE, f"the records do not decompress (codec {codec}): {fault}"
        ) from fault


NONE: Final = 0
GZIP: Final = 1
SNAPPY: Final = 2
LZ4: Final = 3
ZSTD: Final = 4


def _too_large(cap: int) -> RefusedError:
    return RefusedError(
        ErrorCode.MESSAGE_TOO_LARGE, f"the records decompress to more than the {cap} bytes that are left"
    )


def _gunzip(data: bytes, cap: int) -> bytes:
    out = []
    for _ in range(16):  # each member copies what is behind it, and no client sends more than one
        inflater = zlib.decompressobj(wbits=31)
        chunk = inflater.decompress(data, cap + 1)
        if len(chunk) > cap:
            raise _too_large(cap)
        if not inflater.eof:
            raise ValueError("the gzip stream ends early")
        out.append(chunk)
        cap -= len(chunk)
        data = inflater.unused_data
        if not data:
            return b"".join(out)
    raise ValueError("expected at most 16 gzip members")


def _unsnap(data: bytes, cap: int) -> bytes:
    if not data.startswith(_XERIAL):
        return _unsnap_block(data, cap)
    out: list[bytes] = []
    at = _XERIAL_HEADER
    for _ in range(MAX_BLOCKS):
        if at == len(data):
            return b"".join(out)
        (size,) = _BIG.unpack_from(data, at)
        at += 4
        if size <= 0 or at + size > len(data):
            raise ValueError(f"expected a snappy block that fits, got one of {size} bytes")
        out.append(_unsnap_block(data[at : at + size], cap))
        cap -= len(out[-1])
        at += size
    raise ValueError(f"expected at most {MAX_BLOCKS} snappy blocks")


_XERIAL: Final = b"\x82SNAPPY\0"
_XERIAL_HEADER: Final = 16
_BIG: Final = struct.Struct(">i")


def _unsnap_block(data: bytes, cap: int) -> bytes:
    if cramjam.snappy.decompress_raw_len(data) > cap:
        raise _too_large(cap)
    return bytes(cramjam.snappy.decompress_raw(data))


def _unlz4(data: bytes, cap: int) -> bytes:
    return _into(cramjam.lz4.decompress_into, data, _lz4_bound(data, cap), cap)


def _unzstd(data: bytes, cap: int) -> bytes:
    return _into(cramjam.zstd.decompress_into, data, _zstd_bound(data, cap), cap)


def _into(decode: Callable[[bytes, bytearray], int], data: bytes, bound: int, cap: int) -> bytes:
    out = bytearray(min(bound, cap))
    try:
        written = decode(data, out)
    except cramjam.DecompressionError as fault:
        if bound > cap and "whole buffer" in str(fault):
            raise _too_large(cap) from fault
        raise
    return bytes(memoryview(out)[:written])


def _lz4_bound(data: bytes, cap: int) -> int:
    """Return at least the decompressed size, or something above ``cap``."""
    if data[:4] != _LZ4_MAGIC:
        raise ValueError(f"expected an lz4 frame, got {data[:4]!r}")
    flags = data[4]
    block_size = _LZ4_BLOCK_SIZES.get(data[5] >> 4 & 7, 0)
    checksum = 4 if flags & 0x10 else 0
    at = _lz4_descriptor_end(data) + 1
    bound = 0
    for _ in range(MAX_BLOCKS):
        size: int = _LITTLE.unpack_from(data, at)[0]
        if size == 0:
            return bound
        length = size & 0x7FFFFFFF
        bound += length if size > length else min(block_size, 255 * length + 64)
        if bound > cap:
            return bound
        at += 4 + length + checksum
    raise ValueError(f"expected at most {MAX_BLOCKS} lz4 blocks")


_LZ4_MAGIC: Final = b"\x04\x22\x4d\x18"
_LZ4_BLOCK_SIZES: Final = {4: 1 << 16, 5: 1 << 18, 6: 1 << 20, 7: 1 << 22}
_LITTLE: Final = struct.Struct("<I")


def _lz4_descriptor_end(data: bytes) -> int:
    return 6 + (8 if data[4] & 0x08 else 0) + (4 if data[4] & 0x01 else 0)


def _zstd_bound(data: bytes, cap: int) -> int:
    """Return at least the decompressed size, or something above ``cap``. Source: RFC 8878, section 3.1.1."""
    at = bound = blocks = 0
    in_frame = checksum = False
    while at < len(data):
        if blocks > MAX_BLOCKS:
            raise ValueError(f"expected at most {MAX_BLOCKS} zstd blocks")
        blocks += 1
        if not in_frame:
            (magic,) = _LITTLE.unpack_from(data, at)
            if magic & 0xFFFFFFF0 == _ZSTD_SKIPPABLE:
                at += 8 + _LITTLE.unpack_from(data, at + 4)[0]
                continue
            if magic != _ZSTD_MAGIC:
                raise ValueError(f"expected a zstd frame, got {data[at : at + 4]!r}")
            descriptor = data[at + 4]
            checksum = bool(descriptor & 4)
            at += 5 + _zstd_header_rest(descriptor)
            in_frame = True
        header = int.from_bytes(data[at : at + 3], "little")
        last, kind, size = header & 1, header >> 1 & 3, header >> 3
        bound += _ZSTD_BLOCK if kind == _ZSTD_COMPRESSED else size
        if bound > cap:
            return bound
        at += 3 + (1 if kind == _ZSTD_REPEATED else size)
        if last:
            at += 4 if checksum else 0
            in_frame = False
    return bound


_ZSTD_MAGIC: Final = 0xFD2FB528
_ZSTD_SKIPPABLE: Final = 0x184D2A50
_ZSTD_BLOCK: Final = 1 << 17
_ZSTD_REPEATED: Final = 1
_ZSTD_COMPRESSED: Final = 2


def _zstd_header_rest(descriptor: int) -> int:
    single_segment = descriptor >> 5 & 1
    content_size = (single_segment, 2, 4, 8)[descriptor >> 6]
    return (0 if single_segment else 1) + (0, 1, 2, 4)[descriptor & 3] + content_size


def _with_correct_checksum(data: bytes) -> bytes:
    """Return an lz4 frame of magic 0, whose descriptor checksum is wrong, as a decoder takes it (KAFKA-3160)."""
    if data[:4] != _LZ4_MAGIC or len(data) < _LZ4_LONGEST_HEADER:
        return data
    end = _lz4_descriptor_end(data)
    return data[:end] + bytes([_xxh32(data[4:end]) >> 8 & 0xFF]) + data[end + 1 :]


_LZ4_LONGEST_HEADER: Final = 19


def _xxh32(data: bytes) -> int:
    """Return xxHash32 with seed 0 of at most 15 bytes, which is all that a descriptor has."""
    prime = (2654435761, 2246822519, 3266489917, 668265263, 374761393)
    word = 0xFFFFFFFF
    value = prime[4] + len(data)
    whole = len(data) // 4 * 4
    for (lane,) in _LITTLE.iter_unpack(data[:whole]):
        value = (value + lane * prime[2]) & word
        value = (value << 17 | value >> 15) * prime[3] & word
    for byte in data[whole:]:
        value = (value + byte * prime[4]) & word
        value = (value << 11 | value >> 21) * prime[0] & word
    value = (value ^ value >> 15) * prime[1] & word
    value = (value ^ value >> 13) * prime[2] & word
    return value ^ value >> 16


_Decoder = Callable[[bytes, int], bytes]
_DECODERS: Final[dict[int, _Decoder]] = {GZIP: _gunzip, SNAPPY: _unsnap, LZ4: _unlz4, ZSTD: _unzstd}
