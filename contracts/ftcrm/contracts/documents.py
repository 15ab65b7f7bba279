"""A file of JSON taken apart into its documents, byte for byte and in constant memory, whatever shape it has.

No parser of JSON events does for this: an event is judged by its own bytes, which may be no JSON at all.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

import msgspec

from ftcrm.contracts.errors import HistoryError

__all__ = ["Document", "Page", "documents"]


class Document(NamedTuple):
    """One document's bytes and where they begin: line and column count from 1, the column in bytes.

    The column is 1 for whatever stands first on its line, indented or not.
    """

    raw: bytes
    line: int
    column: int = 1


class Page(msgspec.Struct, frozen=True):
    """What a list of the admin API says of itself, after its elements."""

    next_cursor: str | None = None
    complete: bool = True


def documents(chunks: Iterable[bytes]) -> Iterator[Document | Page]:
    """The documents of a file that comes in chunks of any size; the first byte that is no blank tells its shape.

    `[` begins an array, whose elements are the documents; `{"events": [` a list as the admin API answers, and they are
    its elements. After either the next thing is looked at in the same way. An object that goes on in a further line is
    written over several lines, and so are those that follow it: they end where their brackets close. Everything else
    is lines, each of which is a document.

    Raises:
        HistoryError: an array or a list breaks off.
    """
    source = _Source(chunks)
    while True:
        source.skip(_BLANK)
        if source.byte() == b"[":
            source.advance(source.at + 1)
            yield from _elements(source)
        elif (head := _head_of_list(source)) is not None:
            source.advance(source.at + len(head))
            yield from _elements(source)
            yield _page(source, head)
        elif _is_spread(source):
            yield from _spread(source)
        else:
            yield from _lines(source)
            return


_BOM = b"\xef\xbb\xbf"
_HEAD = 4_096
"""How many bytes are looked at to tell a list of the admin API."""
_BRACE = ord("{")
_BLANK = re.compile(rb"[ \t\r\n]*")
_BETWEEN = re.compile(rb"[ \t\r\n,]*")
_LIST = re.compile(rb'\{\s*(?:"(?:next_cursor|complete)"\s*:\s*(?:null|true|false|"[^"\\]*")\s*,\s*)*"events"\s*:\s*\[')
_NO_LIST = re.compile(rb'[^{]|\{\s*(?:[^"\s]|"(?!(?:events|next_cursor|complete)")[^"]*")')
_STRING = rb'"(?:[^"\\\n]++|\\[^\n])*+"'
_BREAK = rb"\n[ \t\r\n,]*+(?!\{)"
"""A line break after which no object begins: one that does is looked at more closely."""
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+("?)|[\[{]|[\]}]', re.DOTALL)
_SCALAR = re.compile(rb'(?:"(?:[^"\\]++|\\.)*+"?|[^,\]\s"])[^,\]\n]*+', re.DOTALL)


def _nested(levels: int) -> re.Pattern[bytes]:
    """Whole brackets with up to so many levels of others in them: almost every event is one match."""
    pattern = rb"[\[{](?:[^\[\]{}\"\n]++|%b|%b)*+[\]}]" % (_STRING, _BREAK)
    for _ in range(levels):
        pattern = rb"[\[{](?:[^\[\]{}\"\n]++|%b|%b|%b)*+[\]}]" % (_STRING, _BREAK, pattern)
    return re.compile(pattern)


_BRACKETS = _nested(2)
_NEXT = re.compile(
    rb'(?:[^\[\]{}"]++|%b)*+(?:(?P<open>[\[{])|(?P<close>[\]}])|(?P<string>"(?:[^"\\]++|\\.)*+(?P<end>"?))|\Z)'
    % _STRING,
    re.DOTALL,
)
"""The next bracket, or the next string that has more than one line or that no quote ends."""


class _Source:
    """The bytes that were read and not taken yet: `buffer` from `at` on; `more` fetches further ones."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.chunks = iter(chunks)
        self.buffer = b""
        self.at = 0
        self.line = 1
        self.column = 1
        self.is_first = True
        while len(self.buffer) < len(_BOM) and self.more() is not None:
            pass
        self.buffer = self.buffer.removeprefix(_BOM)

    def more(self) -> int | None:
        """Fetch as much again as is there, so that a long document is not looked through anew for every chunk.

        By how much every position in the buffer is less now; None at the end.
        """
        dropped, wanted = self.at, max(len(self.buffer) - self.at, 1)
        fetched: list[bytes] = []
        while wanted > 0 and (chunk := next(self.chunks, None)) is not None:
            fetched.append(chunk)
            wanted -= len(chunk)
        if not fetched:
            return None
        self.buffer = b"".join((self.buffer[dropped:], *fetched))
        self.at = 0
        return dropped

    def byte(self) -> bytes:
        """The next byte, nothing at the end."""
        while self.at >= len(self.buffer):
            if self.more() is None:
                return b""
        return self.buffer[self.at : self.at + 1]

    def skip(self, pattern: re.Pattern[bytes]) -> None:
        """Advance over all that the pattern, which matches any number of single bytes, matches."""
        while self.byte() and (found := pattern.match(self.buffer, self.at)) and found.end() > self.at:
            self.advance(found.end())

    def advance(self, end: int) -> bytes:
        """Take the bytes before that position of the buffer."""
        taken = self.buffer[self.at : end]
        self.at = end
        if lines := taken.count(b"\n"):
            self.line += lines
            rest = taken[taken.rindex(b"\n") + 1 :]
            self.column, self.is_first = 1 + len(rest), not rest.strip()
        else:
            self.column += len(taken)
            self.is_first = self.is_first and not taken.strip()
        return taken

    def document(self, end: int) -> Document:
        """Take the bytes before that position as a document."""
        line, column = self.line, 1 if self.is_first else self.column
        return Document(self.advance(end), line, column)


