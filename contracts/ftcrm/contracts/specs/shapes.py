"""What the admin API shows, as OpenAPI schemas: the models where a view is one, tables where it is not.

A test holds them against the views of histories of all kinds: each has these properties, and no other.
"""

from typing import Any, get_args

from ftcrm.contracts.messages import Connector
from ftcrm.contracts.questions.ledger import Outcome, Sums
from ftcrm.contracts.rounds import Bonus, Player, Round, Session
from ftcrm.contracts.specs.answers import answer_schemas
from ftcrm.contracts.specs.notation import SEQ, Schema, array, models_of, optional, record, reference

__all__ = ["DISPOSITIONS", "shapes"]

DISPOSITIONS = ("accepted", "refused", "aborted", "pending")
"""What may become of a delivery: the journal's, which a test holds against this."""

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_COUNTS: Schema = {"type": "object", "additionalProperties": _COUNT}
_YES_OR_NO: Schema = {"type": "boolean"}
_OBJECT: Schema = {"type": "object"}
_INSTANT: Schema = {"type": "string", "format": "date-time"}
_EXACT: Schema = {"type": "string", "format": "decimal"}
_FINDINGS = array(reference("Finding"))
_INSTANTS = frozenset({"as_of", "at", "ended_at", "first_at", "last_at", "last_real_bet_at", "started_at"})


def shapes() -> dict[str, Schema]:
    """The schemas by their names: of every value that is shown, of the parts of them, and of errors."""
    models = {name: _shown(model) for name, model in models_of(Round, Bonus, Session, Player, Outcome, Sums).items()}
    del models["Share"]
    return models | _views(models) | {name: schema for name, schema in answer_schemas().items() if name != "Accepted"}


def _views(models: dict[str, Schema]) -> dict[str, Schema]:
    amounts, favourite = optional(reference("Amounts")), models["Favourite"]
    game = record(id=_TEXT, name=_TEXT, type=_TEXT)
    vendor = record(id=_TEXT, name=_TEXT)
    belongs = dict.fromkeys(("origin", "user_id", "round_id", "user_bonus_id"), optional(_TEXT))
    share = {name: models["Round"]["properties"][name] for name in ("base", "totals")}
    return {
        "Event": _event(),
        "Round": _changed(
            models["Round"],
            without=("game_id", "game_name", "game_type", "vendor_id", "vendor_name"),
            run=_TEXT,
            bet=amounts,
            win=amounts,
            ggr=amounts,
            game=game,
            vendor=vendor,
            findings=_FINDINGS,
        ),
        "Bonus": _changed(models["Bonus"], run=_TEXT, findings=_FINDINGS),
        "Session": _changed(models["Session"], without=("duration",), run=_TEXT, duration_seconds=_EXACT),
        "Player": _changed(models["Player"], run=_TEXT, favourite_game=optional(reference("FavouriteGame"))),
        "Favourite": _changed(favourite, without=("vendor_id",)),
        "FavouriteGame": _changed(favourite, vendor_id=_TEXT),
        "FindingInPlace": {
            "description": "A finding and where it belongs; `seq` is null for one of a round or a bonus.",
            "allOf": [reference("Finding"), record(run=_TEXT, seq=optional(SEQ), **belongs)],
        },
        "Question": record(
            run=_TEXT,
            origin=_TEXT,
            user_id=_TEXT,
            round_id=_TEXT,
            assumption=_TEXT,
            question=_TEXT,
            source=_TEXT,
            given={"type": "object", "additionalProperties": _TEXT},
            readings=array(record(reading=_TEXT, meaning=_TEXT, outcome=optional(reference("Outcome")))),
            at_stake={"type": "object", "additionalProperties": reference("Sums")},
        ),
        "Outcome": _changed(
            models["Outcome"],
            bonuses=array(record(user_bonus_id=_TEXT, **share)),
            games=array(record(vendor_id=_TEXT, game_id=_TEXT, **share)),
        ),
        "Rule": record(
            **dict.fromkeys(("code", "name", "kind"), _TEXT),
            confidence=reference("Confidence"),
            default=_YES_OR_NO,
            **dict.fromkeys(("clause", "quote", "summary"), _TEXT),
        ),
        "Summary": _summary(),
    }


def _event() -> Schema:
    """A delivery; its raw bytes stand in `raw`, or in `raw_base64` when they are not UTF-8."""
    schema = record(
        seq=SEQ,
        run=_TEXT,
        connector={"enum": list(get_args(Connector))},
        received_at=_INSTANT,
        disposition={"enum": list(DISPOSITIONS)},
        transport=_OBJECT,
        raw=optional(_TEXT),
        message_type=optional(_TEXT),
        event=optional(_OBJECT),
        verdict=optional(reference("Verdict")),
        findings=_FINDINGS,
    )
    schema["properties"] |= {"raw_base64": _TEXT, "truncated": {"const": True}, "size": _COUNT}
    return schema


def _summary() -> Schema:
    counts = ("connectors", "message_types", "verdicts", "dispositions", "rounds", "bonuses", "findings", "runs")
    sample = {"anyOf": [{"type": ["string", "null"]}, record(base64=_TEXT)]}
    journal = record(path=optional(_TEXT), last_seq=_COUNT, evicted=_COUNT, failed_commits=_COUNT)
    errors = record(count=_COUNT, samples=array(record(reason=_TEXT, sample=sample)))
    return record(
        events=_COUNT,
        players=_COUNT,
        **dict.fromkeys(counts, _COUNTS),
        protocol_errors={"type": "object", "additionalProperties": errors},
        journal=journal,
        complete=_YES_OR_NO,
    )


def _shown(model: Schema) -> Schema:
    """The schema of a model as views show it: with every property, defaults included."""
    if "properties" not in model:
        return model
    properties = {
        name: {key: value for key, value in _instant(name, schema).items() if key != "default"}
        for name, schema in model["properties"].items()
    }
    summary = model["description"].partition("\n\n")[0].replace("\n", " ")
    return {"description": summary, **record(**properties)}


def _instant(name: str, schema: Schema) -> Schema:
    if name not in _INSTANTS:
        return schema
    return optional(_INSTANT) if "anyOf" in schema else _INSTANT


def _changed(model: Schema, *, without: tuple[str, ...] = (), **more: Any) -> Schema:
    """The schema of a view that shows the model with `more` properties, and `without` some."""
    properties = {name: schema for name, schema in model["properties"].items() if name not in without}
    return {"description": model["description"], **record(**properties | more)}
