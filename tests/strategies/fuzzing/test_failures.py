"""The files of a failure: what they hold, and that they are read again as they were written."""

import ast
import json
import runpy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.client.engines import HttpRoutes
from ftcrm.contracts import Message, Settings
from ftcrm.contracts.engines import FieldMapping
from ftcrm.contracts.errors import HistoryError
from ftcrm.contracts.rounds import Readings
from ftcrm.strategies.fuzzing import Failure, RemoteTarget, read_history, write_failure
from ftcrm.strategies.fuzzing.failures import entry_line
from ftcrm.strategies.mutations import findings_in, mutated_histories
from ftcrm.strategies.tangles import tangles
from ftcrm.strategies.transports import hostile_messages

COMMAND = "ftcrm fuzz --to http://127.0.0.1:1 --replay {history}"
MESSAGES = (
    Message("rest", b'{"type":"Bet","amount":20.00}', "CASINO"),
    Message("rabbitmq", b'{\n  "status": "Created"\n}', "bonus", (("type", "PAYMENT"), ("n", None))),
    Message("kafka", b"\xff\x00", None, (("trace", None), ("type", b"CASINO"), ("type", b"\xff"))),
)


@pytest.fixture
def failure():
    return Failure(MESSAGES, ("o/u/r: state: expected 'open', got null",), findings_in(MESSAGES), ("missing-win",), 7)


@pytest.fixture
def target_at():
    """Make remote targets of REST URLs: nothing listens there, and nothing is asked before something is sent."""
    made = []

    def make(*to, **options):
        made.append(RemoteTarget(to or ("http://127.0.0.1:1",), **options))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_what_is_written(failure, target_at, tmp_path):
    files = write_failure(tmp_path / "a" / "b", failure, target_at(), command=COMMAND)
    assert sorted(each.name for each in (tmp_path / "a" / "b").iterdir()) == sorted(each.name for each in files)
    assert read_history(files.history) == list(MESSAGES)
    known = json.loads(files.findings.read_text())
    assert known["command"] == COMMAND.replace("{history}", str(files.history))
    assert known["differences"] == list(failure.differences)
    assert [found["rule"] for found in known["findings"]] == [found.rule for found in failure.findings]
    assert (known["target"], known["seed"], known["flaky"], known["mutations"]) == (
        "http://127.0.0.1:1",
        7,
        False,
        ["missing-win"],
    )


def test_names_are_those_of_the_content(failure, target_at, tmp_path):
    other = Failure(MESSAGES[:1], failure.differences, (), (), 7)
    first = write_failure(tmp_path, failure, target_at(), command=COMMAND)
    assert write_failure(tmp_path, failure, target_at(), command=COMMAND) == first
    further = [
        write_failure(tmp_path, other, target_at(), command=COMMAND),
        write_failure(tmp_path, failure, target_at("http://127.0.0.1:2"), command=COMMAND),
    ]
    assert len({*first, *further[0], *further[1]}) == 9
    assert read_history(first.history) == list(MESSAGES)


def test_the_test_file_imports_what_it_needs_and_nothing_else(failure, target_at, tmp_path):
    plain = write_failure(tmp_path, failure, target_at(), command=COMMAND).test.read_text()
    assert imported(plain) == ["os", "pathlib", "ftcrm.strategies.fuzzing"]
    target = target_at(
        "http://127.0.0.1:3",
        read="http://127.0.0.1:4/rounds",
        mapping=FieldMapping(
            fields={"state": "/status", "outcome": "/result/outcome", "bet": "/result/bet"},
            values={"state": {"DONE": "settled", "null": "open"}},
        ),
        routes=HttpRoutes(rounds="/r/{user_id}", rounds_at=""),
        settings=Settings(session_gap=300.0, readings=Readings(end_flag="cuts"), crypto_currencies=frozenset({"BTC"})),
        accept_invalid=True,
        wait=2.5,
    )
    full = write_failure(tmp_path, failure, target, command=COMMAND).test.read_text()
    assert max(map(len, full.rpartition('"""')[2].splitlines())) <= 120
    assert "\n        mapping=FieldMapping(\n            fields={'state': '/status', " in full
    assert "\n        wait=2.5,\n        **secrets,\n    ) as target:\n" in full
    assert imported(full) == [
        *("os", "pathlib", "ftcrm.client.engines", "ftcrm.contracts", "ftcrm.contracts.engines"),
        *("ftcrm.contracts.rounds", "ftcrm.strategies.fuzzing"),
    ]
    (opened,) = [node for node in ast.walk(ast.parse(full)) if isinstance(node, ast.Call) and "wait" in words(node)]
    names = {"FieldMapping": FieldMapping, "HttpRoutes": HttpRoutes, "Settings": Settings, "Readings": Readings}
    options = {each.arg: each.value for each in opened.keywords if each.arg not in (None, "read")}
    made = {name: eval(ast.unparse(value), dict(names)) for name, value in options.items()}  # noqa: S307 - our own text
    assert made == {
        "mapping": target.mapping,
        "routes": target.routes,
        "settings": target.settings,
        "accept_invalid": True,
        "wait": 2.5,
    }


