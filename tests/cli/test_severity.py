"""What makes `ftcrm check` end with 1."""

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result

from ftcrm.cli import main
from ftcrm.contracts.findings import Confidence, Finding
from ftcrm.contracts.severity import FAIL_ON, fails

Change = Callable[..., bytes]


def _check(*options: str, stdin: bytes, **variables: str) -> Result:
    return CliRunner().invoke(main, ["check", "-", *options], input=stdin, env=variables)


def _finding(confidence: Confidence, rule: str = "FT999") -> Finding:
    return Finding(rule, "name", "kind", confidence, "clause", "message")


def test_a_weaker_threshold_fails_on_all_that_a_stronger_one_does_and_on_one_confidence_more() -> None:
    failing = [{each for each in Confidence if fails(_finding(each), fail_on)} for fail_on in FAIL_ON]
    assert failing == [
        {Confidence.DOCUMENTED},
        {Confidence.DOCUMENTED, Confidence.VENDOR},
        {Confidence.DOCUMENTED, Confidence.VENDOR, Confidence.INFERRED},
        set(),
    ]


@pytest.mark.parametrize("rule", ["FT302", "FT510"])
def test_a_note_never_fails(rule: str) -> None:
    assert not any(fails(_finding(confidence, rule), fail_on) for confidence in Confidence for fail_on in FAIL_ON)


@pytest.fixture
def weak(changed: Change) -> dict[str, bytes]:
    """An input for each confidence, with a finding of that one and of none that is stronger."""
    return {
        "documented": changed(amount=25),
        "vendor": changed(meta=None),
        "inferred": changed(currency="DEM"),
        "unreadable": b"not JSON\n",
        "repeated": changed() + b"\n" + changed(),
    }


@pytest.mark.parametrize(
    ("fail_on", "failing"),
    [
        ("documented", {"documented", "unreadable"}),
        ("vendor", {"documented", "unreadable", "vendor"}),
        ("inferred", {"documented", "unreadable", "vendor", "inferred"}),
        ("never", set()),
    ],
)
def test_the_exit_code_is_that_of_the_threshold(weak: dict[str, bytes], fail_on: str, failing: set[str]) -> None:
    codes = {name: _check("--fail-on", fail_on, stdin=stdin).exit_code for name, stdin in weak.items()}
    assert codes == {name: int(name in failing) for name in weak}


@pytest.mark.parametrize("fail_on", FAIL_ON)
@pytest.mark.parametrize("silenced", [False, True])
def test_junit_fails_when_the_check_does(weak: dict[str, bytes], fail_on: str, silenced: bool) -> None:
    options = ("--format", "junit", "--fail-on", fail_on, *(("--select", "FT3") if silenced else ()))
    for stdin in weak.values():
        result = _check(*options, stdin=stdin)
        suite = ElementTree.fromstring(result.stdout).find("testsuite")  # noqa: S314 - our own XML
        assert suite is not None
        failing = sum(case.find("failure") is not None for case in suite)
        assert int(suite.get("failures", "")) == failing
        assert result.exit_code == int(failing > 0)
        noted = sum(case.find("system-out") is not None for case in suite)
        assert silenced or failing + noted == 1


def test_an_event_that_cannot_be_read_fails_whatever_rule_is_silenced() -> None:
    assert _check("--select", "FT301", stdin=b"not JSON\n").exit_code == 1


def test_nothing_that_was_checked_is_said_whatever_the_threshold() -> None:
    assert _check("--fail-on", "never", stdin=b"\n").exit_code == 3


def test_the_threshold_comes_from_a_variable_and_from_a_file_too(
    weak: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    stdin = weak["inferred"]
    assert _check(stdin=stdin).exit_code == 0
    assert _check(stdin=stdin, FTCRM_FAIL_ON="inferred").exit_code == 1
    (tmp_path / "ftcrm.toml").write_text('[ftcrm]\nfail-on = "inferred"\n')
    assert _check(stdin=stdin).exit_code == 1
    assert _check(stdin=stdin, FTCRM_FAIL_ON="vendor").exit_code == 0


@pytest.mark.parametrize("given", ["unknown", "Documented", "documentd", "", "all"])
def test_another_threshold_is_refused(given: str) -> None:
    result = _check("--fail-on", given, stdin=b"\n")
    assert result.exit_code == 2
    expected = f"ftcrm: --fail-on: expected one of documented, vendor, inferred, never, got {given!r}"
    assert result.stderr.startswith(expected)
    assert ("did you mean 'documented'?" in result.stderr) is given.lower().startswith("document")
