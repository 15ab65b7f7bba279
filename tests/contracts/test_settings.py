import re
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts.errors import ConfigurationError
from ftcrm.contracts.rounds import ASSUMPTIONS, Readings
from ftcrm.contracts.settings import OPTIONS, Settings, read_duration, settings_of, written_duration


def test_settings_of_nothing_are_the_defaults() -> None:
    assert settings_of({}) == Settings()


def test_each_value_is_that_of_its_field() -> None:
    values = {
        "select": ["FT3"],
        "extend-select": ("FT1",),
        "ignore": ["FT302"],
        "currencies.extra": ["BTC", "USDT", "BTC"],
        "currencies.base": "BTC",
        "crypto.currencies": ["BTC", "DOGE"],
        "crypto.fields": ["chain"],
        "rounds.deadline": "24h",
        "clock.ahead": "1.5m",
        "readings": ["end-flag=settles", "repeats=every"],
        "sessions.gap": "5m",
        "rfm.recency": [1, "2.5", 3, 4],
        "rfm.frequency": ["1", "2", "3", "4"],
        "rfm.monetary": (1, 2, 3, 1000),
    }
    assert values.keys() == {option.name for option in OPTIONS}
    assert settings_of(values) == Settings(
        select=("FT3",),
        extend_select=("FT1",),
        ignore=("FT302",),
        extra_currencies=frozenset({"BTC", "USDT"}),
        crypto_currencies=frozenset({"BTC", "DOGE"}),
        base_currency="BTC",
        crypto_fields=("chain",),
        round_deadline=86_400.0,
        clock_ahead=90.0,
        readings=Readings(end_flag="settles", repeats="every"),
        answered=frozenset({"end-flag", "repeats"}),
        session_gap=300.0,
        rfm_recency=(Decimal(1), Decimal("2.5"), Decimal(3), Decimal(4)),
        rfm_frequency=(Decimal(1), Decimal(2), Decimal(3), Decimal(4)),
        rfm_monetary=(Decimal(1), Decimal(2), Decimal(3), Decimal(1000)),
    )


@pytest.mark.parametrize(
    "value",
    [
        "1, 2, 3, 4",
        [1, 2, 3],
        [1, 2, 3, 4, 5],
        [1, 2, 2, 3],
        [0, 1, 2, 3],
        [4, 3, 2, 1],
        ["a", 1, 2, 3],
        [1, 2, 3, "1e9"],
    ],
)
def test_other_than_four_rising_numbers_part_no_scores(value: object) -> None:
    with pytest.raises(ConfigurationError, match=r"^rfm\.recency: expected four rising numbers above 0, .*, got"):
        settings_of({"rfm.recency": value})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("repeats", "expected repeats=once or repeats=every, got 'repeats'"),
        ("repeats=", "expected repeats=once or repeats=every, got 'repeats='"),
        ("invalid-events=folded", "expected --accept-invalid for what is no reading, got 'invalid-events=folded'"),
        ("endflag=settles", "expected NAME=READING, 'end-flag' perhaps, got 'endflag=settles'"),
        ("end-flag=settle", "expected a reading of end-flag, 'settles' perhaps, got 'settle'"),
        ("end-flag=x", "expected a reading of end-flag, one of informs, settles, required, cuts, got 'x'"),
    ],
)
def test_a_reading_that_there_is_none_of_is_refused_by_name(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^readings: {re.escape(said)}"):
        settings_of({"readings": [text]})


def test_one_assumption_has_one_reading() -> None:
    assert settings_of({"readings": ["repeats=every", " repeats = every "]}).readings == Readings(repeats="every")
    with pytest.raises(ConfigurationError, match="expected one reading of repeats, got several"):
        settings_of({"readings": ["repeats=every", "repeats=once"]})


def test_what_is_set_as_the_engine_has_it_is_answered_all_the_same() -> None:
    settings = settings_of({"readings": ["end-flag=informs", " repeats = every "]})
    assert (settings.readings, settings.answered) == (Readings(repeats="every"), {"end-flag", "repeats"})
    assert settings_of({"readings": []}) == settings_of({}) == Settings(answered=frozenset())


def test_every_assumption_is_a_switch_of_the_engine_and_its_first_reading_the_default() -> None:
    assert [assumption.field for assumption in ASSUMPTIONS] == list(Readings.__struct_fields__)
    for assumption in ASSUMPTIONS:
        assert getattr(Readings(), assumption.field) == assumption.choices[0]
        for choice in assumption.choices:
            switched = settings_of({"readings": [f"{assumption.name}={choice}"]}).readings
            assert switched == msgspec.convert({assumption.field: choice}, Readings)


def test_the_codes_of_crypto_currencies_are_extra_currencies_too() -> None:
    settings = settings_of({"currencies.extra": ["SC"], "crypto.currencies": ["BTC"], "currencies.base": "BTC"})
    assert (settings.extra_currencies, settings.crypto_currencies) == ({"SC", "BTC"}, {"BTC"})
    assert settings_of({"crypto.currencies": []}).crypto_currencies == frozenset()
    assert settings_of({"currencies.extra": ["SC"]}).crypto_currencies is None


@pytest.mark.parametrize(("unit", "seconds"), [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)])
@given(number=st.integers(0, 3_650))
def test_a_duration_is_its_number_of_its_unit(unit: str, seconds: float, number: int) -> None:
    assert read_duration(f" {number}{unit} ", name="x") == number * seconds


