"""What the engine and Python agree on, as ctypes: the structures of ``c/*.h``, ``c/engine.c`` and of its jobs.

They agree field by field. Filled by ``native/binding.py``, ``native/shared.py`` and ``native/table.py``.
"""

from __future__ import annotations

import ctypes
from typing import Any

__all__ = [
    "FILLS",
    "I64",
    "KINDS",
    "LINE",
    "RANKS",
    "TABLES",
    "AheadC",
    "Args",
    "ArrayC",
    "Arrival",
    "Block",
    "Condition",
    "DeliverArgs",
    "Fills",
    "JoinArgs",
    "MeterC",
    "Pointer",
    "ProgramC",
    "PushArgs",
    "RateArgs",
    "RecordArgs",
    "RecordSpikesArgs",
    "ReduceArgs",
    "RowsC",
    "Spikes",
    "StopArgs",
    "Tally",
]

Pointer = ctypes.c_void_p
LINE = 8  # int64 of one cache line: what each thread counts for itself


def _structure(name: str, *fields: tuple[str, Any]) -> type[ctypes.Structure]:
    return type(name, (ctypes.Structure,), {"_fields_": list(fields)})


I64 = ctypes.c_int64
Spikes = _structure(
    "eg_spikes",
    ("rank", Pointer),
    ("count", Pointer),
    ("length", I64),
    ("n", I64),
    ("found", Pointer),
    ("found_count", Pointer),
    *(("own", Pointer), ("n_own", I64)),
)
RowsC = _structure(
    "eg_rows",
    *(("n_rows", I64), ("start", Pointer), ("rank", Pointer), ("short_rank", Pointer)),
    *(("delay", Pointer), ("n_delays", I64)),
    *((name, Pointer) for name in ("segment", "delay_of", "column_start", "column_slot", "column_pre", "multapse")),
)
FILLS = {"uniform": "eg_fill_uniform", "normal": "eg_fill_normal", "exponential": "eg_fill_exponential"}  # of draws.c
TABLES = {"poisson": "eg_table_poisson", "binomial": "eg_table_binomial", "tabled": "eg_fill_table"}  # of rejection.c
Fills = _structure("eg_fills", *((name, Pointer) for name in (*FILLS, *TABLES)))
Args = _structure(
    "eg_args",
    *(("slot", Pointer), ("length", Pointer), ("key", Pointer), ("fill", Pointer), ("n", I64), ("n_pre", I64)),
    *(("spikes", Pointer), ("axons", Pointer), ("rows", Pointer), ("compared", Pointer)),
    *(("ahead", Pointer), ("own", Pointer), ("n_own", I64)),
)
AheadC = _structure("eg_ahead", ("sum", Pointer), ("ready", Pointer))
ArrayC = _structure("eg_array", ("data", Pointer), ("n", I64), ("item_bytes", I64))
PushArgs = _structure("eg_push_args", ("from", ArrayC), ("ring", Pointer), ("length", I64))
Block = _structure(
    "eg_record_block",
    *(("head", Pointer), ("steps", Pointer), ("active", Pointer)),
    *(("period", Pointer), ("offset", Pointer), ("origin", Pointer), ("least", I64), ("number", I64)),
)
JoinArgs = _structure("eg_join_args", ("spikes", Pointer), ("enabled", Pointer))
RateArgs = _structure(
    "eg_rate_args",
    *(("spikes", Pointer), ("count", Pointer), ("rate", Pointer), ("rate_is_float", I64), ("window", I64)),
    ("enabled", Pointer),
)
Condition = _structure("eg_condition", ("flag", Pointer), ("asked", Pointer), ("n", I64), ("all", I64))
StopArgs = _structure("eg_stop_args", ("condition", Pointer), ("n", I64), ("every", Pointer), ("result", Pointer))
Arrival = _structure("eg_arrival", ("low", I64), ("high", I64), ("n_flags", I64), ("flag", Pointer))
DeliverArgs = _structure(
    "eg_deliver_args",
    *(("spikes", Pointer), ("packed", Pointer), ("weight", Pointer), ("weight_is_float", I64)),
    *(("target", Pointer), ("target_is_float", I64), ("arrival", Pointer), ("n_arrivals", I64)),
)
ReduceArgs = _structure(
    "eg_reduce_args",
    *(("data", Pointer), ("n", I64), ("kind", I64), ("op", I64), ("block", I64), ("sum", Pointer), ("result", Pointer)),
)
KINDS = {"float64": 0, "int64": 1, "bool": 2, "float32": 3}  # of eg_reduce_args
RANKS = (("ranks", Pointer), ("n_ranks", I64))
RecordArgs = _structure("eg_record_args", ("from", ArrayC), ("block", Block), *RANKS)
RecordSpikesArgs = _structure("eg_record_spikes_args", ("spikes", Pointer), ("block", Block), *RANKS)
Tally = _structure("eg_tally", ("spikes", Pointer), ("seen", Pointer))
MeterC = _structure("eg_meter", ("spent", Pointer), ("stride", I64), ("tally", Pointer))
ProgramC = _structure(
    "eg_program",
    *(("entry", Pointer), ("n_entries", I64), ("record", Pointer), ("n_records", I64)),
    *(("recorded", Pointer), ("recorded_stride", I64), ("ahead", Pointer), ("n_ahead", I64)),
    *(("step", Pointer), ("dt", ctypes.c_double), ("key_epoch", I64), ("written", I64), ("n_threads", I64)),
)
