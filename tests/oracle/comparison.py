"""The engine and the oracle on one history, and where they differ."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec

from ftcrm.contracts import Construction, Message, Settings, construct
from ftcrm.contracts.rounds import readings_of
from ftcrm.strategies.parts import spelt

from . import naive
from .adversarial import Drawn


def constructed(drawn: Drawn) -> Construction:
    """What the engine makes of the bytes."""
    settings = Settings(
        readings=readings_of([f"{name}={reading}" for name, reading in drawn.readings.items()]),
        session_gap=drawn.gap.total_seconds(),
    )
    if drawn.thresholds is not None:
        settings = msgspec.structs.replace(
            settings, **{f"rfm_{name}": numbers for name, numbers in drawn.thresholds.items()}
        )
    messages = [
        Message("rest", spelt(document), "CASINO" if "round_id" in document else "BONUS")
        for document, _ in drawn.deliveries
    ]
    return construct(messages, settings=settings, accept_invalid=drawn.accept_invalid, as_of=drawn.as_of)


def expected(drawn: Drawn) -> dict[str, Any]:
    """What the oracle makes of the documents."""
    return naive.construct(
        [(document, valid or drawn.accept_invalid) for document, valid in drawn.deliveries],
        readings=drawn.readings,
        gap=drawn.gap,
        as_of=drawn.as_of,
        **({} if drawn.thresholds is None else {"thresholds": drawn.thresholds}),
    )


def differences(drawn: Drawn) -> list[str]:
    """Where the engine gives another value than the oracle, as `path: the engine's, not the oracle's`."""
    return list(_differences("", plain(constructed(drawn)), expected(drawn)))


def plain(value: Any) -> Any:
    """The engine's values as the oracle has them: dicts, lists, and decimals as the fractions that they are."""
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return Fraction(value) if isinstance(value, Decimal) else value


def _differences(path: str, engine: Any, oracle: Any) -> Iterator[str]:
    if isinstance(engine, dict) and isinstance(oracle, dict):
        for name in sorted(engine.keys() | oracle.keys()):
            if name in engine and name in oracle:
                yield from _differences(f"{path}/{name}", engine[name], oracle[name])
            else:
                yield f"{path}/{name}: only {'the engine' if name in engine else 'the oracle'} has it"
    elif isinstance(engine, list) and isinstance(oracle, list) and len(engine) == len(oracle):
        for index, (one, other) in enumerate(zip(engine, oracle, strict=True)):
            yield from _differences(f"{path}/{index}", one, other)
    elif type(engine) is not type(oracle) or engine != oracle:
        yield f"{path}: {engine!r}, not {oracle!r}"
