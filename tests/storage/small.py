"""A network by hand: two populations, one projection, histories, a monitor. What load needs, and no more."""

import numpy as np

from engram.state.slots import Layout, Role, Slot
from engram.state.tree import State
from engram.storage.contract import Description

U4, I8, F8, F4 = (np.dtype(code) for code in ("<u4", "<i8", "<f8", "<f4"))
N_EXC, N_INH, RING = 6, 3, 4


class Small:
    """``net.state`` and ``net.description``, with everything that differs between tests as an argument."""

    def __init__(self, n_syn=8, step=10, seed=0, n_exc=N_EXC, dt_ms=1.0, model="m1", backend="c", monitor=True,
                 single_w=False, projection=True, ring=RING, geometry=None):  # fmt: skip
        self.random = np.random.default_rng(seed)
        self.facts = {"n_exc": n_exc, "dt_ms": dt_ms, "model": model, "backend": backend}
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
        self.objects = [
            {"path": exc, "type": "population", "size": n_exc, "geometry": geometry or [n_exc], "model": model},
            {"path": "populations/inh", "type": "population", "size": N_INH, "geometry": [N_INH], "model": "inh"},
        ]
        if projection:
            self.objects.append({"path": "projections/ee", "type": "projection", "pre": "exc", "post": "inh",
                                 "target": "exc", "model": "s1"})  # fmt: skip
        if monitor:
            self.objects.append({"path": "monitors/m", "type": "monitor", "object": "exc", "variables": ["v"]})
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

    @property
    def description(self):
        return Description(
            "network", self.facts["backend"], self.facts["dt_ms"], self.state.step,
            int(self.state["network/seed"][()]), tuple(self.objects), self.models(self.objects), ("callback",),
        )  # fmt: skip

    def describe(self, kind, path):
        mine = tuple(facts for facts in self.objects if facts["path"] == path)
        whole = self.description
        return Description(kind, whole.backend, whole.dt_ms, whole.step, whole.seed, mine, self.models(mine))

    def models(self, objects):
        model = {"kind": "neuron", "blocks": {"equations": "dv/dt = -v"}, "constants": []}
        return {facts["model"]: model for facts in objects if "model" in facts}

    def values(self):
        """All bytes, by path."""
        return {leaf.slot.path: (leaf.slot.shape, b"".join(piece.tobytes() for piece in leaf.pieces))
                for leaf in self.state.leaves()}  # fmt: skip