def _head_of_list(source: _Source) -> bytes | None:
    """The beginning of a list of the admin API, up to its first element; no more is read than is needed to tell."""
    while True:
        if found := _LIST.match(source.buffer, source.at, source.at + _HEAD):
            return found[0]
        is_told = _NO_LIST.match(source.buffer, source.at) or len(source.buffer) - source.at >= _HEAD
        if is_told or source.more() is None:
            return None


def _elements(source: _Source) -> Iterator[Document]:
    """The elements up to the bracket that closes the array, and that bracket."""
    while True:
        source.skip(_BETWEEN)
        match source.byte():
            case b"":
                raise HistoryError(f"line {source.line}: expected the array to end with ], got the end of the file")
            case b"]":
                source.advance(source.at + 1)
                return
            case b"{" | b"[":
                yield source.document(_end_of_brackets(source))
            case _:
                yield source.document(_end_of_scalar(source))


def _end_of_brackets(source: _Source, *, opened: bytes = b"") -> int:
    """Where the brackets close that open at the source's position (those `opened` before it); else the file's end.

    Where they break off, and with them a string or not, they end before the next line that begins an object: only what
    is broken is unreadable, not what follows it.
    """
    if not opened and (whole := _BRACKETS.match(source.buffer, source.at)):
        return whole.end()
    at, stack = source.at, bytearray(opened)
    while True:
        for token in _NEXT.finditer(source.buffer, at):
            match token.lastgroup:
                case "open":
                    if stack and _is_new(source, token.end() - 1, within=stack[-1]):
                        return _before(source, token.end() - 1)
                    stack.append(source.buffer[token.end() - 1])
                case "close":
                    stack.pop()
                    if not stack:
                        return token.end()
                case "string" if not token["end"]:
                    at = token.start("string")  # it goes on beyond the buffer
                    break
                case "string" if (begin := _new_within(token)) is not None:
                    return _before(source, begin)
        else:
            at = len(source.buffer)
        dropped = source.more()
        if dropped is None:
            return len(source.buffer)
        at -= dropped


def _is_new(source: _Source, at: int, *, within: int) -> bool:
    """Whether a bracket is that of an object that begins a line where, `within` that bracket, no value is expected."""
    line = source.buffer.rfind(b"\n", max(source.at, at - _HEAD), at)
    if line < 0 or source.buffer[at] != _BRACE or source.buffer[line:at].strip(b" \t\r\n,"):
        return False
    gap = source.buffer[max(source.at, line - _HEAD) : at]
    before = gap.rstrip(b" \t\r\n,")
    if not before:
        return False
    if within == _BRACE:
        return not before.endswith(b":")
    return not before.endswith(b"[") and b"," not in gap[len(before) :]


