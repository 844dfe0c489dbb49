"""The names of slots: what engram remembers beside the attributes of models stands under these, below its owner.

A model's attributes stand under their own names, which have no slash and no dot, so that nothing that a user defines
is mistaken for one of these. They are part of the file format.
"""

from __future__ import annotations

__all__ = [
    "ACTIVE",
    "AXON",
    "AXON_TRANSMISSION",
    "COUNT",
    "DEFAULT_RNG",
    "DELAY_STEPS",
    "DRAWS",
    "DRAWS_AT_COMPILE",
    "ENABLED",
    "FLAGS",
    "FOUND",
    "GIVEN",
    "GIVEN_DELAYS",
    "GIVEN_RANKS",
    "GIVEN_ROWS",
    "GIVEN_WEIGHT",
    "HISTORY",
    "IN_FLIGHT",
    "IN_FLIGHT_SINCE",
    "LAST_POST",
    "LAST_PRE",
    "LAST_SPIKE",
    "LEARNING_OFFSET",
    "LEARNING_PERIOD",
    "LEAST",
    "NB_SYNAPSES",
    "NETWORK",
    "OFFSET",
    "ORIGIN",
    "PART",
    "PERIOD",
    "PER_POST_NOW",
    "PLASTICITY",
    "POST_PART",
    "POST_RANKS",
    "PRE_NOW",
    "PRE_PART",
    "PRE_RANKS",
    "RANK",
    "RANKS",
    "RATE_COUNT",
    "RATE_WINDOW",
    "REFRACTORY",
    "REFRACTORY_LEFT",
    "ROW_START",
    "RULES",
    "SEED",
    "STEP",
    "STOP",
    "STOP_ASKED",
    "STOP_EVERY",
    "STOP_REACHED",
    "TIMES",
    "TRANSMISSION",
    "UPDATE",
    "WEIGHT",
    "conductance",
    "constant",
    "decay",
    "elements",
    "initial",
    "intervals",
    "kept",
    "of_past",
    "past",
    "per_post",
    "pre_of",
    "propagator",
    "reduction",
    "rule_offset",
    "rule_period",
    "sum_of",
]

# -- of the network ----------------------------------------------------------------------------------------
NETWORK = "network"
STEP, SEED, DRAWS, DRAWS_AT_COMPILE, DEFAULT_RNG = "step", "seed", "draws", "draws_at_compile", "default_rng"
STOP_EVERY = "stop/every"  # whether all conditions that are asked for must hold, or one
STOP_REACHED = "stop/reached"  # whether those hold that simulate_until waits for

# -- of any object -----------------------------------------------------------------------------------------
ENABLED = "enabled"

# -- of populations ----------------------------------------------------------------------------------------
HISTORY, AXON = "history", "internal/axon"  # what a population has emitted: below each a rank and a count
RANK, COUNT = "rank", "count"
FOUND = "found"  # what the threads found in this step, before it is joined; it has no slot
LAST_SPIKE = "last_spike"
RATE_COUNT, RATE_WINDOW = "internal/rate/count", "internal/rate/window"
REFRACTORY, REFRACTORY_LEFT = "refractory", "refractory_left"
STOP, STOP_ASKED = "internal/stop", "internal/stop_asked"  # whether the condition holds, and is asked for

# -- of projections ----------------------------------------------------------------------------------------
WEIGHT = "w"
ROW_START, POST_RANKS, PRE_RANKS, DELAY_STEPS = "row_start", "post_ranks", "pre_ranks", "delay_steps"
PRE_PART, POST_PART = "wiring/pre_part", "wiring/post_part"  # ranks of views in their order; see ``values.py``
# a given list of synapses, where it no longer is what stands above
GIVEN_ROWS, GIVEN_RANKS, GIVEN_DELAYS, GIVEN_WEIGHT = "given/row_start", "given/ranks", "given/delay_steps", "given/w"
GIVEN = (GIVEN_ROWS, GIVEN_RANKS, GIVEN_DELAYS, GIVEN_WEIGHT)
# what was in flight when delays changed: since when, and by the list in which it stood for each spike at each synapse:
# when it arrives, in steps after that moment, when it was emitted, in steps before it, and the position of the synapse
IN_FLIGHT_SINCE = "internal/in_flight/since"
IN_FLIGHT = {
    spikes: tuple(f"internal/in_flight/{below}{name}" for name in ("arrives", "emitted", "synapse"))
    for spikes, below in ((HISTORY, ""), (AXON, "axon/"))
}
LAST_PRE, LAST_POST = "last_pre", "last_post"
TRANSMISSION, AXON_TRANSMISSION, UPDATE, PLASTICITY = "transmission", "axon_transmission", "update", "plasticity"
LEARNING_PERIOD, LEARNING_OFFSET = "learning/period", "learning/offset"
RULES = ("pruning", "creating")

