"""A failure as files: the history, what is known of it, and a test that replays it."""

import base64
import hashlib
import json
import shlex
from pathlib import Path
from string import Template
from typing import Any, NamedTuple

import msgspec

from ftcrm.contracts import Message
from ftcrm.contracts.lines import Line, read_chunks
from ftcrm.contracts.messages import message_type_of
from ftcrm.contracts.views import findings_view
from ftcrm.strategies.fuzzing.outcomes import Failure
from ftcrm.strategies.fuzzing.sources import opening_of
from ftcrm.strategies.fuzzing.targets import RemoteTarget

__all__ = ["FailureFiles", "entry_line", "read_history", "write_failure"]

_DIGITS = 12
_TEST = Template('''\
"""A target that differs from the reference over the history beside this file: $history.

It is tried again by this test, or by

    $command

FTCRM_FUZZ_TO (URLs with blanks between) and FTCRM_FUZZ_READ (unless rounds are read at the first of them) name another
target, or this one with its password: none is written here. FTCRM_API_KEY and FTCRM_ADMIN_TOKEN are its secrets.
What differed is in $findings.
"""

import os
$imports

TO = os.environ.get("FTCRM_FUZZ_TO", $to).split()
READ = os.environ.get("FTCRM_FUZZ_READ", "" if "FTCRM_FUZZ_TO" in os.environ else $read) or None
HISTORY = Path(__file__).with_name($name)


def test_the_target_agrees_with_the_reference():
    secrets = {"api_key": os.environ.get("FTCRM_API_KEY"), "token": os.environ.get("FTCRM_ADMIN_TOKEN")}
    with $opened as target:
        differences = replay(target, read_history(HISTORY), users=target.users)
    assert differences == (), "\\n".join(differences)
''')


class FailureFiles(NamedTuple):
    """Where a failure was written."""

    history: Path
    """JSONL, which `ftcrm check` and `ftcrm send` read."""
    findings: Path
    """JSON: the target, the differences, the findings, the mutations, the seed and the command."""
    test: Path
    """A pytest file that replays the history, against the target unless FTCRM_FUZZ_TO names another."""


def write_failure(directory: Path, failure: Failure, target: RemoteTarget, *, command: str) -> FailureFiles:
    """Write a failure of that target into the folder, which is made if need be; its names are those of its content.

    `command` is the line that replays it; `{history}` in it stands for the path of the history. Passwords of URLs are
    not written.

    Raises:
        OSError: the folder cannot be written to.
    """
    history = b"".join(entry_line(seq, message) for seq, message in enumerate(failure.messages, start=1))
    digest = hashlib.sha256(target.shown.encode() + b"\n" + history).hexdigest()[:_DIGITS]
    files = FailureFiles(
        directory / f"fuzz-{digest}.jsonl", directory / f"fuzz-{digest}.json", directory / f"test_fuzz_{digest}.py"
    )
    command = command.replace("{history}", shlex.quote(str(files.history)))
    directory.mkdir(parents=True, exist_ok=True)
    files.history.write_bytes(history)
    files.findings.write_text(json.dumps(_known(failure, target, command), indent=2, ensure_ascii=False) + "\n")
    files.test.write_text(_test(files, target, command))
    return files


def read_history(path: Path) -> list[Message]:
    """The messages of a file that `ftcrm check` reads, in their order; of transactions, those that committed.

    Raises:
        HistoryError: an entry of it cannot be read.
        OSError: the file cannot be read.
    """
    found = read_chunks([path.read_bytes()])
    return [line.message for line in found if isinstance(line, Line) and not line.aborted]


def _known(failure: Failure, target: RemoteTarget, command: str) -> dict[str, Any]:
    return {
        "target": target.shown,
        "command": command,
        "seed": failure.seed,
        "flaky": failure.flaky,
        "mutations": failure.mutations,
        "drawn": failure.drawn,
        "differences": failure.differences,
        "findings": findings_view(failure.findings),
    }


def _test(files: FailureFiles, target: RemoteTarget, command: str) -> str:
    opening = opening_of(target)
    return _TEST.substitute(
        history=files.history.name,
        findings=files.findings.name,
        # It stands in a docstring: a backslash or a quote of a shell must not end it.
        command=command.replace("\\", "\\\\").replace('"""', '\\"""'),
        imports="\n".join(opening.imports),
        to=repr(" ".join(opening.to)),
        read=repr(opening.read or ""),
        name=repr(files.history.name),
        opened=opening.call,
    )


def entry_line(seq: int, message: Message) -> bytes:
    """The message as an entry of the admin API, on a line of its own."""
    declared = _name(message.type_property if message.connector == "rest" else message_type_of(message))
    named = declared if isinstance(declared, str) else None
    document: dict[str, Any] = {"seq": seq, "connector": message.connector, "message_type": named}
    match message.connector:
        case "rabbitmq":
            # A name in an object is text, also in the admin API: what is no UTF-8 becomes escapes.
            headers = {
                name.encode("utf-8", "backslashreplace").decode(): _value(value) for name, value in message.headers
            }
            document["transport"] = {"properties": {"type": _name(message.type_property), "headers": headers}}
        case "kafka":
            document["transport"] = {"headers": [[_name(name), _value(value)] for name, value in message.headers]}
    if message.size is not None:
        document["size"] = message.size
    try:
        document["raw"] = message.raw.decode()
    except UnicodeDecodeError:
        document["raw_base64"] = base64.b64encode(message.raw).decode()
    return msgspec.json.encode(document) + b"\n"


def _name(text: str | None) -> Any:
    """A name as the admin API shows it, one that is no UTF-8 as its bytes."""
    return None if text is None else _value(text.encode("utf-8", "surrogateescape"))


def _value(value: str | bytes | None) -> Any:
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}
