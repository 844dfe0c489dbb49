"""What the engine and Python agree on, as ctypes: the structures of ``c/engram.h`` and ``c/engine.c``.

They agree field by field. Filled by ``native/bound_kernels.py``, ``native/shared.py`` and ``native/table.py``. Those of
the engine's own jobs are made by ``native/bound_jobs.py``.
"""

from __future__ import annotations

import ctypes
from typing import Any

__all__ = [
    "FILLS",
    "I64",
    "LINE",
    "OF_ENGINE",
    "TABLES",
    "TYPES",
    "AheadC",
    "Args",
    "ArrayC",
    "Block",
    "Fills",
    "InFlightC",
    "MeterC",
    "Pointer",
    "ProgramC",
    "RowsC",
    "Spikes",
    "Tally",
    "structure",
]

Pointer = ctypes.c_void_p
LINE = 8  # int64 of one cache line: what each thread counts for itself


def structure(name: str, *fields: tuple[str, Any]) -> type[ctypes.Structure]:
    """Return a C structure with these fields, in their order."""
    return type(name, (ctypes.Structure,), {"_fields_": list(fields)})


I64 = ctypes.c_int64
Spikes = structure(
    "eg_spikes",
    ("rank", Pointer),
    ("count", Pointer),
    ("length", I64),
    ("n", I64),
    ("found", Pointer),
    ("found_count", Pointer),
    *(("ranges", Pointer), ("n_ranges", I64)),
)
RowsC = structure(
    "eg_rows",
    *(("n_rows", I64), ("start", Pointer), ("rank", Pointer), ("short_rank", Pointer)),
    *(("delay", Pointer), ("n_delays", I64)),
    *((name, Pointer) for name in ("segment", "delay_of", "column_start", "column_slot", "column_pre", "multapse")),
    *(("in_flight", Pointer), ("axons_in_flight", Pointer)),
)
InFlightC = structure(
    "eg_in_flight", *((name, Pointer) for name in ("since", "arrives", "emitted", "synapse", "pre")), ("n", I64)
)
FILLS = {"uniform": "eg_fill_uniform", "normal": "eg_fill_normal", "exponential": "eg_fill_exponential"}  # of draws.c
TABLES = {"poisson": "eg_table_poisson", "binomial": "eg_table_binomial", "tabled": "eg_fill_table"}  # of rejection.c
Fills = structure("eg_fills", *((name, Pointer) for name in (*FILLS, *TABLES)))
Args = structure(
    "eg_args",
    *(("slot", Pointer), ("length", Pointer), ("key", Pointer), ("fill", Pointer), ("n", I64), ("n_pre", I64)),
    *(("spikes", Pointer), ("axons", Pointer), ("rows", Pointer), ("compared", Pointer)),
    *(("ahead", Pointer), ("ranges", Pointer), ("n_ranges", I64)),
)
AheadC = structure("eg_ahead", ("sum", Pointer), ("ready", Pointer))
Head = structure("eg_head", ("data", Pointer), ("rows", I64), ("used", I64))  # of which state/residence.py makes arrays
Block = structure(
    "eg_record_block",
    *(("head", Pointer), ("steps", Pointer), ("active", Pointer)),
    *(("period", Pointer), ("offset", Pointer), ("origin", Pointer), ("least", I64), ("number", I64)),
)
ArrayC = structure("eg_array", ("data", Pointer), ("n", I64), ("item_bytes", I64))
TYPES = {"float64": 0, "int64": 1, "bool": 2, "float32": 3}  # of eg_reduce_args
Tally = structure("eg_tally", ("spikes", Pointer), ("seen", Pointer))
MeterC = structure("eg_meter", ("spent", Pointer), ("stride", I64), ("tally", Pointer))
Entry = structure("eg_entry", ("run", Pointer), ("arg", Pointer), ("barrier", I64), ("enabled", Pointer))
ProgramC = structure(
    "eg_program",
    *(("entry", Pointer), ("n_entries", I64), ("record", Pointer), ("n_records", I64)),
    *(("recorded", Pointer), ("recorded_stride", I64), ("ahead", Pointer), ("n_ahead", I64)),
    *(("step", Pointer), ("dt", ctypes.c_double), ("key_epoch", I64), ("written", I64), ("n_threads", I64)),
)
_ALL = (Spikes, RowsC, InFlightC, Fills, Args, AheadC, Head, Block, Tally, MeterC, Entry, ProgramC)
OF_ENGINE = {each.__name__: each for each in _ALL}
"""What ``c/engine.c`` and compiled kernels are given, by names in C."""
