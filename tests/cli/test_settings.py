"""Settings from flags, variables and files: which place wins, what a command makes of them, what is refused."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.cli import main
from ftcrm.cli.check import command as check
from ftcrm.cli.settings import SETTINGS, Setting
from ftcrm.cli.variables import FLAGS_ALONE, variable_of
from ftcrm.contracts.rules import RULES, Ruleset
from ftcrm.contracts.settings import OPTIONS, Settings, settings_of

Change = Callable[..., bytes]
COMMANDS = ("bonuses", "check", "config", "players", "questions", "rounds", "rules", "schema", "serve", "sessions")
PLACES = ("pyproject", "own", "variable", "flag")
"""The places of a value, weakest first."""
SETTINGS_PAGE = (Path(__file__).parents[2] / "docs/settings.md").read_text()
TOLD = set(Settings.__struct_fields__) - {"answered"}
"""The fields that have a setting each; what was answered is told of them."""
ROUNDS = {code for code in RULES if code.startswith("FT3")}


class Given(NamedTuple):
    """A value as each place has it, and as `ftcrm config --format json` shows it."""

    toml: str
    text: str
    shown: Any


TEXTS = {
    "currencies.base": st.sampled_from(["EUR", "USD", "SEK"]),
    "rounds.deadline": st.sampled_from(["90s", "24h", "1.5d"]),
    "clock.ahead": st.sampled_from(["0s", "500ms", "15m"]),
    "sessions.gap": st.sampled_from(["90s", "5m"]),
    "fail-on": st.sampled_from(["documented", "vendor", "inferred", "never"]),
}
LISTS = {
    "currencies.extra": st.sampled_from(["BTC", "USDT", "DOGE"]),
    "crypto.currencies": st.sampled_from(["BTC", "ETH"]),
    "crypto.fields": st.sampled_from(["chain", "wallet"]),
}
SELECTORS = st.sampled_from(["FT3", "FT301", "ALL", "sum-mismatch"])


def givens(setting: Setting) -> st.SearchStrategy[Given]:
    match setting.kind:
        case "texts":
            lists = st.lists(LISTS.get(setting.name, SELECTORS), min_size=1, max_size=3)
            return lists.map(lambda each: Given(json.dumps(each), ",".join(each), each))
        case "numbers":
            numbers = st.lists(st.integers(1, 10**6), min_size=4, max_size=4, unique=True).map(sorted)
            texts = numbers.map(lambda each: list(map(str, each)))
            return texts.map(lambda each: Given(json.dumps(each), ",".join(each), each))
        case "readings":
            choices = st.sampled_from(["end-flag=settles", "end-flag=cuts"]).map(lambda each: [each])
            return choices.map(lambda each: Given(json.dumps(each), each[0], each))
        case "switch":
            return st.booleans().map(lambda each: Given(*[json.dumps(each)] * 2, each))
        case "number":
            return st.integers(1, 10**6).map(lambda each: Given(str(each), str(each), each))
        case "secret":
            return st.sampled_from(["k-1", "k-2"]).map(lambda each: Given(json.dumps(each), each, "***"))
        case "address":
            return st.integers(0, 65535).map(lambda each: Given(str(each), str(each), f"127.0.0.1:{each}"))
        case _:
            texts = TEXTS.get(setting.name, st.sampled_from(["/some/journal", "/other/journal"]))
            return texts.map(lambda each: Given(json.dumps(each), each, each))


@st.composite
def settings_by_place(draw: st.DrawFn) -> dict[str, dict[str, Given]]:
    """For each place some settings and their values there; a switch that is given as a flag is on."""
    names = st.lists(st.sampled_from(list(SETTINGS)), unique=True, max_size=4)
    found = {place: {name: draw(givens(SETTINGS[name])) for name in draw(names)} for place in PLACES}
    for name, each in found["flag"].items():
        if SETTINGS[name].kind == "switch":
            found["flag"][name] = each._replace(shown=True)
    return found


def _arguments(given: dict[str, Given]) -> Iterator[str]:
    for name, each in given.items():
        setting = SETTINGS[name]
        yield from [setting.flag] if setting.kind == "switch" else [setting.flag, each.text]


def _toml(table: str, given: dict[str, Given]) -> str:
    return f"[{table}]\n" + "".join(f"{name} = {each.toml}\n" for name, each in given.items())


@contextmanager
def folder() -> Iterator[Path]:
    """A working directory of its own; as a context, since Hypothesis runs a test's body many times."""
    with TemporaryDirectory() as name, chdir(name):
        yield Path.cwd()


