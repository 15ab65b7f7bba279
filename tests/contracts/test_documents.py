"""Whatever shape a file has, its documents come out byte for byte, each with its place, however the file is read."""

import json
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ftcrm.contracts.documents import Document, Page, documents
from ftcrm.contracts.errors import HistoryError

TEXTS = st.text(st.sampled_from('a{}[],:"\\ \n\u202eü'), max_size=6) | st.text(max_size=4)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(
    TEXTS.filter(lambda name: name not in ("events", "complete", "next_cursor")), VALUES, max_size=4
)
SIZES = st.sampled_from([1, 2, 3, 7, 64, 4_096, 10**6])


def read(text: bytes, size: int = 4_096) -> list[Document | Page]:
    return list(documents(text[start : start + size] for start in range(0, len(text), size)))


def compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def spread(value: Any, indent: int | str = 2) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=indent).encode("utf-8", "surrogatepass")


SHAPES: dict[str, Callable[[list[Any]], bytes]] = {
    "lines": lambda values: b"\n".join(map(compact, values)),
    "lines and blank ones": lambda values: b"\n\n".join(map(compact, values)) + b"\r\n\n",
    "an array in one line": compact,
    "an array over many lines": spread,
    "an array of one line each": lambda values: b"[\n" + b",\n".join(map(compact, values)) + b"\n]\n",
    "arrays": lambda values: b"".join(compact([value]) + b"\n" for value in values),
    "a list": lambda values: compact({"events": values, "next_cursor": None, "complete": True}),
    "a list with its names sorted": lambda values: spread({"complete": True, "events": values, "next_cursor": None}),
    "several lists": lambda values: b"\n".join(compact({"events": [value], "complete": True}) for value in values),
}


@pytest.mark.parametrize("shape", SHAPES)
@given(values=st.lists(OBJECTS, min_size=2, max_size=4), size=SIZES)
def test_every_shape_gives_the_same_documents(shape: str, values: list[Any], size: int) -> None:
    text = SHAPES[shape](values)
    found = [document for document in read(text, size) if isinstance(document, Document) and document.raw.strip()]
    assert [json.loads(document.raw.decode("utf-8", "surrogatepass")) for document in found] == values
    assert_in_place(text, found)


@given(st.lists(OBJECTS.filter(bool), min_size=1, max_size=4), SIZES, st.sampled_from([0, 1, 4, "\t"]))
def test_objects_over_several_lines_follow_each_other(values: list[Any], size: int, indent: int | str) -> None:
    text = b"\n".join(spread(value, indent) for value in values)
    found = read(text, size)
    assert [document.raw for document in found if isinstance(document, Document)] == [
        spread(value, indent) for value in values
    ]
    assert_in_place(text, found)


def assert_in_place(text: bytes, found: list[Any]) -> None:
    """Each document stands where it says, the first of a line anywhere on it."""
    lines = text.split(b"\n")
    for raw, line, column in found:
        rest = b"\n".join(lines[line - 1 :])
        if column == 1:
            assert rest.lstrip(b" \t\r").startswith(raw) or rest.startswith(raw)
        else:
            assert rest[column - 1 :].startswith(raw)
            assert rest[: column - 1].strip()


@given(st.binary(max_size=40) | st.text('[]{},:" \n\\1a', max_size=40).map(str.encode), SIZES)
@example(b"\xef\xbb", 1)
@example(b"[", 1)
@example(b'{"events": [', 1)
@example(b"[1}{2]", 1)
def test_nothing_of_any_bytes_is_lost_and_no_chunk_makes_a_difference(text: bytes, size: int) -> None:
    try:
        whole = read(text)
    except HistoryError as error:
        with pytest.raises(HistoryError, match=str(error)[:15]):
            read(text, size)
        return
    assert read(text, size) == whole
    kept = b"".join(document.raw for document in whole if isinstance(document, Document))
    left_out = b" \t\r\n,[]" if text.strip().startswith((b"[", b"{", b"\xef\xbb\xbf")) else b" \t\r\n"
    if not any(isinstance(document, Page) for document in whole):
        assert sorted(kept.translate(None, left_out)) == sorted(
            text.removeprefix(b"\xef\xbb\xbf").translate(None, left_out)
        )


