"""A blueprint in which every record occurs, every kind of value, and every sequence has two elements that differ."""

import math

from xxhash import xxh3_128_hexdigest

from engram.blueprint.records import (
    BesideRecord,
    Blueprint,
    ConnectorRecord,
    ConstantRecord,
    DistributionRecord,
    LimitRecord,
    ListRecord,
    ModelRecord,
    MonitorRecord,
    PopulationRecord,
    PopulationStart,
    ProjectionRecord,
    ProjectionStart,
    RankSeries,
    RunsRecord,
    Settings,
    SideRecord,
)

__all__ = ["EXAMPLE"]

DIGEST = "0123456789abcdef" * 2
UNIFORM = DistributionRecord("Uniform", (("max", 3.0), ("min", 1.0)))
NORMAL = DistributionRecord("Normal", (("max", None), ("min", 0.0), ("mu", 0.5), ("redraw", True), ("sigma", 0.25)))
LIMITS = (LimitRecord("tau", "divisor", "dv/dt = -v/tau"), LimitRecord("rho", "positive", ""))


def model(kind, block, **facts):
    plain = {"method": "explicit", "event_clock": "" if kind == "neuron" else "exact", "drops_input": False}
    return ModelRecord(
        **{
            "kind": kind,
            "blocks": (("equations", block), ("parameters", "tau = 10.0\nrho = 2.0")),
            "constants": ("alpha", "beta"),
            **plain,
            "limits": LIMITS,
            "name": "leaky",
            "description": "it leaks",
            "fingerprint": xxh3_128_hexdigest(block.encode()),
            **facts,
        }
    )


def started(**facts):
    switched = {"transmission": True, "axon_transmission": True, "update": False, "plasticity": True}
    periods = {"learning_period_ms": 2.0, "learning_offset_ms": 1.0}
    return ProjectionStart(**{"values": (("tau", 12.0), ("w", UNIFORM)), **switched, **periods, **facts})


EXAMPLE = Blueprint(
    settings=Settings(0.5, 2**63, "explicit", "exact", "float64", "float32", "c", True),
    models=(
        model("neuron", "dv/dt = -v/tau", drops_input=True),
        model("neuron", "dv/dt = 1.0 - v/tau"),
        model("synapse", "dx/dt = -x/tau : event-driven"),
        model("synapse", "dx/dt = 1.0 - x/tau : event-driven"),
    ),
    populations=(
        PopulationRecord(
            name="exc",
            uid=7,
            geometry=(100, 50),
            model=0,
            stop="v > 1.0 : any",
            start=PopulationStart(
                values=(
                    ("flag", True),
                    ("k", 3),
                    ("rho", math.inf),
                    ("tau", -0.0),
                    ("u", BesideRecord("<f4", (100, 50), DIGEST)),
                    ("v", NORMAL),
                ),
                refractory_ms=BesideRecord("<f8", (100, 50), DIGEST),
                rate_window_ms=10.0,
                enabled=True,
            ),
        ),
        PopulationRecord("inh", 8, (20, 10), 1, "spiked : any", PopulationStart((), 2.0, 0.0, False)),
    ),
    projections=(
        ProjectionRecord(
            name="forth",
            uid=9,
            pre=SideRecord("exc", RunsRecord((RankSeries(10, 5, 2), RankSeries(30, 6, -1)))),
            post=SideRecord("inh", ListRecord((9, 2, 11, 3))),
            targets=("ampa", "nmda"),
            model=2,
            connector=ConnectorRecord("FixedProbability", (("p", 0.25),), 0.5, UNIFORM, False, True),
            start=started(),
        ),
        ProjectionRecord(
            name="back",
            uid=10,
            pre=SideRecord("inh", None),
            post=SideRecord("exc", BesideRecord("<i8", (4500,), DIGEST)),
            targets=("gaba_a", "gaba_b"),
            model=3,
            connector=ConnectorRecord("AllToAll", (), NORMAL, 1.5, True, False),
            start=started(learning_period_ms=4.0),
        ),
    ),
    monitors=(
        MonitorRecord(
            "spikes",
            "exc",
            RunsRecord((RankSeries(0, 9, 3), RankSeries(40, 3, 1))),
            ("spike", "v"),
            1.0,
            0.5,
            True,
            None,
        ),
        MonitorRecord("inputs", "inh", None, ("sum(exc)", "v"), 2.0, 0.0, False, None),
    ),
    constants=(ConstantRecord("alpha", 1.5, True), ConstantRecord("beta", -2.0, False)),
    notes=("a note", "another"),
)
