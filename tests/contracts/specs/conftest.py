"""What the tests of the specifications share: the validators, and where a schema and the rules point at."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ftcrm.contracts import Confidence, Message, Ruleset, Settings, judge
from ftcrm.contracts.specs import SAID, bonus_schema, casino_schema, unsayable


class Schemas:
    """The two schemas, and the law that holds between them and the rules."""

    casino = Draft202012Validator(casino_schema())
    bonus = Draft202012Validator(bonus_schema())

    def validator(self, message_type: str) -> Draft202012Validator:
        return self.casino if message_type == "CASINO" else self.bonus

    @staticmethod
    def read(raw: bytes) -> Any:
        """The payload as most validators see it: every number a double."""
        return json.loads(raw, parse_int=float)

    @staticmethod
    def pointers(validator: Draft202012Validator, document: Any) -> set[str]:
        """Where the schema refuses the document: the JSON pointer of what is wrong, or of what is missing."""
        found = set()
        for error in validator.iter_errors(document):
            if error.validator == "required":
                found |= {f"/{name}" for name in error.validator_value if name not in error.instance}
            else:
                found.add("".join(f"/{part}" for part in error.absolute_path))
        return found

    def check(self, raw: bytes, message_type: str = "CASINO", extra_currencies: frozenset[str] = frozenset()) -> bool:
        """Hold the schema against the rules, place by place; whether the schema lets the payload pass."""
        document = self.read(raw)
        validator = self.validator(message_type)
        if extra_currencies:
            validator = Draft202012Validator(casino_schema(extra_currencies=extra_currencies))
        # Told alone, these leave out the properties that follow from them, which the schema refuses one by one.
        ruleset = Ruleset(Settings(extra_currencies=extra_currencies, ignore=("FT010", "FT107")))
        refused = self.pointers(validator, document)
        findings = [
            finding
            for finding in judge(Message("rest", raw, message_type), ruleset).findings
            if finding.confidence is Confidence.DOCUMENTED
        ]
        sayable = {finding.pointer for finding in findings if unsayable(finding, document) is None}
        said = {finding.pointer for finding in findings if finding.rule in SAID}
        assert sayable <= refused, f"the rules speak, the schema passes: {sayable - refused}"
        assert refused <= said, f"the schema refuses, no rule speaks: {refused - said}"
        return not refused


@pytest.fixture(scope="session")
def schemas() -> Schemas:
    return Schemas()