# -- switches: what users can turn on and off, with what it is before they do ------------------------------
FLAGS = {
    "populations": {ENABLED: True},
    "projections": {TRANSMISSION: True, AXON_TRANSMISSION: True, UPDATE: True, PLASTICITY: True},
}

# -- of monitors, beside their records ---------------------------------------------------------------------
ACTIVE, PERIOD, OFFSET, ORIGIN = "internal/active", "internal/period", "internal/offset", "internal/origin"
TIMES = (PERIOD, OFFSET, ORIGIN)
RANKS = "internal/ranks"
PART = "internal/part"  # as those of projections; the ranks above ascend
NB_SYNAPSES = "nb_synapses"  # of a projection, what is recorded of it
PRE_NOW, PER_POST_NOW = "internal/now/pre", "internal/now/per_post"  # of the synapses that are recorded


def initial(attribute: str) -> str:
    """The value that an attribute has after a reset."""
    return f"init/{attribute}"


def conductance(target: str) -> str:
    """What spikes to a target add to."""
    return f"g_{target}"


def rule_period(rule: str) -> str:
    """Steps from one test of a rule of structural plasticity to the next; 0 while it is off."""
    return f"internal/{rule}/period"


def rule_offset(rule: str) -> str:
    """In which step of a period a rule is tested."""
    return f"internal/{rule}/offset"


LEAST = {
    **{DELAY_STEPS: 1, LEARNING_PERIOD: 1, LEARNING_OFFSET: 0, PERIOD: 1, OFFSET: 0, RATE_WINDOW: 0},
    **{GIVEN_ROWS: 0, GIVEN_DELAYS: 1},
    **{name(rule): 0 for rule in RULES for name in (rule_period, rule_offset)},
}
"""The least that elements of some values can be: periods, delays."""


def kept(conductance: str) -> str:
    """What a conductance was at the begin of the step, before anything arrived."""
    return f"internal/kept/{conductance}"


def per_post(variable: str) -> str:
    """How many synapses each neuron had when a variable of them was recorded."""
    return f"internal/per_post/{variable}"


def pre_of(variable: str) -> str:
    """From which neurons the synapses came of which a variable was recorded."""
    return f"internal/pre/{variable}"


def elements(variable: str) -> str:
    """Which elements of a variable of synapses a monitor records."""
    return f"internal/places/{variable}"


def sum_of(target: str) -> str:
    """The input of rate-coded neurons from a target."""
    return f"sum/{target}"


def past(variable: str) -> str:
    """The values of a variable in the steps before, for what reads it with a delay."""
    prefix = "own." if variable in (RANK, COUNT) else ""  # a variable may have the name of a part of a list of spikes
    return f"{HISTORY}/{prefix}{variable}"


def of_past(name: str) -> str:
    """The variable whose values stand under a name that :func:`past` gave."""
    return name.removeprefix(f"{HISTORY}/").removeprefix("own.")


def reduction(operation: str, variable: str) -> str:
    """A number over a whole population."""
    return f"internal/op/{operation}.{variable}"


def propagator(symbol: str) -> str:
    """The matrices of a system of linear equations."""
    return f"internal/propagator/{symbol}"


def decay(variable: str) -> str:
    """The table of decays of an event-driven variable."""
    return f"internal/decay/{variable}"


def constant(name: str) -> str:
    """A number that equations know by name; of the network."""
    return f"constants/{name}"


def intervals(variable: str) -> str:
    """From when to when a variable was recorded, of what a monitor has of it."""
    return f"internal/intervals/{variable}"
