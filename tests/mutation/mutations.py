"""The mutants of a module: its source with one operator, number, condition or argument changed.

Most come from the operators of cosmic-ray. Three kinds that it lacks are added: `in` for `not in`, the condition of a
comprehension turned round, and a keyword argument left out.

What cannot be behaviour is left alone: annotations, `__all__`, `frozen`, texts and docstrings; and what any test would
notice, a rule without its decorator. `is` is put for nothing but `is not` (whether equal texts are one object is the
interpreter's business), and no order for the equality with a text (`status >= "Rollback"`). A mutant that compiles to
the code of its original is none.
"""

import ast
import hashlib
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from types import CodeType
from typing import NamedTuple

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names
from swaps import behaviour

__all__ = ["Mutant", "compiled", "mutants_of"]

_NOT_TRIED = frozenset({"RemoveDecorator", "VariableInserter", "VariableReplacer"})
_IDENTITY = re.compile(r"ReplaceComparisonOperator_(\w+_Is(Not)?|Is(Not)?_\w+)")
_TRIED_OF_IDENTITY = frozenset({"ReplaceComparisonOperator_Is_IsNot", "ReplaceComparisonOperator_IsNot_Is"})
_ORDER_FOR_EQUALITY = re.compile(r"ReplaceComparisonOperator_(Not)?Eq_[LG]tE?")
_Span = tuple[tuple[int, int], tuple[int, int]]


class Mutant(NamedTuple):
    """One changed module: what is known of the change, and the whole source with it.

    `where` is the function or class that it is in (empty at the module's level), `before` and `after` are the lines
    that differ, and `nth` tells those that are alike in all of this from each other.
    """

    module: str
    where: str
    before: str
    after: str
    nth: int
    source: str

    @property
    def key(self) -> str:
        """What names the mutant as long as its line stays as it is."""
        nth = f" #{self.nth}" if self.nth else ""
        return f"{self.module} {self.where or '(module)'}: {self.before} => {self.after}{nth}"

    @property
    def lot(self) -> int:
        """A number that is drawn by the mutant's text, for samples."""
        return int.from_bytes(hashlib.sha256(self.key.encode()).digest()[:8])


def mutants_of(module: str, source: str) -> Iterator[Mutant]:
    """Every mutant of the source, each once."""
    tree = ast.parse(source)
    original = behaviour(compiled(source, module))
    seen = {source}
    alike: Counter[tuple[str, str, str]] = Counter()
    for changed in (*_changed_by_cosmic_ray(source, tree), *_changed_by_us(source, tree)):
        if changed in seen:
            continue
        seen.add(changed)
        try:
            if behaviour(compiled(changed, module)) == original:
                continue
        except SyntaxError:
            continue
        line, before, after = _difference(source, changed)
        said = (_where(tree, line), before, after)
        yield Mutant(module, *said, alike[said], changed)
        alike[said] += 1


def compiled(source: str, path: str) -> CodeType:
    """The code of the source; that a mutant compares a literal by identity is no warning to us."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(source, path, "exec", dont_inherit=True)


def _changed_by_cosmic_ray(source: str, tree: ast.Module) -> Iterator[str]:
    never = list(_spans_left_alone(tree))
    texts_compared = list(_comparisons_of_texts(tree))
    nodes = list(ast_nodes(get_ast(source)))
    for full_name in operator_names():
        name = full_name.partition("/")[2]
        if name in _NOT_TRIED or (_IDENTITY.fullmatch(name) and name not in _TRIED_OF_IDENTITY):
            continue
        spans = [*never, *(texts_compared if _ORDER_FOR_EQUALITY.fullmatch(name) else ())]
        operator = get_operator(full_name)()
        positions = [position for node in nodes for position in operator.mutation_positions(node)]
        for occurrence, (start, _) in enumerate(positions):
            if not any(first <= start < last for first, last in spans):
                yield mutate_code(source, operator, occurrence)


def _changed_by_us(source: str, tree: ast.Module) -> Iterator[str]:
    lines = source.splitlines(keepends=True)

    def offset(line: int, column: int) -> int:
        return sum(map(len, lines[: line - 1])) + len(lines[line - 1].encode()[:column].decode())

    def ends(node: ast.expr | ast.keyword) -> tuple[int, int]:
        return offset(node.lineno, node.col_offset), offset(node.end_lineno or 0, node.end_col_offset or 0)

    for node in ast.walk(tree):
        if isinstance(node, ast.comprehension):
            for condition in node.ifs:
                start, end = ends(condition)
                yield f"{source[:start]}not ({source[start:end]}){source[end:]}"
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            start, end = ends(node.left)[1], ends(node.comparators[0])[0]
            between = source[start:end]
            turned = between.replace("not in", "in") if "not in" in between else between.replace("in", "not in", 1)
            yield source[:start] + turned + source[end:]
        elif isinstance(node, ast.Call):
            for start, end in map(ends, node.keywords):
                after = source[end:].lstrip()
                if after.startswith(","):
                    yield source[:start] + after[1:].lstrip()
                else:
                    yield source[:start].rstrip().removesuffix(",") + source[end:]


def _spans_left_alone(tree: ast.Module) -> Iterator[_Span]:
    for node in ast.walk(tree):
        left_alone: ast.expr | None = None
        if isinstance(node, ast.FunctionDef):
            left_alone = node.returns
        elif isinstance(node, ast.arg | ast.AnnAssign):
            left_alone = node.annotation
        elif (isinstance(node, ast.keyword) and node.arg == "frozen") or (
            isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        ):
            left_alone = node.value
        if left_alone is not None:
            yield _span(left_alone)


def _comparisons_of_texts(tree: ast.Module) -> Iterator[_Span]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            compared = [getattr(operand, "value", None) for operand in (node.left, *node.comparators)]
            if any(isinstance(value, str) for value in compared):
                yield _span(node)


def _span(node: ast.expr) -> _Span:
    return (node.lineno, node.col_offset), (node.end_lineno or 0, node.end_col_offset or 0)


def _where(tree: ast.Module, line: int) -> str:
    names: list[str] = []
    inside: list[ast.stmt] = tree.body
    while True:
        holders = (node for node in inside if isinstance(node, ast.FunctionDef | ast.ClassDef))
        holder = next((node for node in holders if _first_line(node) <= line <= (node.end_lineno or 0)), None)
        if holder is None:
            return ".".join(names)
        names.append(holder.name)
        inside = holder.body


def _first_line(node: ast.FunctionDef | ast.ClassDef) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def _difference(source: str, changed: str) -> tuple[int, str, str]:
    """The first line that differs, and the differing lines of both."""
    before, after = source.splitlines(), changed.splitlines()
    first = next(index for index, (one, other) in enumerate(zip(before, after, strict=False)) if one != other)
    last = next(index for index in range(1, len(before)) if before[-index] != after[-index])
    return first + 1, _joined(before[first : len(before) - last + 1]), _joined(after[first : len(after) - last + 1])


def _joined(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)
