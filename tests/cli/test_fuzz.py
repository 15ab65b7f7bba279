"""What `ftcrm fuzz` says, writes and exits with; the target is in this process, and the search is the real one."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from itertools import count, pairwise
from pathlib import Path
from typing import Any
from unittest.mock import Mock
from xml.etree.ElementTree import fromstring

import pytest
from click.testing import CliRunner, Result
from hypothesis.configuration import storage_directory

from ftcrm.cli import main
from ftcrm.client.engines import HttpRoutes
from ftcrm.contracts import Message
from ftcrm.contracts.engines import FieldMapping
from ftcrm.contracts.errors import EngineError, SendError
from ftcrm.strategies.fuzzing import RemoteTarget
from ftcrm.strategies.mutations import MUTATIONS

URL = "http://127.0.0.1:1"
"""Nobody listens there, and nothing is sent: a connection would come with the first event."""
Differences = Callable[[Sequence[Message]], tuple[str, ...]]
Fuzz = Callable[..., Result]


def _agrees(_: Sequence[Message]) -> tuple[str, ...]:
    return ()


def _loses_losses(messages: Sequence[Message]) -> tuple[str, ...]:
    return ("the Loss is lost",) if any(b'"Loss"' in message.raw for message in messages) else ()


@pytest.fixture
def opened() -> list[RemoteTarget]:
    """The targets that the commands of the test have opened."""
    return []


@pytest.fixture
def fuzz(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, opened: list[RemoteTarget]) -> Fuzz:
    """Run `ftcrm fuzz` in a folder of the test on a target that differs so."""

    def run(*options: str, differences: Differences = _agrees, to: str = URL, **variables: str) -> Result:
        class Local(RemoteTarget):
            def __init__(self, *arguments: Any, **given: Any) -> None:
                super().__init__(*arguments, **given)
                opened.append(self)

            def differences(self, messages: Sequence[Message]) -> tuple[str, ...]:
                return differences(messages)

        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("HYPOTHESIS_STORAGE_DIRECTORY", str(storage_directory().path))
        monkeypatch.setattr("ftcrm.strategies.fuzzing.RemoteTarget", Local)
        return CliRunner().invoke(main, ["fuzz", "--to", to, *options], env=variables)

    return run


@pytest.fixture
def unconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is connected to when a target is opened: no broker is there."""
    monkeypatch.setattr(
        "ftcrm.strategies.fuzzing.targets.Publisher", lambda *_, **__: nullcontext(Mock(delivered=list))
    )


def _refused(result: Result) -> str:
    """The one line on standard error of a usage error."""
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    return result.stderr


def test_a_target_that_agrees_is_told_with_what_was_covered(fuzz: Fuzz, tmp_path: Path) -> None:
    result = fuzz("--examples", "5", "--seed", "7", "--all")
    assert (result.exit_code, result.stderr) == (0, "")
    head, *rows, empty, counts, last = result.stdout.splitlines()
    assert (head, rows[0].split(), empty) == ("covered:", ["mutation", "families", "examples"], "")
    covered = {row.split()[0] for row in rows[1:]}
    assert covered <= {*MUTATIONS, "valid", "tangle"}
    families = {number for name in covered & MUTATIONS.keys() for number in MUTATIONS[name].families}
    assert counts == (
        f"covered: {len(covered & MUTATIONS.keys())} of {len(MUTATIONS)} mutations, {len(families)} of 28 families"
    )
    assert re.fullmatch(rf"{URL}: agrees: 5 examples in \d+\.\d s \(\d+ examples a second, \d+ events\); seed 7", last)
    assert fuzz("--examples", "5", "--seed", "7").stdout.splitlines()[:-1] == [counts]
    assert not list(tmp_path.glob("**/*.jsonl"))