@pytest.mark.parametrize(
    ("variables", "to", "read"),
    [
        ({}, ["http://127.0.0.1:3"], "http://127.0.0.1:4"),
        ({"FTCRM_FUZZ_TO": "http://a kafka://b"}, ["http://a", "kafka://b"], None),
        ({"FTCRM_FUZZ_TO": "kafka://b", "FTCRM_FUZZ_READ": "http://r"}, ["kafka://b"], "http://r"),
        ({"FTCRM_FUZZ_READ": "http://r"}, ["http://127.0.0.1:3"], "http://r"),
    ],
)
def test_variables_name_another_target(failure, target_at, tmp_path, monkeypatch, variables, to, read):
    target = target_at("http://127.0.0.1:3", read="http://127.0.0.1:4")
    files = write_failure(tmp_path, failure, target, command=COMMAND)
    for name in ("FTCRM_FUZZ_TO", "FTCRM_FUZZ_READ"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    made = runpy.run_path(str(files.test))
    assert (made["TO"], made["READ"]) == (to, read)


def test_a_setting_of_decimals_brings_their_import(failure, target_at, tmp_path):
    target = target_at(settings=Settings(rfm_recency=Settings().rfm_frequency))
    text = write_failure(tmp_path, failure, target, command=COMMAND).test.read_text()
    assert imported(text)[:3] == ["os", "decimal", "pathlib"]


def test_no_password_is_written(failure, target_at, tmp_path):
    target = target_at(
        "http://bob:hunter2@127.0.0.1:3",
        read="http://bob:hunter2@127.0.0.1:3",
        api_key="k-secret",
        token="t-secret",  # noqa: S106 - the test's own
    )
    files = write_failure(tmp_path, failure, target, command=COMMAND)
    for each in files:
        assert not any(secret in each.read_text() for secret in ("hunter2", "k-secret", "t-secret"))
    assert '"http://bob@127.0.0.1:3"' in files.test.read_text().replace("'", '"')


def test_a_command_cannot_end_the_docstring_that_it_stands_in(failure, target_at, tmp_path):
    command = 'ftcrm fuzz --out "C:\\new" \'"""\' --replay {history}'
    text = write_failure(tmp_path, failure, target_at(), command=command).test.read_text()
    assert command.partition(" --replay")[0] in ast.get_docstring(ast.parse(text))


@given(
    st.one_of(
        st.lists(hostile_messages(), max_size=3),
        mutated_histories().map(lambda history: history.messages),
        tangles(max_size=3),
    )
)
def test_messages_are_read_as_they_were_written(tmp_path_factory, messages):
    path = tmp_path_factory.getbasetemp() / "history.jsonl"
    path.write_bytes(b"".join(entry_line(seq, message) for seq, message in enumerate(messages, start=1)))
    assert [as_kept(message) for message in read_history(path)] == [as_kept(message) for message in messages]


def test_a_file_that_is_no_history(tmp_path):
    path = tmp_path / "rounds.json"
    path.write_text('{"rounds": [], "next_cursor": null, "complete": true}')
    with pytest.raises(HistoryError, match="expected events, got a list of rounds"):
        read_history(path)


def as_kept(message):
    """What a saved history keeps of a message: header values as text where they are text."""
    headers = () if message.connector == "rest" else message.headers
    if message.connector == "rabbitmq":
        headers = tuple({escaped(name): value for name, value in headers}.items())
    texts = tuple((name, value.decode() if is_text(value) else value) for name, value in headers)
    return message.connector, message.raw, message.type_property or None, texts, message.size


def escaped(name):
    return name.encode("utf-8", "backslashreplace").decode()


def is_text(value):
    try:
        return isinstance(value, bytes) and value.decode() is not None
    except UnicodeDecodeError:
        return False


def imported(text):
    """The modules that the source imports, in order."""
    nodes = [node for node in ast.parse(text).body if isinstance(node, ast.Import | ast.ImportFrom)]
    return [node.names[0].name if isinstance(node, ast.Import) else node.module for node in nodes]


def words(call):
    return [each.arg for each in call.keywords]