@pytest.mark.parametrize(
    ("text", "raws"),
    [
        (b'{"a": 1,\n{"b": 2}', [b'{"a": 1,', b'{"b": 2}']),  # a line that breaks off
        (b'{"a": "x\n"b": 2}', [b'{"a": "x', b'"b": 2}']),
        (b'{"a": [1, 2\n{"b": 2}\n', [b'{"a": [1, 2', b'{"b": 2}']),
        (b'{"a": 1,', [b'{"a": 1,']),
        (b'{"a": 1,\n\n', [b'{"a": 1,']),
        (b'{"a":\n{"b": 2}}', [b'{"a":\n{"b": 2}}']),
        (b'{"a": 1}\n[{"b": 2}]', [b'{"a": 1}', b'[{"b": 2}]']),  # an array later on is a line
        (b'[{"a": 1}]\n{"b": 2}\nx', [b'{"a": 1}', b'{"b": 2}', b"x"]),
        (b'[1, "a,]", null,x y]', [b"1", b'"a,]"', b"null", b"x y"]),
        (b'[{"a": 1}{"b": 2},,]', [b'{"a": 1}', b'{"b": 2}']),
        (b'[{"a": 1}}]', [b'{"a": 1}', b"}"]),
        (b'{\n"a": 1\n}\nx\n{"b": 2}', [b'{\n"a": 1\n}', b"x", b'{"b": 2}']),
        (b'{\n"a": 1\n', [b'{\n"a": 1\n']),
        (b'{"events": 1}', [b'{"events": 1}']),
        (b'{"user_id": "1", "events": [1]}', [b'{"user_id": "1", "events": [1]}']),
        (b'{"events": [], "user_id": "1"}', []),
        (b'[{"a":' + b" " * 5_000 + b'\n{"b": 2}}]', [b'{"a":' + b" " * 5_000 + b'\n{"b": 2}}']),
        (b'[[[[1,\n{"b": 2}\n,\n{}]]]]', [b'[[[1,\n{"b": 2}\n,\n{}]]]']),
        (b'[{"a": "x\ny", "b": "{"}, 1]', [b'{"a": "x\ny", "b": "{"}', b"1"]),  # no line break may stand there
        (b"", []),
        (b" \n\t", []),
        (b"\xef\xbb\xbf[1]", [b"1"]),
        (b"not JSON\n[1]", [b"not JSON", b"[1]"]),
    ],
)
def test_what_cannot_be_told_by_its_first_byte(text: bytes, raws: list[bytes]) -> None:
    for size in (1, 5, 4_096):
        found = [each.raw for each in read(text, size) if isinstance(each, Document)]
        assert [raw for raw in found if raw.strip()] == raws


BROKEN = {
    "within a string": b'{"activity_id": "x", "status": "Appro',
    "within a string, with its comma": b'{"activity_id": "x", "status": "Appro,',
    "within a string, with its bracket": b'{"activity_id": "x", "status": "Appro},',
    "behind an escape": b'{"activity_id": "x", "status": "Appro\\',
    "behind a value": b'{"activity_id": "x", "amount": 1,',
    "behind a name": b'{"activity_id": "x", "amount"',
    "within an array": b'{"activity_id": "x", "tags": [1, 2',
    "with the wrong bracket": b'{"activity_id": "x", "tags": [1, 2},',
    "at its first quote": b'{"',
    "at once": b"{",
    "over two lines": b'{\n  "activity_id": "x", "status": "Appro',
    "over all its lines": b'{\n  "status": "Appro,\n  "type": "Bet"\n},',
}


