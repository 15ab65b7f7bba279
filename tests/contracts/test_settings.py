import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftcrm.contracts.errors import ConfigurationError
from ftcrm.contracts.settings import OPTIONS, Settings, read_duration, settings_of


def test_settings_of_nothing_are_the_defaults() -> None:
    assert settings_of({}) == Settings()


def test_each_value_is_that_of_its_field() -> None:
    values = {
        "select": ["FT3"],
        "extend-select": ("FT1",),
        "ignore": ["FT302"],
        "currencies.extra": ["BTC", "USDT", "BTC"],
        "currencies.base": "BTC",
        "crypto.fields": ["chain"],
        "rounds.deadline": "24h",
        "clock.ahead": "1.5m",
    }
    assert values.keys() == {option.name for option in OPTIONS}
    assert settings_of(values) == Settings(
        select=("FT3",),
        extend_select=("FT1",),
        ignore=("FT302",),
        extra_currencies=frozenset({"BTC", "USDT"}),
        base_currency="BTC",
        crypto_fields=("chain",),
        round_deadline=86_400.0,
        clock_ahead=90.0,
    )


@pytest.mark.parametrize(
    ("unit", "seconds"), [("", 1), ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)]
)
@given(number=st.integers(0, 3_650))
def test_a_duration_is_its_number_of_its_unit(unit: str, seconds: float, number: int) -> None:
    assert read_duration(f" {number}{unit} ", name="x") == number * seconds


@pytest.mark.parametrize(
    "text", ["", "h", "-1s", "1 h", "1w", "1e3", "\u0661s", "3651d", "1h30m", "nan", "inf", "9" * 400]
)
def test_another_text_is_no_duration(text: str) -> None:
    with pytest.raises(
        ConfigurationError, match=r"^clock\.ahead: expected a duration such as 90s, 15m, 24h or 30d, got"
    ):
        settings_of({"clock.ahead": text})


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("select", "FT3", "select: expected a list of texts such as [\"A\"], got 'FT3'"),
        ("select", [""], "select: expected a list of texts"),
        ("select", [1], "select: expected a list of texts"),
        ("select", {"FT3": 1}, "select: expected a list of texts"),
        ("currencies.base", "", "currencies.base: expected a text, got ''"),
        ("rounds.deadline", 90, "rounds.deadline: expected a duration such as '24h', got 90"),
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
