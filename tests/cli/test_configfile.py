"""Which files hold settings, and what is made of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ftcrm.cli.configfile import read_file_settings, read_nearest_settings
from ftcrm.cli.settings import SETTINGS, Kind
from ftcrm.contracts.errors import ConfigurationError

Write = Callable[[str, str], Path]
FITTING: dict[Kind, set[str]] = {
    "texts": {'["A"]'},
    "readings": {'["A"]'},
    "numbers": {'["A"]', "[1]"},
    "switch": {"true"},
    "number": {"7"},
    "address": {'"x"', "7"},
}
WORDS: dict[Kind, str] = {
    "texts": 'expected a list of texts such as ["A"]',
    "readings": 'expected a list of texts such as ["end-flag=settles"]',
    "numbers": "expected a list of numbers such as [1, 3, 7, 14]",
    "switch": "expected true or false",
    "number": "expected a whole number",
    "duration": "expected a number with its unit, such as 90s, 15m, 24h",
}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return written


def _values(folder: Path) -> dict[str, object]:
    return {name: found.value for name, found in read_nearest_settings(folder).values.items()}


def _refused(path: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read_nearest_settings(path.parent)
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    with pytest.raises(ConfigurationError) as caught:
        read_file_settings(path, label="--config")
    assert str(caught.value) == said
    return said


def test_the_nearest_folder_with_settings_counts_and_no_other(write: Write, tmp_path: Path) -> None:
    write("ftcrm.toml", "[ftcrm]\nmax-events = 1\nmax-body = 1\n")
    write("a/pyproject.toml", "[tool.ftcrm]\nmax-events = 2\n")
    write("a/b/pyproject.toml", '[project]\nname = "ftcrm-of-ours"\n')
    below = tmp_path / "a" / "b" / "c"
    below.mkdir()
    assert _values(below) == {"max-events": 2}
    assert _values(tmp_path) == {"max-events": 1, "max-body": 1}


def test_ftcrm_toml_is_stronger_than_pyproject_key_by_key(write: Write, tmp_path: Path) -> None:
    own = write("ftcrm.toml", '[ftcrm]\nmax_events = 1\n[ftcrm.currencies]\nextra = ["BTC"]\n')
    shared = write("pyproject.toml", '[tool.ftcrm]\nmax-events = 2\nmax-body = 2\ncurrencies.base = "EUR"\n')
    found = read_nearest_settings(tmp_path)
    assert found.paths == (own, shared)
    assert {name: (each.value, each.path, each.key) for name, each in found.hidden.items()} == {
        "max-events": (2, shared, "max-events")
    }
    assert {name: (each.value, each.path, each.key) for name, each in found.values.items()} == {
        "max-events": (1, own, "max_events"),
        "max-body": (2, shared, "max-body"),
        "currencies.base": ("EUR", shared, "currencies.base"),
        "currencies.extra": (["BTC"], own, "currencies.extra"),
    }


def test_an_empty_ftcrm_toml_is_settings_of_nothing(write: Write, tmp_path: Path) -> None:
    write("ftcrm.toml", "[ftcrm]\nmax-events = 1\n")
    empty = write("a/ftcrm.toml", "# nothing yet\n")
    assert read_nearest_settings(tmp_path / "a") == ((empty,), {}, {})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[tool.ruff]\n",
        "tool = 1\n# ftcrm\n",
        "[tool.ftcrm-mock]\nselect = 1\n",
        "[ftcrm]\nselect = 1\n",
        "[project]\nname = ftcrm\n",
        "x = " + "[" * 5_000 + " # ftcrm",
        "\x00 ftcrm",
    ],
)
def test_a_pyproject_that_is_not_ours_breaks_nothing(write: Write, tmp_path: Path, text: str) -> None:
    write("ftcrm.toml", "[ftcrm]\nmax-events = 1\n")
    write("a/pyproject.toml", text)
    assert _values(tmp_path / "a") == {"max-events": 1}


def test_a_pyproject_of_other_bytes_or_that_is_no_file_breaks_nothing(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"\xff\xfe ftcrm")
    (tmp_path / "a" / "pyproject.toml").mkdir(parents=True)
    (tmp_path / "a" / "ftcrm.toml").mkdir()
    assert _values(tmp_path / "a") == {}


def test_a_folder_that_cannot_be_looked_into_is_passed_over(write: Write, tmp_path: Path) -> None:
    write("ftcrm.toml", "[ftcrm]\nmax-events = 1\n")
    assert _values(tmp_path / ("x" * 300)) == {"max-events": 1}


@pytest.mark.parametrize("text", ["[tool.ftcrm]\nselect = [FT3]\n", "[tool.ftcrm\n"])
def test_a_pyproject_with_our_table_that_is_no_toml_is_named(write: Write, text: str) -> None:
    assert "expected TOML, got: " in _refused(write("pyproject.toml", text))


@pytest.mark.parametrize("text", ["[ftcrm\n", "[ftcrm]\n[ftcrm]\n", "[ftcrm]\nmax-events = 1\nmax-events = 1\n"])
def test_an_ftcrm_toml_that_is_no_toml_is_named(write: Write, text: str) -> None:
    assert "expected TOML, got: " in _refused(write("ftcrm.toml", text))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("ftcrm.toml", 'select = ["FT3"]\n', "got select; write the line [ftcrm] above the settings"),
        ("ftcrm.toml", "max-body = 1\n[ftcrm]\n", "got max-body; write the line [ftcrm] above the settings"),
        ("ftcrm.toml", "[tool.ftcrm]\nmax-body = 1\n", "got tool; write [ftcrm] for [tool.ftcrm]"),
        ("ftcrm.toml", "ftcrm = 1\n", "expected one table [ftcrm] and nothing else, got 1; "),
        ("pyproject.toml", "[tool]\nftcrm = 1\n", "tool.ftcrm: expected a table, got 1"),
    ],
)
def test_settings_in_another_place_are_answered_with_what_to_do(write: Write, name: str, text: str, words: str) -> None:
    assert words in _refused(write(name, text))


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("selct", "did you mean 'select'?"),
        ("max-event", "did you mean 'max-events'?"),
        ("currencies.extre", "did you mean 'currencies.extra'?"),
        ("currencies", "did you mean 'currencies.extra' or 'currencies.base'?"),
        ("extra-currency", "did you mean 'currencies.extra'?"),
        ("extra_currencies", "did you mean 'currencies.extra'?"),
        ("round-deadline", "did you mean 'rounds.deadline'?"),
        ("crypto-fields", "did you mean 'crypto.fields'?"),
        ("check.fail-in", "did you mean 'fail-on'?"),
        ("json", "`ftcrm config` lists them"),
        ("config", "`ftcrm config` lists them"),
    ],
)
@pytest.mark.parametrize(("name", "table"), [("ftcrm.toml", "ftcrm"), ("pyproject.toml", "tool.ftcrm")])
def test_a_misspelt_key_is_answered_with_the_one_that_was_meant(
    write: Write, name: str, table: str, key: str, meant: str
) -> None:
    assert f"got {key!r}; {meant}" in _refused(write(name, f"[{table}]\n{key} = 1\n"))


@pytest.mark.parametrize("name", SETTINGS)
def test_dashes_and_underscores_and_tables_and_dots_are_alike(write: Write, tmp_path: Path, name: str) -> None:
    table, _, key = f"ftcrm.{name}".rpartition(".")
    value = min(FITTING.get(SETTINGS[name].kind, {'"/x"'}))
    for text in (
        f"[ftcrm]\n{name} = {value}\n",
        f"[ftcrm]\n{name.replace('-', '_')} = {value}\n",
        f"[{table}]\n{key} = {value}\n",
        f'[ftcrm]\n"{name}" = {value}\n',
    ):
        write("ftcrm.toml", text)
        assert _values(tmp_path).keys() == {name}


def test_what_only_check_has_may_stand_in_a_table_of_its_name(write: Write, tmp_path: Path) -> None:
    write("ftcrm.toml", '[ftcrm.check]\nfail_on = "vendor"\n')
    assert _values(tmp_path) == {"fail-on": "vendor"}


@pytest.mark.parametrize(
    ("text", "key", "other"),
    [
        ("max-events = 1\nmax_events = 2\n", "max_events", "max-events"),
        ('fail-on = "vendor"\ncheck.fail-on = "never"\n', "check.fail-on", "fail-on"),
        ('currencies.extra = ["A"]\n"currencies.extra" = ["B"]\n', "currencies.extra", "currencies.extra"),
    ],
)
def test_a_setting_that_a_file_has_twice_is_refused(write: Write, text: str, key: str, other: str) -> None:
    assert f": {key}: expected once, got it as {other!r}, too" in _refused(write("ftcrm.toml", f"[ftcrm]\n{text}"))


@pytest.mark.parametrize("name", SETTINGS)
@pytest.mark.parametrize("given", ['"x"', "7", "true", "1.5", '["A"]', "[1]", '[""]'])
def test_a_value_of_another_type_is_named_with_what_was_expected(
    write: Write, tmp_path: Path, name: str, given: str
) -> None:
    kind = SETTINGS[name].kind
    path = write("ftcrm.toml", f"[ftcrm]\n{name} = {given}\n")
    if given in FITTING.get(kind, {'"x"'}):
        assert _values(tmp_path).keys() == {name}
        return
    said = _refused(path)
    assert said.startswith(f"{path}: {name}: {WORDS.get(kind, 'expected a text')}, got ")
    assert (kind == "secret") is ("got one of type " in said)


def test_a_path_is_seen_from_the_folder_of_its_file(write: Write, tmp_path: Path) -> None:
    write("ftcrm.toml", '[ftcrm]\njournal = "data/events.journal"\n')
    (tmp_path / "a").mkdir()
    assert _values(tmp_path / "a") == {"journal": str(tmp_path / "data" / "events.journal")}
    write("ftcrm.toml", '[ftcrm]\njournal = "/data/events.journal"\n')
    assert _values(tmp_path) == {"journal": "/data/events.journal"}


def test_a_file_that_is_named_is_read_by_its_name(write: Write) -> None:
    named = write("pyproject.toml", "[tool.ftcrm]\nmax-events = 1\n[ftcrm]\nmax-events = 2\n")
    assert read_file_settings(named, label="--config").values["max-events"].value == 1
    other = write("other.toml", "[ftcrm]\nmax-events = 2\n")
    assert read_file_settings(other, label="--config").values["max-events"].value == 2
    with pytest.raises(ConfigurationError, match=r"expected a table \[tool.ftcrm\], got none"):
        read_file_settings(write("a/pyproject.toml", "[ftcrm]\nmax-events = 2\n"), label="--config")


def test_a_file_that_cannot_be_read_is_named_with_the_place_that_names_it(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(ConfigurationError, match=r"^FTCRM_CONFIG x: expected a file that can be read, got: "):
            read_file_settings(path, label="FTCRM_CONFIG x")