@pytest.mark.parametrize("broken", BROKEN)
@given(
    values=st.lists(OBJECTS.filter(bool), min_size=1, max_size=3),
    before=st.lists(OBJECTS, max_size=2),
    times=st.sampled_from([1, 1, 2, 3]),
    written=st.sampled_from([compact, spread]),
    between=st.sampled_from([b",\n", b"\n,\n", b"\n, ", b",\r\n\r\n  "]),
    size=SIZES,
)
def test_what_breaks_off_swallows_nothing_of_what_begins_on_a_further_line(
    broken: str,
    values: list[Any],
    before: list[Any],
    times: int,
    written: Callable[[Any], bytes],
    between: bytes,
    size: int,
) -> None:
    """However often it breaks off, the elements before and behind it are read, and what is broken stands for itself."""
    parts = [*map(written, before), *[BROKEN[broken]] * times, between.join(map(written, values))]
    found = read(b"[\n" + b"\n".join(parts) + b"\n]", size)
    raws = [document.raw for document in found if isinstance(document, Document)]
    assert raws == [*map(written, before), *[BROKEN[broken]] * times, *map(written, values)]
    assert_in_place(b"[\n" + b"\n".join(parts) + b"\n]", found)


def test_what_breaks_off_over_several_lines_is_followed_by_the_next_one() -> None:
    text = b'{\n"a": 1\n}\n{\n"b": "x\n}\n{\n"c": 3\n}\n'
    assert [found.raw for found in read(text) if isinstance(found, Document)] == [
        b'{\n"a": 1\n}',
        b'{\n"b": "x\n}',
        b'{\n"c": 3\n}',
    ]


def test_objects_that_break_off_are_read_in_the_time_of_their_length(assert_linear: Callable[..., None]) -> None:
    def spent(count: int) -> float:
        text = b"[\n" + b'{"activity_id": "x", "status": "Appro\n{"a": 1,\n' * count + b"{}]"
        began = time.perf_counter()
        assert len(list(documents([text]))) == 2 * count + 1
        return time.perf_counter() - began

    assert_linear(spent, 2_000)


@pytest.mark.parametrize(
    ("text", "page"),
    [
        (b'{"events": [{}], "next_cursor": "7", "complete": false}', Page("7", False)),
        (b'{"complete": false, "events": []}', Page(None, False)),
        (b'{"next_cursor":null,"complete":true,"events":[{}]}', Page(None, True)),
    ],
)
def test_a_list_says_whether_it_is_all(text: bytes, page: Page) -> None:
    assert read(text)[-1] == page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'[{"a": 1}', "line 1: expected the array to end with ], got the end of the file"),
        (b'[\n{"a": 1},\n', "line 3: expected the array to end with ]"),
        (b'{"events": [{}', "line 1: expected the array to end with ]"),
        (b'{"events": [{}]', "line 1: expected the end of a list as the admin API answers"),
        (b'{"events": []\n, "complete": 1}', "line 1: expected the end of a list as the admin API answers"),
    ],
)
def test_a_file_that_breaks_off_is_told(text: bytes, said: str) -> None:
    with pytest.raises(HistoryError) as error:
        read(text)
    assert str(error.value).startswith(said)


def test_a_line_of_millions_is_read_in_the_time_of_its_length(assert_linear: Callable[..., None]) -> None:
    def spent(size: int) -> float:
        text = b'["' + b"x" * size + b'", {"a": [[[[' + b'"y",' * (size // 4) + b"1]]]]}]"
        began = time.perf_counter()
        assert len(read(text, 1_000)) == 2
        return time.perf_counter() - began

    assert_linear(spent, 100_000)


@pytest.mark.parametrize("begin", [b"[", b'{"events": [', b""])
def test_memory_does_not_grow_with_the_number_of_documents(begin: bytes) -> None:
    event = b'{"activity_id": "' + b"a" * 400 + b'"}'

    def chunks(count: int) -> Iterator[bytes]:
        yield begin
        for number in range(count):
            yield event + (b"\n" if not begin else b"," if number < count - 1 else b"]")
        if begin.startswith(b"{"):
            yield b"}"

    def peak(count: int) -> int:
        tracemalloc.start()
        try:
            assert sum(isinstance(found, Document) for found in documents(chunks(count))) == count
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak(16_000) < 1.2 * peak(2_000) + 10_000
