"""Digests of blueprints: of all that stands in one, and of what must agree, object by object.

In: a blueprint. Out: 32 hexadecimal digits. Equal digests mean equal JSON: sorted keys, no blanks, floats by ``repr``
(-0.0 is not 0.0, infinities have a form of their own), and no order but of sequences.
"""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

import xxhash

from engram.blueprint.codec import to_json, write_record
from engram.blueprint.fields import Concern, concern_of, table_of
from engram.blueprint.records import Blueprint

__all__ = ["canonical", "digest_of_blueprint", "fingerprints"]

AGREED = (Concern.STRUCTURE, Concern.RULE)
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


def canonical(data: Any) -> str:
    """Return the one text of JSON data."""
    return _ENCODER.encode(data)


def digest_of_blueprint(blueprint: Blueprint) -> str:
    """Return the digest of everything: networks for which it is the same are the same."""
    return _digest(to_json(blueprint))


def fingerprints(blueprint: Blueprint) -> dict[str, str]:
    """Return the digests of what decides how objects go on, their structure and rules, by their paths.

    That of ``network`` is of its settings and of the order in which populations and projections were created.
    """
    names = {
        section: [one.name for one in getattr(blueprint, section)]
        for section in ("populations", "projections", "monitors")
    }
    order = [names["populations"], names["projections"]]
    found = {"network": _digest([_agreed(blueprint.settings, []), order])}
    models = [_digest(_agreed(model, [])) for model in blueprint.models]
    for section, all_names in names.items():
        for name, one in zip(all_names, getattr(blueprint, section), strict=True):
            found[f"{section}/{name}"] = _digest(_agreed(one, models))
    return found


def _agreed(record: Any, models: list[str]) -> dict[str, Any]:
    """Return the JSON data of a record's structure and rules; of a model that it refers to, the digest."""
    data = write_record(record)
    kept = {one.name: data[one.name] for one in fields(record) if concern_of(one) in AGREED}
    referred = {one.name: models[data[one.name]] for one in fields(record) if table_of(one) == "models"}
    return {**kept, **referred}


def _digest(data: Any) -> str:
    return str(xxhash.xxh3_128_hexdigest(canonical(data).encode("utf-8")))