def _run(*arguments: str, stdin: bytes | None = None, **variables: str) -> Result:
    return CliRunner().invoke(main, list(arguments), input=stdin, env=variables)


def _refused(result: Result) -> str:
    """The one line on standard error of a usage error."""
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("ftcrm: ")
    assert result.stderr.count("\n") == 1
    return result.stderr.removeprefix("ftcrm: ")


def _config(*arguments: str, **variables: str) -> dict[str, dict[str, Any]]:
    result = _run("config", "--format", "json", *arguments, **variables)
    assert result.exit_code == 0, result.stderr
    return {each["name"]: each for each in json.loads(result.stdout)}


@given(settings_by_place())
def test_the_strongest_place_wins_and_config_names_it(by_place: dict[str, dict[str, Given]]) -> None:
    with folder() as here:
        (here / "pyproject.toml").write_text(_toml("tool.ftcrm", by_place["pyproject"]))
        (here / "ftcrm.toml").write_text(_toml("ftcrm", by_place["own"]))
        variables = {SETTINGS[name].variable: each.text for name, each in by_place["variable"].items()}
        found = _config(*_arguments(by_place["flag"]), **variables)
    assert found.keys() == SETTINGS.keys()
    for name, setting in SETTINGS.items():
        places = {
            "default": ("default", "default", setting.default),
            "pyproject": ("file", str(here / "pyproject.toml"), None),
            "own": ("file", str(here / "ftcrm.toml"), None),
            "variable": ("variable", setting.variable, None),
            "flag": ("flag", setting.flag, None),
        }
        strongest = next((place for place in reversed(PLACES) if name in by_place[place]), "default")
        kind, source, value = places[strongest]
        shown = value if strongest == "default" else by_place[strongest][name].shown
        assert (found[name]["from"], found[name]["source"], found[name]["value"]) == (kind, source, shown)


def test_the_text_has_a_line_for_each_setting_and_no_secret() -> None:
    result = _run("config", "--api-key", "k-1", "--select", "FT3,FT501", **{"FTCRM_ADMIN_TOKEN": "t-1"})
    files, _, table = result.stdout.partition("\n\n")
    assert files.startswith("file: ")
    head, *lines = table.splitlines()
    rows = {line.split()[0]: line for line in lines}
    assert head.split()[:3] == ["setting", "value", "from"]
    assert rows.keys() == SETTINGS.keys()
    assert rows["select"].split()[1:4] == ["FT3,", "FT501", "--select"]
    assert rows["api-key"].split()[1:3] == ["***", "--api-key"]
    assert rows["admin-token"].split()[1:3] == ["***", "FTCRM_ADMIN_TOKEN"]
    assert rows["kafka-advertised"].split()[1:3] == ["-", "default"]
    assert "k-1" not in result.stdout
    assert "t-1" not in result.stdout
    for name, line in rows.items():
        assert line.endswith(SETTINGS[name].help)


def test_no_two_settings_share_a_name_a_flag_or_a_variable_and_the_rules_have_all_of_theirs() -> None:
    for names in zip(*((each.name, each.flag, each.parameter) for each in SETTINGS.values()), strict=True):
        assert len(set(names)) == len(names)
    assert {each.parameter for each in SETTINGS.values() if each.of_rules} == TOLD
    assert {option.field for option in OPTIONS} == TOLD


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_every_setting_of_the_rules_has_its_default_in_the_catalogue(option: Any) -> None:
    shown = SETTINGS[option.name].default
    read = {} if shown is None else {option.name: shown.split(", ") if option.kind == "numbers" else shown}
    assert settings_of(read) == Settings()
    assert (shown is None) is (option.kind not in ("duration", "numbers") or getattr(Settings(), option.field) is None)