def test_a_target_that_differs_is_told_with_the_smallest_history_and_its_files(fuzz: Fuzz, tmp_path: Path) -> None:
    result = fuzz("--seed", "7", "--select", "ALL", "--api-key", "k-1", differences=_loses_losses)
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.startswith("differences:\n  the Loss is lost\n")
    assert '{"activity_id":"' in result.stdout
    assert "1 event: " in result.stdout
    assert f"\n{URL}: differs: " in result.stdout
    history, findings, test = (
        tmp_path / line.partition(":")[2].strip()
        for line in result.stdout.splitlines()
        if line.startswith(("written:", "test:"))
    )
    assert history.parent == tmp_path / "ftcrm-fuzz"
    assert history.read_bytes().count(b"\n") == 1
    assert json.loads(findings.read_text())["differences"] == ["the Loss is lost"]
    compile(test.read_text(), test, "exec")
    (replay,) = (line.partition(":")[2] for line in result.stdout.splitlines() if line.startswith("replay:"))
    words = shlex.split(replay)
    assert words == ["ftcrm", "fuzz", "--to", URL, "--select", "ALL", "--replay", str(history.relative_to(tmp_path))]
    assert json.loads(findings.read_text())["command"] == shlex.join(words)
    again = fuzz(*words[4:], differences=_loses_losses)
    assert again.exit_code == 1
    assert again.stdout.startswith("differences:\n  the Loss is lost\n")
    assert again.stdout.endswith(f"\n{URL}: differs: 1 event\n")


def test_the_findings_of_the_history_come_with_their_clauses(fuzz: Fuzz, bet: bytes, tmp_path: Path) -> None:
    (tmp_path / "one.jsonl").write_bytes(bet.replace(b'"amount": 20', b'"amount": 25'))
    result = fuzz("--replay", "one.jsonl", differences=lambda _: ("it differs",))
    assert result.exit_code == 1
    assert "one.jsonl:1: FT113 sum-mismatch [documented]" in result.stdout
    assert "    | (casino.amount)\n" in result.stdout
    document = json.loads(
        fuzz("--replay", "one.jsonl", "--format", "json", differences=lambda _: ("it differs",)).stdout
    )
    (finding,) = document["failure"]["findings"]
    assert (finding["rule"], finding["witness"], document["failure"]["test"]) == ("FT113", [1], None)


def test_json_is_one_document(fuzz: Fuzz) -> None:
    document = json.loads(fuzz("--format", "json", "--seed", "7", differences=_loses_losses).stdout)
    assert list(document) == [
        *("target", "examples", "shrinks", "events", "covered", "seed", "seconds", "interrupted", "failure")
    ]
    failure = document["failure"]
    assert (document["seed"], failure["differences"]) == (7, ["the Loss is lost"])
    assert Path(failure["history"]).exists()
    agrees = json.loads(fuzz("--format", "json", "--examples", "2").stdout)
    assert (agrees["examples"], agrees["failure"]) == (2, None)


def test_junit_has_one_case_that_fails_or_not(fuzz: Fuzz) -> None:
    (suite,) = fromstring(fuzz("--format", "junit", "--seed", "7", differences=_loses_losses).stdout)  # noqa: S314
    (case,) = suite
    assert (suite.get("tests"), suite.get("failures"), case.get("classname")) == ("1", "1", URL)
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message") == "the Loss is lost"
    assert "ftcrm fuzz --to" in (failure.text or "")
    (suite,) = fromstring(fuzz("--format", "junit", "--examples", "2").stdout)  # noqa: S314
    assert (suite.get("failures"), suite.find("testcase/failure")) == ("0", None)


def test_mutations_are_named_or_those_of_a_family(fuzz: Fuzz) -> None:
    chosen = json.loads(fuzz("--mutations", "missing-win", "--examples", "3", "--format", "json").stdout)
    assert chosen["covered"].keys() == {"missing-win"}
    of_family = {name for name, mutation in MUTATIONS.items() if 17 in mutation.families}
    chosen = json.loads(fuzz("--mutations", "17", "--examples", "3", "--format", "json").stdout)
    assert chosen["covered"].keys() <= of_family


def test_what_is_left_out_goes_wrong_nowhere(fuzz: Fuzz) -> None:
    of_family = {name for name, mutation in MUTATIONS.items() if 17 in mutation.families}
    options = ("--examples", "40", "--format", "json")
    covered = json.loads(fuzz("--except", "17,missing-win", *options).stdout)["covered"]
    assert not covered.keys() & {*of_family, "missing-win", "tangle"}
    assert "valid" in covered
    assert len(covered) > 5
    both = json.loads(fuzz("--mutations", "17", "--except", ",".join(sorted(of_family)[1:]), *options).stdout)
    assert both["covered"].keys() == {min(of_family)}
    said = _refused(fuzz("--mutations", "missing-win", "--except", "missing-win"))
    assert said == "ftcrm: fuzz: expected mutations to try, got none that is not left out\n"
    assert "--except: expected a mutation, or the number of a family, got 'x'" in _refused(fuzz("--except", "x"))


