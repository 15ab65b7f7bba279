"""A mutant put into a module that was imported already: the code of its functions, exchanged.

That is some fifty times as fast as to import everything anew, and does for all mutants but those of what is carried out
on import: of constants, defaults, decorators and classes.
"""

import gc
import inspect
from collections import Counter
from collections.abc import Iterator, Mapping
from types import CodeType, FunctionType

__all__ = ["behaviour", "exchange", "exchanged"]


def behaviour(code: CodeType) -> tuple[object, ...]:
    """What the code does, without where it stands: two codes with one behaviour are alike."""
    constants = (behaviour(constant) if isinstance(constant, CodeType) else constant for constant in code.co_consts)
    return _alike(code, tuple((type(constant), constant) for constant in constants))


def exchanged(original: CodeType, changed: CodeType) -> dict[str, CodeType] | None:
    """The functions of the module that differ, by qualified name; None when more than these differs."""
    if _frame(original) != _frame(changed):
        return None
    pairs = list(zip(_functions(original), _functions(changed), strict=True))
    names = Counter(function.co_qualname for function, _ in pairs)
    found = {after.co_qualname: after for before, after in pairs if behaviour(before) != behaviour(after)}
    return None if any(names[name] > 1 or "<" in name for name in found) else found


def exchange(functions: Mapping[str, CodeType], path: str) -> None:
    """Give every function that was made of that file's code the new code of its name."""
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename == path:
            each.__code__ = functions.get(each.__code__.co_qualname, each.__code__)


def _functions(code: CodeType) -> Iterator[CodeType]:
    """The functions of a module and of its classes, not those within functions."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            if constant.co_flags & inspect.CO_OPTIMIZED:
                yield constant
            else:
                yield from _functions(constant)


def _frame(code: CodeType) -> tuple[object, ...]:
    """What is carried out on import."""
    parts: list[object] = []
    for constant in code.co_consts:
        if not isinstance(constant, CodeType):
            parts.append((type(constant), constant))
        elif constant.co_flags & inspect.CO_OPTIMIZED:
            parts.append((constant.co_qualname, constant.co_argcount, constant.co_kwonlyargcount, constant.co_freevars))
        else:
            parts.append(_frame(constant))
    return _alike(code, tuple(parts))


def _alike(code: CodeType, constants: tuple[object, ...]) -> tuple[object, ...]:
    return code.co_name, code.co_code, code.co_names, code.co_varnames, code.co_freevars, code.co_flags, constants
