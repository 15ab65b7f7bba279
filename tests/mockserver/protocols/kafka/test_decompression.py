"""Decompression under a cap: bombs, exact sizes, odd but valid streams, streams that are only trouble."""

from __future__ import annotations

import gzip
import struct
import tracemalloc
from collections.abc import Callable
from typing import Any

import cramjam
import pytest

from ftcrm.mockserver.protocols.kafka.decompression import decompress
from ftcrm.mockserver.protocols.kafka.errors import RefusedError

GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4
MIB = 1 << 20
ZEROS = bytes(80 * MIB)
BOMBS: dict[str, Callable[[], tuple[int, bytes]]] = {
    "gzip": lambda: (GZIP, gzip.compress(ZEROS)),
    "gzip in members": lambda: (GZIP, gzip.compress(bytes(30 * MIB)) * 3),
    "snappy": lambda: (SNAPPY, bytes(cramjam.snappy.compress_raw(ZEROS))),
    "snappy in blocks": lambda: (SNAPPY, _xerial(bytes(cramjam.snappy.compress_raw(bytes(8 * MIB))), 10)),
    "snappy that lies": lambda: (SNAPPY, b"\xff\xff\xff\xff\x0f" + b"\0" * 50),
    "lz4": lambda: (LZ4, bytes(cramjam.lz4.compress(ZEROS))),
    "zstd": lambda: (ZSTD, bytes(cramjam.zstd.compress(ZEROS))),
    "zstd in frames": lambda: (ZSTD, bytes(cramjam.zstd.compress(bytes(8 * MIB))) * 10),
}


def _xerial(block: bytes, times: int) -> bytes:
    return b"\x82SNAPPY\0" + struct.pack(">ii", 1, 1) + (struct.pack(">i", len(block)) + block) * times


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_stop_at_the_cap(client: Any, batches: Any, name: str) -> None:
    codec, body = BOMBS[name]()
    client.produced(("warm", 0, batches.batch(codec=codec)), acks=0)
    tracemalloc.start()
    try:
        error, reason = client.rejected(batches.raw(body, count=1, attributes=codec))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (error, "decompress to more than the" in reason) == (10, True)
    assert peak < 3 * 64 * MIB


@pytest.mark.parametrize("codec", [GZIP, SNAPPY, LZ4, ZSTD])
@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 1_000_000])
def test_the_cap_is_exact(codec: int, size: int) -> None:
    data = bytes(number % 251 for number in range(size))
    compressors: dict[int, Callable[[bytes], Any]] = {
        GZIP: gzip.compress,
        SNAPPY: cramjam.snappy.compress_raw,
        LZ4: cramjam.lz4.compress,
        ZSTD: cramjam.zstd.compress,
    }
    body = bytes(compressors[codec](data))
    assert decompress(codec, body, size) == data
    assert decompress(codec, body, size + 1) == data
    if size:
        with pytest.raises(RefusedError) as refused:
            decompress(codec, body, size - 1)
        assert refused.value.code == 10


def test_concatenated_and_skippable_frames() -> None:
    frame = bytes(cramjam.zstd.compress(b"abc"))
    skippable = struct.pack("<II", 0x184D2A53, 5) + b"12345"
    assert decompress(ZSTD, frame + skippable + frame, 100) == b"abcabc"
    empty_with_checksum = b"\x28\xb5\x2f\xfd\x24\0" + b"\1\0\0" + b"\x99\xe9\xd8\x51"
    assert decompress(ZSTD, empty_with_checksum + frame, 100) == b"abc"
    assert decompress(GZIP, gzip.compress(b"abc") * 2, 100) == b"abcabc"
    assert decompress(SNAPPY, _xerial(bytes(cramjam.snappy.compress_raw(b"abc")), 2), 100) == b"abcabc"


@pytest.mark.parametrize(
    ("codec", "body"),
    [
        (GZIP, gzip.compress(b"") * 17),
        (SNAPPY, _xerial(bytes(cramjam.snappy.compress_raw(b"")), 65_537)),
        (SNAPPY, b"\x82SNAPPY\0" + struct.pack(">iii", 1, 1, -1)),
        (LZ4, b"\x04\x22\x4d\x18\x60\x40\x82" + b"\1\0\0\x80x" * 65_537),
        (ZSTD, b"\x28\xb5\x2f\xfd\x00\x58" + b"\0\0\0" * 65_538),
    ],
    ids=["members", "blocks", "negative block", "lz4 blocks", "zstd blocks"],
)
def test_streams_made_to_keep_the_server_busy_are_corrupt(codec: int, body: bytes) -> None:
    with pytest.raises(RefusedError) as refused:
        decompress(codec, body, 64 * MIB)
    assert refused.value.code == 2