def test_a_search_that_leaves_something_out_keeps_nothing_and_begins_with_nothing_kept(
    fuzz: Fuzz, tmp_path: Path
) -> None:
    assert fuzz("--except", "missing-win", differences=_loses_losses).exit_code == 1
    assert not (tmp_path / "ftcrm-fuzz/examples").exists()
    assert fuzz(differences=_loses_losses).exit_code == 1
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "ftcrm-fuzz/examples").rglob("*")}
    assert fuzz("--except", "missing-win", "--examples", "20").exit_code == 0
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "ftcrm-fuzz/examples").rglob("*")} == kept


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--read", "nonsense"), "--read: expected http://HOST:PORT, got 'nonsense'"),
        (("--read", "bob:s-1@h:1"), "--read: expected http://HOST:PORT, got 'h:1'"),
        (("--read", "amqp://u:s-1@h:1/"), "--read: expected http://HOST:PORT, got amqp://h:1/"),
        (("--to", "nonsense"), "target: expected http://HOST:PORT, amqp://USER:PASSWORD@HOST:PORT/VHOST or "),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_by_its_option(fuzz: Fuzz, options: Sequence[str], said: str) -> None:
    assert _refused(fuzz(*options)).startswith(f"ftcrm: {said}")


def test_a_broker_alone_wants_to_know_where_to_read(fuzz: Fuzz) -> None:
    assert _refused(fuzz(to="amqp://me:s-1@127.0.0.1:1/")) == (
        "ftcrm: --read: expected an http:// URL to read rounds from, here or in --to, got amqp://127.0.0.1:1/\n"
    )


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("missing-wins", "got 'missing-wins'; did you mean 'missing-win'"),
        ("missing-win,quux", "got 'quux'; `ftcrm mutations` lists them"),
        ("99", "got '99'; `ftcrm mutations` lists them"),
        (" , ", "expected names, separated by commas, got nothing"),
    ],
)
def test_a_mutation_that_there_is_not_is_refused_with_the_nearest(
    fuzz: Fuzz, opened: list[RemoteTarget], named: str, words: str
) -> None:
    assert words in _refused(fuzz("--mutations", named))
    assert not opened


