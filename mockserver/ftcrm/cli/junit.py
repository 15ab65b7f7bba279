"""A report as JUnit XML: one test case for each event and one for each round and bonus."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ftcrm.cli.output import finding_line, printable
from ftcrm.contracts.clauses import clause
from ftcrm.contracts.findings import Confidence, Finding, Verdict
from ftcrm.contracts.report import EventReport, Report
from ftcrm.contracts.views import finding_view

__all__ = ["junit_xml"]


def junit_xml(report: Report, file: str) -> str:
    """The XML document: documented findings are failures, weaker ones stand in system-out, unchecked events skip."""
    suite = Element("testsuite", name=printable(f"ftcrm check {file}"))
    for event in report.events:
        case = _case(suite, file, "events", _event_name(event), event.findings)
        if event.verdict is Verdict.UNCHECKED:
            case.insert(0, Element("skipped", message="no contract for this message type"))
    for entry in report.rounds:
        value = entry.round
        _case(suite, file, "rounds", f"round {value.round_id} of user {value.user_id} ({value.origin})", entry.findings)
    for made in report.bonuses:
        bonus = made.bonus
        name = f"bonus {bonus.user_bonus_id} of user {bonus.user_id} ({bonus.origin})"
        _case(suite, file, "bonuses", name, made.findings)
    for attribute, tag in (("failures", "failure"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("tests", str(len(suite)))
    suite.set("errors", "0")
    root = Element("testsuites")
    root.append(suite)
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode")


def _event_name(event: EventReport) -> str:
    words = [f"line {event.line}:", event.message_type, event.keys.type, event.keys.activity_id]
    return " ".join(word for word in words if word)


def _case(suite: Element, file: str, kind: str, name: str, findings: Sequence[Finding]) -> Element:
    case = SubElement(suite, "testcase", classname=printable(f"{file}.{kind}"), name=printable(name), time="0")
    failures = [finding for finding in findings if finding.confidence is Confidence.DOCUMENTED]
    notes = [finding for finding in findings if finding.confidence is not Confidence.DOCUMENTED]
    if failures:
        first = failures[0]
        failure = SubElement(case, "failure", type=first.name, message=finding_line(finding_view(first)))
        failure.text = _text(failures)
    if notes:
        SubElement(case, "system-out").text = _text(notes)
    return case


def _text(findings: Sequence[Finding]) -> str:
    lines = []
    for finding in findings:
        lines.append(finding_line(finding_view(finding)))
        lines += [f"    | {quoted}" for quoted in clause(finding.clause).quote]
    return "\n".join(lines)
