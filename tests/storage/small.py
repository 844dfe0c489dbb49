"""A network by hand: two populations, one projection, histories, a monitor. What load needs, and no more."""

from dataclasses import replace
from functools import cache

import numpy as np

from engram.blueprint.codec import to_json
from engram.blueprint.records import (
    Blueprint,
    ModelRecord,
    MonitorRecord,
    PopulationRecord,
    PopulationStart,
    ProjectionRecord,
    ProjectionStart,
    Settings,
    SideRecord,
)
from engram.models.definition import Neuron, Synapse
from engram.persistence.recorded import FileBlueprint, Recorded
from engram.state import names
from engram.state.slots import Layout, Role, Slot
from engram.state.tree import State
from engram.storage.contract import Description

U4, I8, F8, F4 = (np.dtype(code) for code in ("<u4", "<i8", "<f8", "<f4"))
N_EXC, N_INH, RING = 6, 3, 4
EE = ProjectionRecord(
    name="ee",
    uid=3,
    pre=SideRecord("exc", None),
    post=SideRecord("inh", None),
    targets=("exc",),
    model=2,
    connector=None,
    start=ProjectionStart((), True, True, True, True, 1.0, 0.0),
)


@cache
def of_model(kind, name):
    """A model that computes something of that name."""
    blocks = {"equations": f"{name} = 1.0" + f"\nr = {name}" * (kind == "neuron")}
    definition = {"neuron": Neuron, "synapse": Synapse}[kind].recorded("", "", blocks, (), ())
    return ModelRecord(kind, (*blocks.items(),), (), False, "", "", (), "", "", definition.spec.fingerprint)