def test_lists_are_divided_by_commas_and_blanks_where_they_are_texts() -> None:
    assert _config("--select", "FT3, FT501", "--select", "FT1,")["select"]["value"] == ["FT3", "FT501", "FT1"]
    assert _config(FTCRM_SELECT=" FT3,FT501  FT1 ")["select"]["value"] == ["FT3", "FT501", "FT1"]
    assert _config("--crypto-field", "chain id,hash")["crypto.fields"]["value"] == ["chain id", "hash"]
    with folder() as here:
        (here / "ftcrm.toml").write_text('[ftcrm]\ncrypto.fields = ["a, b"]\n')
        assert _config()["crypto.fields"]["value"] == ["a, b"]


def test_an_empty_variable_is_none() -> None:
    found = _config(**{setting.variable: "" for setting in SETTINGS.values()}, FTCRM_CONFIG="")
    assert {each["from"] for each in found.values()} == {"default"}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('selct = ["FT3"]', "expected the name of a setting, got 'selct'; did you mean 'select'?"),
        ("max-event = 1", "expected the name of a setting, got 'max-event'; did you mean 'max-events'?"),
        ('fail_on = ["never"]', "fail_on: expected a text, got ['never']"),
    ],
)
def test_a_key_that_no_command_knows_is_refused_by_each(command: str, toml: str, words: str) -> None:
    with folder() as here:
        path = here / "ftcrm.toml"
        path.write_text(f"[ftcrm]\n{toml}\n")
        assert _refused(_run(command, *_ARGUMENTS.get(command, []))) == f"{path}: {words}\n"


def _command(name: str) -> click.Command:
    found = main.get_command(click.Context(main), name)
    assert found is not None
    return found


_ARGUMENTS = {"schema": ["casino"]} | {
    name: ["-"] for name in ("bonuses", "check", "players", "questions", "rounds", "sessions")
}
_QUESTIONS = {
    *("--activity", "--as-of", "--churned", "--game-id", "--origin", "--outcome", "--round-id", "--run", "--state"),
    *("--status", "--user-bonus-id", "--user-id", "--vendor-id"),
}
"""What a list is narrowed by."""


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("FTCRM_SELCT", "FTCRM_SELECT"),
        ("FTCRM_EXTENDSELECT", "FTCRM_EXTEND_SELECT"),
        ("FTCRM_IGNOR", "FTCRM_IGNORE"),
        ("FTCRM_EXTRA_CURRENCIES", "FTCRM_EXTRA_CURRENCY"),
        ("FTCRM_CRYPTO_FIELDS", "FTCRM_CRYPTO_FIELD"),
        ("FTCRM_ROUNDS_DEADLINE", "FTCRM_ROUND_DEADLINE"),
        ("FTCRM_FAIL_IN", "FTCRM_FAIL_ON"),
        ("FTCRM_MAXEVENTS", "FTCRM_MAX_EVENTS"),
        ("FTCRM_CONFG", "FTCRM_CONFIG"),
    ],
)
def test_a_misspelt_variable_is_refused_by_each_command(command: str, name: str, meant: str) -> None:
    said = _refused(_run(command, *_ARGUMENTS.get(command, []), **{name: "x"}))
    assert said.startswith(f"{name}: expected a variable that there is; did you mean {meant!r}?")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_variable_called_as_a_flag_that_is_no_setting_is_refused_and_the_flag_is_named(command: str) -> None:
    flags = {
        option
        for name in COMMANDS
        for parameter in _command(name).params
        for option in parameter.opts
        if option.startswith("--") and parameter.envvar is None
    }
    assert flags == {*FLAGS_ALONE, *_QUESTIONS}
    for flag in FLAGS_ALONE:
        name = variable_of(flag)
        said = _refused(_run(command, *_ARGUMENTS.get(command, []), **{name: "x"}))
        assert said.startswith(f"{name}: expected a variable that there is; {flag} is no setting and has none: give ")
        assert f"`{name}`" in SETTINGS_PAGE