@pytest.mark.parametrize(
    "text", ["", "h", "24", "0", "1.5", "-1s", "1 h", "1w", "1e3", "1e3s", "\u0661s", "1h30m", "nan", "inf", "9" * 400]
)
def test_another_text_is_no_duration(text: str) -> None:
    with pytest.raises(
        ConfigurationError, match=r"^clock\.ahead: expected a number with its unit, such as 90s, 15m, 24h, got"
    ):
        settings_of({"clock.ahead": text})


@pytest.mark.parametrize("text", ["3651d", "9" * 400 + "d", f"{3650 * 24}.1h"])
def test_a_duration_of_more_than_ten_years_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^x: expected 3650d at most, got '"):
        read_duration(text, name="x")


@pytest.mark.parametrize(
    "text", ["0ms", "500ms", "1.5ms", "1.5s", "90s", "15m", "24h", "25h", "90m", "47h", "2d", "30d", "3650d"]
)
def test_a_duration_is_written_as_people_write_it(text: str) -> None:
    assert written_duration(read_duration(text, name="x")) == text


@given(milliseconds=st.integers(0, 10**9))
def test_a_written_duration_is_read_as_what_it_was(milliseconds: int) -> None:
    seconds = milliseconds / 1000
    assert read_duration(written_duration(seconds), name="x") == pytest.approx(seconds, rel=1e-8)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("select", "FT3", "select: expected a list of texts such as [\"A\"], got 'FT3'"),
        ("select", [""], "select: expected a list of texts"),
        ("select", [1], "select: expected a list of texts"),
        ("select", {"FT3": 1}, "select: expected a list of texts"),
        ("currencies.base", "", "currencies.base: expected a text, got ''"),
        ("rounds.deadline", 90, "rounds.deadline: expected a number with its unit, such as 90s, 15m, 24h, got 90"),
        ("rounds.deadlines", "1h", "got 'rounds.deadlines'; did you mean 'rounds.deadline'?"),
        ("x", "1h", "got 'x'; there are select, "),
    ],
)
def test_what_is_no_setting_or_no_value_of_one_is_refused(name: str, value: object, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings_of({name: value})
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("code", "hint"), [("EURO", "; did you mean 'EUR'?"), ("eur", "; did you mean 'EUR'?"), ("BTC", ""), ("DEM", "")]
)
def test_a_base_currency_that_no_event_may_have_is_refused(code: str, hint: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings_of({"currencies.base": code}, labels={"currencies.base": "--base-currency"})
    expected = f"--base-currency: expected an ISO 4217 code or one of currencies.extra, got {code!r}{hint}"
    assert str(caught.value) == expected


@pytest.mark.parametrize(("name", "value"), [("select", "FT3"), ("rounds.deadline", "soon"), ("currencies.base", "")])
def test_an_error_calls_a_value_by_its_label(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^here: expected "):
        settings_of({name: value}, labels={name: "here"})