class Small:
    """``net.state``, ``net.description`` and ``net.compare``, with all that differs between tests as arguments."""

    def __init__(self, n_syn=8, step=10, seed=0, n_exc=N_EXC, dt_ms=1.0, model="m1", backend="c", monitor=True,
                 single_w=False, projection=True, ring=RING, geometry=None):  # fmt: skip
        self.random = np.random.default_rng(seed)
        self.state = state = State()
        exc = "populations/exc"
        state.add([
            Slot.at("network/step", (), I8, Role.STATE, hidden=True),
            Slot.at("network/seed", (), np.dtype("<u8"), Role.STATE, hidden=True),
            Slot.at(f"{exc}/v", (n_exc,), F8, Role.STATE, "mV"),
            Slot.at(f"{exc}/tau", (), F8, Role.PARAMETER, "ms"),
            Slot.at(f"{exc}/noise", (n_exc,), F4, Role.PARAMETER),
            Slot.at(f"{exc}/last_spike", (n_exc,), I8, Role.TIME, hidden=True),
            Slot.at(f"{exc}/refractory_left", (n_exc,), np.dtype("<i4"), Role.STATE, hidden=True),
            Slot.at(f"{exc}/history/rank", (ring, n_exc), U4, Role.STATE,
                    hidden=True, below=n_exc, layout=Layout.SPIKES),
            Slot.at(f"{exc}/history/count", (ring,), U4, Role.STATE, hidden=True, free_length=True, layout=Layout.RING),
            Slot.at(f"{exc}/scratch", (n_exc,), F8, Role.SCRATCH),
            Slot.at("populations/inh/v", (N_INH,), F8, Role.STATE, "mV"),
        ])  # fmt: skip
        if projection:
            ee = "projections/ee"
            state.add([
                Slot.at(f"{ee}/wiring/row_start", (n_exc + 1,), I8, Role.WIRING, offsets=True),
                Slot.at(f"{ee}/wiring/post_ranks", (n_syn,), U4, Role.WIRING, free_length=True, below=N_INH),
                Slot.at(f"{ee}/w", () if single_w else (n_syn,), F8, Role.STATE, free_length=True, may_be_single=True),
                Slot.at(f"{ee}/x", (n_syn,), F8, Role.STATE, free_length=True),
            ])  # fmt: skip
        if monitor:
            state.add([
                Slot.at("monitors/m/v", (0, n_exc), F8, Role.RECORD,
                        hidden=True, free_length=True, layout=Layout.BLOCKS),
                Slot.at("monitors/m/start", (), I8, Role.TIME, hidden=True),
            ])  # fmt: skip
        settings = Settings(dt_ms, 1, "explicit", "exact", "float64", "float64", backend, True)
        start = PopulationStart((), None, 0.0, **names.FLAGS["populations"])
        self.blueprint = Blueprint(
            settings,
            models=(of_model("neuron", model), of_model("neuron", "inh"), *[of_model("synapse", "s1")] * projection),
            populations=(
                PopulationRecord("exc", 1, tuple(geometry or [n_exc]), 0, None, start),
                PopulationRecord("inh", 2, (N_INH,), 1, None, start),
            ),
            projections=(EE,) * projection,
            monitors=(MonitorRecord("m", "exc", None, ("v",), 1.0, 0.0, True, None),) * monitor,
            constants=(),
            notes=(),
        )
        self.fill(step)

    def fill(self, step):
        state, random = self.state, self.random
        for path, slot in state.slots().items():
            if slot.layout is Layout.PLAIN and slot.dtype.kind == "f":
                state.array(path)[...] = random.random(slot.shape)
        state.array("network/step")[...] = step
        state.array("network/seed")[...] = random.integers(1 << 40)
        exc = state["populations/exc/v"].shape[0]
        state.array("populations/exc/last_spike")[...] = random.integers(0, step + 1, exc)
        counts = state.array("populations/exc/history/count")
        counts[...] = random.integers(0, exc + 1, len(counts))
        for row, count in enumerate(counts):
            state.array("populations/exc/history/rank")[row, :count] = np.sort(random.permutation(exc)[:count])
        if "projections/ee/x" in state:
            starts = state.array("projections/ee/wiring/row_start")
            n_syn = len(state["projections/ee/x"])
            starts[1:-1] = np.sort(random.integers(0, n_syn + 1, len(starts) - 2))
            starts[-1] = n_syn
            state.array("projections/ee/wiring/post_ranks")[...] = random.integers(0, N_INH, n_syn)
        if "monitors/m/start" in state:
            blocks = state.blocks("monitors/m/v")
            for _ in range(2):
                blocks.grow()[: step // 2] = random.random((step // 2, exc))
                blocks.used = step // 2
            state.array("monitors/m/start")[...] = step

    def change(self, section, number, **facts):
        """Let the blueprint say something else of an object."""
        records = list(getattr(self.blueprint, section))
        records[number] = replace(records[number], **facts)
        self.blueprint = replace(self.blueprint, **{section: tuple(records)})

    @property
    def description(self):
        return self._described("network", self.blueprint)

    @property
    def compare(self):
        """Compares a file with this network."""
        return FileBlueprint(Recorded(self.blueprint)).compare

    def describe(self, kind, path):
        """Return what the file of one object says."""
        whole = self.blueprint
        exc, inh = whole.populations
        exc_alone = {"populations": (exc,), "projections": (), "models": whole.models[:1]}
        inh_alone = {"populations": (replace(inh, model=0),), "projections": (), "models": whole.models[1:2]}
        parts = {"populations/exc": exc_alone, "populations/inh": inh_alone, "projections/ee": {}}
        return self._described(kind, replace(whole, monitors=(), **parts[path]))

    def _described(self, kind, blueprint):
        seed = int(self.state["network/seed"][()])
        return Description(kind, self.state.step, seed, to_json(blueprint), {}, ("callback",))

    def values(self):
        """All bytes, by path."""
        return {leaf.slot.path: (leaf.slot.shape, b"".join(piece.tobytes() for piece in leaf.pieces))
                for leaf in self.state.leaves()}  # fmt: skip
