import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp import frame as pamqp_frame

from ftcrm.mockserver.protocols.amqp.errors import PeerError, ReplyCode
from ftcrm.mockserver.protocols.amqp.frames import FrameSplitter, ack_frame, content_frames, frame, nack_frame

frames = st.lists(st.tuples(st.sampled_from([1, 2, 3, 8]), st.integers(0, 65535), st.binary(max_size=30)), max_size=6)


@given(frames, st.data())
def test_frames_are_the_same_however_the_stream_is_cut(sent: list[tuple[int, int, bytes]], data: st.DataObject) -> None:
    stream = b"".join(frame(*each) for each in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
    splitter = FrameSplitter(4096)
    pieces = [stream[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert [each for piece in pieces for each in splitter.split(piece)] == sent


def test_a_frame_of_the_negotiated_size_is_the_largest() -> None:
    splitter = FrameSplitter(4096)
    assert len(list(splitter.split(frame(3, 1, bytes(4088))))) == 1
    with pytest.raises(PeerError, match="4097 bytes is larger than the negotiated 4096") as caught:
        list(splitter.split(frame(3, 1, bytes(4089))[:7]))
    assert caught.value.code is ReplyCode.FRAME_ERROR


def test_frames_before_a_bad_one_are_given() -> None:
    got = []
    splitter = FrameSplitter(4096)
    with pytest.raises(PeerError, match="ends with 0xce, got 0xcd"):
        got.extend(splitter.split(b"".join([frame(8, 0, b""), frame(1, 1, b"abcd")[:-1], b"\xcd", b"rest"])))
    assert splitter.rest == b"\x01\x00\x01\x00\x00\x00\x04abcd\xcdrest"


def test_a_frame_that_comes_byte_by_byte_costs_its_size() -> None:
    splitter = FrameSplitter(131072)
    stream = frame(3, 1, bytes(131064))
    tracemalloc.start()
    got = [each for at in range(len(stream)) for each in splitter.split(stream[at : at + 1])]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [len(payload) for _, _, payload in got] == [131064]
    assert peak < 4 * len(stream)


@given(st.integers(1, 65535), st.integers(1, (1 << 63) - 1), st.booleans())
def test_pamqp_reads_confirms(channel: int, tag: int, multiple: bool) -> None:
    for write, name in ((ack_frame, "Basic.Ack"), (nack_frame, "Basic.Nack")):
        _, got, value = pamqp_frame.unmarshal(write(channel, tag, multiple=multiple))
        assert (got, value.name, value.delivery_tag, value.multiple) == (channel, name, tag, multiple)


def test_content_is_cut_to_the_frame_size() -> None:
    data = content_frames(1, b"header", bytes(10000), 4096)
    sizes = [len(payload) for _, _, payload in FrameSplitter(4096).split(data)]
    assert sizes == [6, 4088, 4088, 10000 - 2 * 4088]