def test_what_a_list_is_narrowed_by_has_no_variable_and_leaves_the_name_to_others(bet: bytes) -> None:
    variables = {variable_of(flag): "x" for flag in _QUESTIONS}
    assert _run("rounds", "-", stdin=bet, **variables).stdout == _run("rounds", "-", stdin=bet).stdout != ""


@pytest.mark.parametrize(
    ("name", "value"),
    [("FTCRM_ADMIN_URL", "x"), ("FTCRM_VERSION", "1"), ("FTCRM_X", "x"), ("FTCRM_SELCT", ""), ("FTCRM_FORMAT", "")],
)
def test_a_variable_that_resembles_nothing_is_ignored_and_so_is_an_empty_one(name: str, value: str) -> None:
    assert {each["from"] for each in _config(**{name: value}).values()} == {"default"}


@pytest.mark.parametrize(("command", "code"), [("check", 0), ("rules", 0), ("config", 0), ("schema", 0)])
def test_settings_that_leave_no_rule_are_refused_where_rules_are_asked(command: str, code: int, bet: bytes) -> None:
    arguments = [command, *_ARGUMENTS.get(command, [])]
    with folder() as here:
        path = here / "ftcrm.toml"
        path.write_text("[ftcrm]\nselect = []\n")
        if command in ("config", "schema"):
            assert _run(*arguments).exit_code == code
            return
        words = "expected to leave a rule that speaks, got none: nothing would be checked; "
        for name in (command, "serve"):
            given = [name, *_ARGUMENTS.get(name, [])]
            assert _refused(_run(*given)).startswith(f"{path}: select: {words}")
            by_flag = _run(*given, "--select", "FT3", "--ignore", "FT3")
            assert _refused(by_flag).startswith(f"--select and --ignore: {words}")
        assert _run(*arguments, "--extend-select", "FT301", stdin=bet).exit_code == code
        path.unlink()
        assert _refused(_run(*arguments, "--ignore", "ALL")).startswith(f"--ignore: {words}")
        assert _refused(_run(*arguments, FTCRM_IGNORE="ALL")).startswith(f"FTCRM_IGNORE: {words}")


def test_a_list_that_is_set_and_empty_is_not_shown_as_unset() -> None:
    with folder() as here:
        (here / "ftcrm.toml").write_text("[ftcrm]\nselect = []\n")
        rows = {line.split()[0]: line.split() for line in _run("config").stdout.splitlines() if line}
        assert (rows["select"][1], rows["ignore"][1]) == ("[]", "-")
        assert _config()["select"]["value"] == []


@pytest.mark.parametrize("name", [name for name, setting in SETTINGS.items() if setting.kind == "address"])
@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.1:x", "127.0.0.1:65536", "http://127.0.0.1:80"])
def test_an_address_that_serve_refuses_is_refused_by_config(name: str, address: str) -> None:
    setting = SETTINGS[name]
    with folder() as here:
        path = here / "ftcrm.toml"
        for arguments, variables, toml, place in (
            ([setting.flag, address], {}, "", setting.flag),
            ([], {setting.variable: address}, "", setting.variable),
            ([], {}, f'[ftcrm]\n{name} = "{address}"\n', f"{path}: {name}"),
        ):
            path.write_text(toml)
            said = _refused(_run("config", *arguments, **variables))
            assert said == _refused(_run("serve", *arguments, **variables))
            assert said.startswith(f"{place}: expected HOST:PORT")
            assert repr(address) in said