def _new_within(string: re.Match[bytes]) -> int | None:
    """Where an object begins a line within what seems a string, since its quote was opened on an earlier line.

    What ends it is the quote that opens the object's first name.
    """
    inside = string["string"][1:-1].rstrip(b" \t\r\n")
    before = inside[:-1].rstrip(b" \t\r\n,}")
    if not inside.endswith(b"{") or b"\n" not in inside[len(before) :]:
        return None
    return string.start("string") + len(inside)


def _before(source: _Source, at: int) -> int:
    """The end of what stands before that position, without the blanks between."""
    return source.at + len(source.buffer[source.at : at].rstrip(b" \t\r\n"))


def _end_of_scalar(source: _Source) -> int:
    while (found := _SCALAR.match(source.buffer, source.at)) is None or found.end() == len(source.buffer):
        if source.more() is None:
            return len(source.buffer)
    return found.end()


def _page(source: _Source, head: bytes) -> Page:
    """The rest of the object whose list has ended: what it says beside it."""
    line = source.line
    rest = source.advance(_end_of_brackets(source, opened=b"{"))
    try:
        return msgspec.json.decode(head + b"]" + rest, type=Page)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise HistoryError(
            f"line {line}: expected the end of a list as the admin API answers, got another ({error})"
        ) from None


def _is_spread(source: _Source) -> bool:
    """Whether an object begins here that is written over several lines.

    A line that breaks off within its object, as one of a cut-off file does, is a line all the same: what follows is
    then the next object, which no object has where a name is expected.
    """
    if source.byte() != b"{":
        return False
    begin, end = 0, -1
    while (end := source.buffer.find(b"\n", source.at + begin)) < 0:
        begin = len(source.buffer) - source.at
        if source.more() is None:
            return False
    first = source.buffer[source.at : end]
    depth = 0
    for token in _TOKEN.finditer(first):
        if first[token.start()] in b"[{":
            depth += 1
        elif first[token.start()] in b"]}":
            depth -= 1
        elif not token[1]:
            return False  # it breaks off within a string, which no line break can stand in
        if not depth:
            return False
    next_byte = _after_blank_lines(source, end - source.at)
    return bool(next_byte) and (next_byte != b"{" or first.rstrip().endswith(b":"))


def _after_blank_lines(source: _Source, ahead: int) -> bytes:
    """The first byte of the next line that has more than blanks, the byte so far ahead being a line break."""
    while True:
        rest = source.buffer[source.at + ahead :]
        if stripped := rest.lstrip():
            blank = rest[: len(rest) - len(stripped)]
            return stripped[:1] if blank.endswith(b"\n") else blank[-1:]
        if source.more() is None:
            return b""


def _spread(source: _Source) -> Iterator[Document]:
    """Objects over several lines, up to the end; what stands between them is a document a line."""
    while True:
        source.skip(_BLANK)
        match source.byte():
            case b"":
                return
            case b"{" | b"[":
                yield source.document(_end_of_brackets(source))
            case _:
                yield source.document(_end_of_line(source))


def _end_of_line(source: _Source) -> int:
    while (end := source.buffer.find(b"\n", source.at)) < 0:
        if source.more() is None:
            return len(source.buffer)
    return end


def _lines(source: _Source) -> Iterator[Document]:
    """Every line that is left, of a length that no buffer needs to hold twice."""
    number, column = source.line, 1 if source.is_first else source.column
    begun: list[bytes] = []
    for chunk in chain((source.buffer[source.at :],), source.chunks):
        first, *further = chunk.split(b"\n")
        begun.append(first)
        if further:
            yield Document(b"".join(begun), number, column)
            for line in further[:-1]:
                number += 1
                yield Document(line, number)
            number, column, begun = number + 1, 1, [further[-1]]
    if last := b"".join(begun):
        yield Document(last, number, column)