def test_the_target_gets_what_the_options_say(fuzz: Fuzz, opened: list[RemoteTarget], tmp_path: Path) -> None:
    mapping = {"fields": {"bet": "/stake"}, "given": {"origin": "o"}, "routes": {"rounds": "/r", "casino": None}}
    (tmp_path / "map.json").write_text(json.dumps(mapping))
    options = ["--read", "http://127.0.0.1:2", "--mapping", "map.json", "--session-gap", "5m", "--wait", "500ms"]
    assert fuzz(*options, "--accept-invalid", "--examples", "1").exit_code == 0
    (target,) = opened
    assert (target.to, target.read, target.wait, target.accept_invalid) == ((URL,), "http://127.0.0.1:2", 0.5, True)
    assert target.mapping == FieldMapping(fields={"bet": "/stake"}, given={"origin": "o"})
    assert target.routes == HttpRoutes(rounds="/r", casino=None)
    assert target.settings.session_gap == 300.0
    # The target knows one brand, and no player of it twice.
    assert {user.origin for user in target.users} == {"o"}
    assert len({user.user_id for user in target.users}) == len(target.users) > 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "expected a JSON object"),
        ('{"feilds": {}}', "`feilds`"),
        ('{"fields": {"bets": "/b"}}', "did you mean 'bet'?"),
        ('{"routes": {"rounds": "/{player}"}}', "expected {origin}, {user_id}, {round_id} in the path, got {player}"),
        (None, "No such file"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused_with_its_file(
    fuzz: Fuzz, tmp_path: Path, text: str | None, words: str
) -> None:
    if text is not None:
        (tmp_path / "map.json").write_text(text)
    said = _refused(fuzz("--mapping", "map.json"))
    assert said.startswith("ftcrm: --mapping map.json: ")
    assert words in said


def test_secrets_are_in_no_command(fuzz: Fuzz, bet: bytes, tmp_path: Path) -> None:
    (tmp_path / "one.jsonl").write_bytes(bet)
    options = ["--replay", "one.jsonl", "--api-key", "k-1", "--token", "t-1"]
    result = fuzz(*options, to="http://me:s-1@127.0.0.1:1", differences=lambda _: ("it differs",))
    assert "replay:  ftcrm fuzz --to http://me:PASSWORD@127.0.0.1:1 --replay one.jsonl\n" in result.stdout
    assert not [secret for secret in ("k-1", "t-1", "s-1") if secret in result.stdout + result.stderr]


@pytest.mark.parametrize("password", ["s-1", "se@s-1", "s-1:s-1", "guest@s-1", "s-1%40"])
def test_no_part_of_a_password_is_written(fuzz: Fuzz, password: str, tmp_path: Path) -> None:
    to, read = f"http://bob:{password}@127.0.0.1:1/", f"http://amy:{password}@127.0.0.1:2"
    result = fuzz("--seed", "7", "--read", read, to=to, differences=_loses_losses)
    written = [file.read_text() for file in tmp_path.glob("ftcrm-fuzz/*fuzz*")]
    assert len(written) == 3
    assert [text for text in (result.stdout, *written) if "bob:PASSWORD@127.0.0.1:1" in text]
    assert not [text for text in (result.stdout, *written) if f":{password}@" in text or "s-1@127" in text]


@pytest.mark.usefixtures("unconnected")
def test_the_password_that_every_broker_has_is_no_secret(fuzz: Fuzz, bet: bytes, tmp_path: Path) -> None:
    (tmp_path / "one.jsonl").write_bytes(bet)
    to = "amqp://guest:guest@127.0.0.1:1/%2F?exchange=e"
    result = fuzz("--replay", "one.jsonl", "--read", URL, to=to, differences=lambda _: ("it differs",))
    assert f"replay:  ftcrm fuzz --to {shlex.quote(to)} --read {URL} --replay one.jsonl\n" in result.stdout


@pytest.mark.parametrize("to", ["http://bob:s-1@[::1", "bob:s-1@127.0.0.1:1", "http://bob:s-1@\u2100.example"])
def test_a_url_that_is_none_is_refused_without_its_password(fuzz: Fuzz, to: str) -> None:
    said = _refused(fuzz(to=to))
    assert said.startswith("ftcrm: target: expected http://HOST:PORT, ")
    assert "s-1" not in said


def _flags(text: str) -> dict[str, str]:
    """The options of the command that replays what was found, and what they have; "" where they have none."""
    (line,) = (line.partition(":")[2] for line in text.splitlines() if line.startswith("replay:"))
    words = [*shlex.split(line)[2:], "--"]
    return {
        word: "" if following.startswith("--") else following
        for word, following in pairwise(words)
        if word.startswith("--")
    }


@pytest.mark.parametrize(
    ("file", "variables", "options", "written"),
    [
        (
            "",
            {"FTCRM_READING": "end-flag=settles", "FTCRM_SESSION_GAP": "1m", "FTCRM_ACCEPT_INVALID": "true"},
            (),
            {"--reading": "end-flag=settles", "--session-gap": "1m", "--accept-invalid": ""},
        ),
        (
            'sessions.gap = "2m"\nreadings = ["end-flag=settles"]\ncurrencies.extra = ["BTC", "ETH"]\n',
            {},
            (),
            {"--reading": "end-flag=settles", "--session-gap": "2m", "--extra-currency": "BTC,ETH"},
        ),
        # Where a flag takes back what a variable or a file says, it is written, too, also where that is the default.
        ('sessions.gap = "2m"\n', {"FTCRM_SESSION_GAP": "1m"}, ("--session-gap", "30m"), {"--session-gap": "30m"}),
        # A selection of a stronger place begins anew: what the file ignores is not ignored, and is not written.
        ('ignore = ["FT3"]\n', {"FTCRM_SELECT": "FT3"}, (), {"--select": "FT3"}),
        ('select = ["FT3"]\n', {"FTCRM_IGNORE": "FT301"}, (), {"--select": "FT3", "--ignore": "FT301"}),
        ('ignore = ["FT3"]\n', {"FTCRM_CONFIG": "ftcrm.toml"}, (), {"--config": "ftcrm.toml", "--ignore": "FT3"}),
    ],
)
def test_the_command_that_replays_has_the_settings_of_the_search_wherever_they_were(
    fuzz: Fuzz,
    bet: bytes,
    opened: list[RemoteTarget],
    tmp_path: Path,
    file: str,
    variables: Mapping[str, str],
    options: Sequence[str],
    written: Mapping[str, str],
) -> None:
    (tmp_path / "one.jsonl").write_bytes(bet)
    (tmp_path / "ftcrm.toml").write_text(f"[ftcrm]\n{file}")
    searched = ["--replay", "one.jsonl", *options]
    told = _flags(fuzz(*searched, differences=lambda _: ("it differs",), **variables).stdout)
    assert told == {"--to": URL, "--replay": "one.jsonl", **written}
    again = [word for flag, value in told.items() if flag != "--to" for word in ([flag, value] if value else [flag])]
    (tmp_path / "ftcrm.toml").write_text("[ftcrm]\n")
    fuzz(*again)
    one, other = opened
    assert one.settings == other.settings
    assert one.accept_invalid == other.accept_invalid


@pytest.mark.parametrize(
    ("to", "options", "seconds"),
    [
        (URL, (), 0.0),
        (URL, ("--mapping", "map.json"), 2.0),
        (URL, ("--mapping", "map.json", "--wait", "100ms"), 0.1),
        ("amqp://guest:guest@127.0.0.1:1/", ("--read", URL), 2.0),
        (URL, ("--wait", "3s"), 3.0),
    ],
)
@pytest.mark.usefixtures("unconnected")
def test_a_target_that_may_take_a_while_is_waited_for(
    fuzz: Fuzz, opened: list[RemoteTarget], bet: bytes, tmp_path: Path, to: str, options: Sequence[str], seconds: float
) -> None:
    (tmp_path / "one.jsonl").write_bytes(bet)
    (tmp_path / "map.json").write_text('{"fields": {"bet": "/stake"}}')
    assert fuzz("--replay", "one.jsonl", *options, to=to).exit_code == 0
    (target,) = opened
    assert target.wait == seconds


def test_a_history_without_events_is_nothing(fuzz: Fuzz, tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").write_bytes(b"\n")
    (tmp_path / "map.json").write_text('{"fields": {"bet": "/stake"}}')
    for file in ("none.jsonl", "map.json"):
        result = fuzz("--replay", file)
        assert (result.exit_code, result.stdout) == (3, "")
        assert result.stderr == f"ftcrm: {file}: expected casino or bonus events that can be sent there, got none\n"
    (suite,) = fromstring(fuzz("--replay", "none.jsonl", "--format", "junit").stdout)  # noqa: S314
    assert (suite.get("errors"), suite.find("testcase/error[@message='no events']") is None) == ("1", False)


@pytest.mark.usefixtures("unconnected")
def test_what_is_no_event_is_none_through_a_broker_either(fuzz: Fuzz, tmp_path: Path) -> None:
    (tmp_path / "map.json").write_text('{"fields": {"bet": "/stake"}}')
    options = ("--replay", "map.json", "--read", URL)
    assert fuzz(*options, to="amqp://127.0.0.1:1/").exit_code == 3
    assert fuzz(*options, to="amqp://127.0.0.1:1/", differences=lambda _: ("it breaks",)).exit_code == 1


@pytest.mark.parametrize(
    "options",
    [
        ("--seed", "1"),
        ("--except", "missing-win"),
        ("--out", "x"),
        ("--examples", "1", "--mutations", "missing-win"),
    ],
)
def test_a_replay_is_no_search(fuzz: Fuzz, bet: bytes, tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "one.jsonl").write_bytes(bet)
    said = _refused(fuzz("--replay", "one.jsonl", *options))
    got = ", ".join(options[::2])
    assert said == f"ftcrm: --replay: expected nothing beside it that is about a search, got {got}\n"


def test_the_next_search_begins_with_what_failed_unless_it_has_a_seed(fuzz: Fuzz, tmp_path: Path) -> None:
    def differs_late(messages: Sequence[Message]) -> tuple[str, ...]:
        return ("it differs",) if len(messages) > 5 else ()

    first = json.loads(fuzz("--format", "json", differences=differs_late).stdout)
    assert (tmp_path / "ftcrm-fuzz/examples").is_dir()
    again = json.loads(fuzz("--format", "json", differences=differs_late).stdout)
    assert again["examples"] == 1
    assert len(Path(again["failure"]["history"]).read_bytes().splitlines()) == 6
    seeded = json.loads(fuzz("--format", "json", "--seed", str(first["seed"]), differences=differs_late).stdout)
    assert (seeded["examples"], seeded["covered"]) == (first["examples"], first["covered"])


@pytest.mark.parametrize(("error", "code"), [(SendError("gone"), 4), (EngineError("broken"), 2)])
def test_a_target_that_fails_is_one_line(fuzz: Fuzz, error: Exception, code: int) -> None:
    def fail(_: Sequence[Message]) -> tuple[str, ...]:
        raise error

    result = fuzz(differences=fail)
    assert (result.exit_code, result.stdout, result.stderr) == (code, "", f"ftcrm: {error}\n")


def test_the_example_that_differs_is_covered(fuzz: Fuzz) -> None:
    options = ("--mutations", "missing-win", "--format", "json")
    found = json.loads(fuzz(*options, differences=lambda _: ("it differs",)).stdout)
    assert (found["examples"], found["covered"]) == (1, {"missing-win": 1})


def test_what_differs_comes_before_what_was_covered(fuzz: Fuzz) -> None:
    result = fuzz("--seed", "7", "--all", differences=_loses_losses)
    assert result.stdout.startswith("differences:\n  the Loss is lost\n")
    assert result.stdout.index("replay:  ftcrm fuzz") < result.stdout.index("covered:\n  mutation  ")


def test_an_interrupt_leaves_the_summary_so_far(fuzz: Fuzz) -> None:
    tried = count(1)

    def interrupted(_: Sequence[Message]) -> tuple[str, ...]:
        if next(tried) > 3:
            raise KeyboardInterrupt
        return ()

    result = fuzz("--seed", "7", differences=interrupted)
    assert result.exit_code == 130
    assert f"{URL}: interrupted; agreed so far: 3 examples in " in result.stdout


def test_an_interrupt_while_it_shrinks_does_not_hide_that_it_differs(fuzz: Fuzz) -> None:
    tried = count(1)

    def interrupted(_: Sequence[Message]) -> tuple[str, ...]:
        if next(tried) > 3:
            raise KeyboardInterrupt
        return ("it differs",)

    result = fuzz("--seed", "7", differences=interrupted)
    assert result.exit_code == 1
    assert f"{URL}: interrupted while the history was made smaller: 1 example and 2 more to shrink in " in result.stdout


def test_a_case_that_differs_is_a_failure_and_no_error_too(fuzz: Fuzz) -> None:
    tried = count(1)

    def interrupted(_: Sequence[Message]) -> tuple[str, ...]:
        if next(tried) > 3:
            raise KeyboardInterrupt
        return ("it differs",)

    (suite,) = fromstring(fuzz("--seed", "7", "--format", "junit", differences=interrupted).stdout)  # noqa: S314
    (case,) = suite
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("1", "1", "0")
    assert [each.tag for each in case] == ["failure", "system-out"]


def test_a_target_that_is_no_function_of_its_input_is_told_so(fuzz: Fuzz) -> None:
    tried = count(1)
    result = fuzz("--seed", "7", differences=lambda _: ("it differs",) if next(tried) == 3 else ())
    assert result.exit_code == 1
    assert "It differed once, and not when the same was tried again" in result.stdout


def test_a_folder_that_cannot_be_written_to_is_refused(fuzz: Fuzz, tmp_path: Path) -> None:
    (tmp_path / "ftcrm-fuzz").write_text("a file")
    said = _refused(fuzz("--seed", "7"))
    assert said.startswith("ftcrm: --out ftcrm-fuzz: expected a folder that can be written to, got: ")


def test_without_hypothesis_the_extra_is_named() -> None:
    program = (
        f"import sys; sys.modules['hypothesis'] = None\nfrom ftcrm.cli import main\nmain(['fuzz', '--to', '{URL}'])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "ftcrm: fuzz: expected the package hypothesis, got none installed: "
        "pip install 'ftcrm-mock[clients,strategies]'\n"
    )