def test_config_loads_no_server() -> None:
    program = (
        "import sys\n"
        "from ftcrm.cli import main\n"
        "main(['config', '--rest', '7'], standalone_mode=False)\n"
        "sys.exit(', '.join({'asyncio', 'uvicorn', 'ftcrm.mockserver.server'} & set(sys.modules)) or None)\n"
    )
    with folder():
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


def test_config_says_first_which_files_it_found_and_what_one_hides() -> None:
    with folder() as here:
        assert _run("config").stdout.startswith(
            "file: none (no ftcrm.toml, and no pyproject.toml with a table [tool.ftcrm]"
        )
        own, shared = here / "ftcrm.toml", here / "pyproject.toml"
        shared.write_text("[tool.ftcrm]\nmax_events = 2\nmax-body = 2\n")
        assert _run("config").stdout.startswith(f"file: {shared}\n\nsetting")
        own.write_text("[ftcrm]\nmax-events = 1\n")
        lines = _run("config").stdout.splitlines()
        assert lines[:3] == [f"file: {own}", f"file: {shared} (hidden by ftcrm.toml: max_events)", ""]
        found = _config("--max-body", "3")
        assert {name: each["hidden"] for name, each in found.items() if each["hidden"]} == {"max-events": str(shared)}
        named = _run("config", "--config", str(own)).stdout
        assert named.startswith(f"file: {own}\n\nsetting")


@pytest.mark.parametrize("name", ["select", "extend-select", "ignore"])
@pytest.mark.parametrize(
    ("selector", "meant"),
    [
        ("FT-301", "did you mean 'FT301'?"),
        ("ft301", "did you mean 'FT301'?"),
        ("FT9", "got 'FT9'; `ftcrm rules` lists them"),
        ("FT500", "got 'FT500'; `ftcrm rules` lists them"),
        ("ft3", "did you mean 'FT3'?"),
        ("settlement-witout-bet", "did you mean 'settlement-without-bet'?"),
        ("all", "did you mean 'ALL'?"),
    ],
)
def test_a_misspelt_code_is_refused_with_its_place(name: str, selector: str, meant: str) -> None:
    setting = SETTINGS[name]
    with folder() as here:
        by_flag = _run("check", "-", setting.flag, f"FT3,{selector}")
        by_variable = _run("check", "-", **{setting.variable: f"FT3 {selector}"})
        path = here / "pyproject.toml"
        path.write_text(f'[tool.ftcrm]\n{name} = ["FT3", "{selector}"]\n')
        by_file = _run("check", "-")
    for result, place in ((by_flag, setting.flag), (by_variable, setting.variable), (by_file, f"{path}: {name}")):
        said = _refused(result)
        assert said.startswith(f"{place}: expected the code or the name of a rule, or the beginning of codes, got ")
        assert repr(selector) in said
        assert meant in said


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("rounds.deadline", "24", "expected a number with its unit, such as 90s, 15m, 24h, got '24'"),
        ("clock.ahead", "-5s", "expected a number with its unit, such as 90s, 15m, 24h, got '-5s'"),
        (
            "currencies.base",
            "EURO",
            "expected an ISO 4217 code or one of currencies.extra, got 'EURO'; did you mean 'EUR'?",
        ),
        (
            "fail-on",
            "vendors",
            "expected one of documented, vendor, inferred, never, got 'vendors'; did you mean 'vendor'?",
        ),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_its_place(name: str, given: str, words: str) -> None:
    setting = SETTINGS[name]
    with folder() as here:
        assert _refused(_run("check", "-", setting.flag, given)) == f"{setting.flag}: {words}\n"
        assert _refused(_run("check", "-", **{setting.variable: given})) == f"{setting.variable}: {words}\n"
        path = here / "ftcrm.toml"
        path.write_text(f'[ftcrm]\n{name} = "{given}"\n')
        assert _refused(_run("check", "-")) == f"{path}: {name}: {words}\n"


@pytest.mark.parametrize("given", ["", " ", ",", " , "])
def test_a_list_of_nothing_is_refused_for_it_would_silence_everything(given: str) -> None:
    assert (
        _refused(_run("check", "-", "--select", given))
        == "--select: expected RULES, separated by commas, got nothing\n"
    )
    if given:
        assert _refused(_run("check", "-", FTCRM_SELECT=given)).startswith("FTCRM_SELECT: expected RULES")


