"""The rules that speak: the catalogue as the settings select it, and what the selected rules say of a subject."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

from ftcrm.contracts.errors import ConfigurationError
from ftcrm.contracts.findings import Confidence, Finding
from ftcrm.contracts.rules.registry import EVENT_SCOPES, RULES, Hit, Rule, Scope
from ftcrm.contracts.settings import Settings

__all__ = ["EVERYTHING", "Ruleset", "Said", "findings_of", "nearest_rule"]

EVERYTHING = "ALL"
"""The selector of every rule."""
_STRENGTH = {confidence: strength for strength, confidence in enumerate(Confidence)}
_LETTERS_FOR_DIGITS = str.maketrans("OIL", "011")
_FAMILY_LENGTH = len("FT3")
_LIKE_A_CODE = re.compile(r"FT\d{1,3}", re.ASCII)
Said = tuple[Rule, Hit]


class Ruleset:
    """The rules that these settings select.

    Raises:
        ConfigurationError: a selector is no rule's; the message suggests the one that was meant.
    """

    def __init__(self, settings: Settings = Settings()) -> None:  # noqa: B008 - frozen
        self.settings = settings
        self.codes = frozenset(_selected(settings))
        self._by_scope: dict[Scope, tuple[Rule, ...]] = {
            scope: tuple(RULES[code] for code in sorted(self.codes) if RULES[code].scope is scope) for scope in Scope
        }
        self.is_plain = settings.base_currency is None and all(
            RULES[code].default for code in self.codes if RULES[code].scope in EVENT_SCOPES
        )
        """Whether no event rule speaks but those that are on by default: the fast path vouches for these alone."""

    def speaks(self, scope: Scope) -> bool:
        """Whether any rule of that scope is selected."""
        return bool(self._by_scope[scope])

    def ask(self, scope: Scope, subject: Any) -> list[Said]:
        """What every selected rule of the scope says of the subject, in the order of the codes."""
        return [(rule, hit) for rule in self._by_scope[scope] for hit in rule.check(subject)]


def findings_of(said: Sequence[Said]) -> tuple[Finding, ...]:
    """What was said of one event, round or bonus, as findings: roots, with the number of those that follow from them.

    A finding is told by itself when the rule that it follows from is silent, or speaks with less confidence.
    """
    if not said:
        return ()
    spoken = {rule.code for rule, _ in said}
    told: list[Said] = []
    implied: Counter[str] = Counter()
    for rule, hit in said:
        root = next((code for code in hit.implied_by if code in spoken and _outweighs(RULES[code], rule)), None)
        if root is None:
            told.append((rule, hit))
        else:
            implied[root] += 1
    return tuple(_finding(rule, hit, implied.pop(rule.code, 0)) for rule, hit in told)


def _outweighs(root: Rule, rule: Rule) -> bool:
    return _STRENGTH[root.confidence] <= _STRENGTH[rule.confidence]


def _finding(rule: Rule, hit: Hit, implied: int) -> Finding:
    return Finding(
        rule=rule.code,
        name=rule.name,
        kind=rule.kind,
        confidence=rule.confidence,
        clause=hit.clause or rule.clause.id,
        message=hit.message,
        pointer=hit.pointer,
        witness=hit.witness,
        implied=implied,
    )


def _selected(settings: Settings) -> Iterable[str]:
    chosen = (*(settings.select or ()), *settings.extend_select)
    for selector in (*chosen, *settings.ignore):
        _refuse_unknown(selector)
    for code, rule in RULES.items():
        base = 0 if settings.select is None and rule.default else -1
        wanted = max((_precision(selector, rule, explicit=True) for selector in chosen), default=-1)
        unwanted = max((_precision(selector, rule) for selector in settings.ignore), default=-1)
        if max(base, wanted) > unwanted:
            yield code


def _precision(selector: str, rule: Rule, *, explicit: bool = False) -> int:
    """How precisely the selector names the rule; -1 when it does not.

    A family (`FT1`) does not switch on what is off by default: more of the code, the name or ALL does.
    """
    if selector in (rule.code, rule.name):
        return len(rule.code)
    if selector == EVERYTHING:
        return 1
    if not rule.code.startswith(selector) or (explicit and not rule.default and len(selector) <= _FAMILY_LENGTH):
        return -1
    return len(selector)


def _refuse_unknown(selector: str) -> None:
    names = {rule.name for rule in RULES.values()}
    if selector == EVERYTHING or selector in names:
        return
    if selector.startswith("FT") and any(code.startswith(selector) for code in RULES):
        return
    raised = selector.upper()
    right = raised == EVERYTHING or (raised.startswith("FT") and any(code.startswith(raised) for code in RULES))
    close = raised if right else nearest_rule(selector)
    meant = f"; did you mean {close!r}?" if close else "; `ftcrm rules` lists them"
    expected = "expected the code or the name of a rule, or the beginning of codes"
    raise ConfigurationError(f"{expected}, got {selector!r}{meant}")


def nearest_rule(text: str) -> str | None:
    """The code or the name of a rule that this text comes near to, if there is one: FT301 for FT3O1.

    None for a code that is well-formed and none of ours: whoever writes FT500 has not misspelt FT501.
    """
    code = text[:2].upper() + text[2:].upper().translate(_LETTERS_FOR_DIGITS)
    if code not in RULES and _LIKE_A_CODE.fullmatch(code):
        return None
    names = {rule.name for rule in RULES.values()}
    close = get_close_matches(code, RULES, n=1, cutoff=0.7) or get_close_matches(text.lower(), names, n=1)
    return close[0] if close else None