def test_a_switch_that_is_neither_on_nor_off_is_named_with_its_place() -> None:
    said = _refused(_run("check", "-", FTCRM_ACCEPT_INVALID="maybe"))
    assert said == "FTCRM_ACCEPT_INVALID: expected true or false, got 'maybe'\n"


def test_a_base_currency_may_be_an_extra_one() -> None:
    assert _config("--base-currency", "BTC", "--extra-currency", "BTC")["currencies.base"]["value"] == "BTC"
    assert "got 'BTC'" in _refused(_run("config", "--base-currency", "BTC"))


def test_check_takes_what_a_file_has_for_serve_and_loads_no_server(bet: bytes) -> None:
    program = (
        "import sys\n"
        "from ftcrm.cli import main\n"
        "main(['check', '-'], standalone_mode=False)\n"
        "sys.exit(', '.join({'asyncio', 'uvicorn', 'ftcrm.mockserver'} & set(sys.modules)) or None)\n"
    )
    with folder() as here:
        (here / "ftcrm.toml").write_text('[ftcrm]\nrest = "nowhere at all"\nmax-events = 5\napi-key = ""\n')
        done = subprocess.run([sys.executable, "-c", program], input=bet, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_check_without_a_file_reads_no_toml(bet: bytes) -> None:
    program = (
        "import sys\n"
        "from ftcrm.cli import main\n"
        "main(['check', '-'], standalone_mode=False)\n"
        "sys.exit('tomllib' in sys.modules)\n"
    )
    with folder() as here:
        (here / "pyproject.toml").write_text('[project]\ndependencies = ["ftcrm-mock"]\n')
        done = subprocess.run([sys.executable, "-c", program], input=bet, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


def _listed(*arguments: str, **variables: str) -> set[str]:
    result = _run("rules", *arguments, **variables)
    assert result.exit_code == 0, result.stderr
    return {line.split()[0] for line in result.stdout.splitlines()}


def test_the_more_precise_selector_wins() -> None:
    with folder() as here:
        assert _listed("--selected") == {code for code, rule in RULES.items() if rule.default} == Ruleset().codes
        (here / "pyproject.toml").write_text('[tool.ftcrm]\nignore = ["FT3"]\nextend-select = ["FT301"]\n')
        assert _listed("--selected") & ROUNDS == {"FT301"}
        assert _listed("--selected", "--extend-select", "FT1") & ROUNDS == set()
        on = {code for code in ROUNDS if RULES[code].default}
        assert _listed("--selected", "--select", "FT3", "--ignore", "FT301", "--extend-select", "FT113") == on - {
            "FT301"
        } | {"FT113"}
        assert _listed("--selected", "--select", "FT301", "--ignore", "FT3", FTCRM_SELECT="FT1") == {"FT301"}


@pytest.mark.parametrize(
    ("arguments", "variables", "speaks"),
    [
        ([], {}, set()),
        (["--extend-select", "FT301"], {}, {"FT301"}),
        (["--extend-select", "settlement-without-bet"], {}, {"FT301"}),
        (["--extend-select", "FT305"], {}, set()),
        ([], {"FTCRM_EXTEND_SELECT": "FT3"}, {"FT301", "FT302"}),
        ([], {"FTCRM_EXTEND_SELECT": "ALL"}, {"FT301", "FT302"}),
        (["--select", "FT3"], {}, {"FT301", "FT302"}),
        ([], {"FTCRM_SELECT": "FT302"}, {"FT302"}),
        (["--ignore", "FT302"], {"FTCRM_SELECT": "FT3"}, {"FT301"}),
        (["--select", "FT301", "--ignore", "FT301", "--select", "FT1"], {}, set()),
    ],
)
def test_what_a_stronger_place_selects_no_weaker_one_silences(
    arguments: list[str], variables: dict[str, str], speaks: set[str]
) -> None:
    with folder() as here:
        (here / "ftcrm.toml").write_text('[ftcrm]\nignore = ["FT301", "FT302"]\n')
        assert _listed("--selected", *arguments, **variables) & {"FT301", "FT302"} == speaks


def test_rules_lists_what_its_own_flags_select_and_else_all() -> None:
    with folder() as here:
        (here / "ftcrm.toml").write_text('[ftcrm]\nselect = ["FT1"]\n')
        assert _listed("--select", "FT301") == _listed("--selected", "--select", "FT301") == {"FT301"}
        assert _listed() == RULES.keys()


def test_what_is_selected_speaks_and_what_is_ignored_does_not(changed: Change) -> None:
    stdin = changed(type="Win", amount=25, activity_id="w") + b"\n" + changed(round_id="2", status="Aproved")
    with folder() as here:
        everything = _rules_of(_run("check", "-", "--format", "json", stdin=stdin))
        assert {"FT112", "FT113"} <= everything
        (here / "ftcrm.toml").write_text('[ftcrm]\nignore = ["FT1", "FT3"]\nextend-select = ["FT301"]\n')
        assert _rules_of(_run("check", "-", "--format", "json", stdin=stdin)) == {"FT301"}
        assert _rules_of(_run("check", "-", "--format", "json", "--select", "FT112", stdin=stdin)) == {"FT112", "FT301"}
        assert _rules_of(_run("check", "-", "--format", "json", stdin=stdin, FTCRM_IGNORE="ALL")) == {"FT301"}


def _rules_of(result: Result) -> set[str]:
    report = json.loads(result.stdout)
    groups = [*report["events"], *report["rounds"], *report["bonuses"]]
    return {finding["rule"] for group in groups for finding in group["findings"]}


def test_a_rule_that_is_off_by_default_is_listed_in_brackets() -> None:
    listed = {line.split()[0]: line.split()[2] for line in _run("rules").stdout.splitlines()}
    shown = {code: str(rule.confidence) if rule.default else f"({rule.confidence})" for code, rule in RULES.items()}
    assert listed == shown


def test_the_schema_has_the_currencies_of_the_file() -> None:
    with folder() as here:
        (here / "ftcrm.toml").write_text('[ftcrm.currencies]\nextra = ["BTC"]\n')
        schema = json.loads(_run("schema", "casino").stdout)
        assert schema["properties"]["currency"]["enum"][-1] == "BTC"
        other = json.loads(_run("schema", "casino", "--extra-currency", "USDT").stdout)
        assert other["properties"]["currency"]["enum"][-1] == "USDT"
        assert "BTC" not in other["properties"]["currency"]["enum"]


def test_a_file_that_is_named_takes_the_place_of_the_others() -> None:
    with folder() as here:
        (here / "ftcrm.toml").write_text("[ftcrm]\nmax-events = 1\nmax-body = 1\n")
        (here / "other.toml").write_text("[ftcrm]\nmax-events = 2\n")
        for found in (_config("--config", "other.toml"), _config(FTCRM_CONFIG="other.toml")):
            assert (found["max-events"]["value"], found["max-events"]["source"]) == (2, "other.toml")
            assert found["max-body"]["from"] == "default"
        assert _refused(_run("config", "--config", "none.toml")).startswith("--config none.toml: expected a file")
        assert _refused(_run("config", FTCRM_CONFIG="none.toml")).startswith("FTCRM_CONFIG none.toml: expected a file")


def test_a_shell_completes_whatever_the_settings_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FTCRM_SELCT", "FT3")
    with folder() as here:
        (here / "ftcrm.toml").write_text("select = 1\n")
        assert check.make_context("check", ["--fail-on"], resilient_parsing=True).command is check


def test_a_working_directory_that_is_gone_has_no_settings(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    with chdir(gone):
        gone.rmdir()
        found = _config()
    assert {each["from"] for each in found.values()} == {"default"}
