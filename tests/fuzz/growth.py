"""Random operations on networks whose synapses come and go: in C with 1 and 3 threads, and in NumPy alone.

``difference(seed, folder)`` says what differed, or nothing. What is done follows from the seed and from the synapses
that there are, which are the same everywhere as long as nothing differs.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any
from unittest import mock

import engram as eg
from engram.errors import EngramError
from engram.wiring import native

__all__ = ["difference"]

WHERE = (("c", 1), ("c", 3), ("numpy", 1))
N_OPERATIONS = 25
RULES = {"pruning": "w < 0.5 : proba=0.3", "creating": "post.s > 0.3 : proba=0.04, w=0.4"}
RATE = eg.Neuron("b = 0.1", "s = b + 0.5*Uniform(0.0, 1.0)\nr = s + 0.125*sum(exc)")
SPIKING = eg.Neuron(
    parameters="I = 0.5",
    equations="s = Uniform(0.0, 1.0)\nv = v + I*s + 0.05*g_exc\ndg_exc/dt = -g_exc/4.0",
    spike="v > 1.0",
    reset="v = 0.0",
)
LATE = {"creating": "pre.s*post.s < 0.2 and pre.s > 0.1 : proba=0.2, w=0.3, d=4.0", "pruning": "age > 3.0 : proba=0.1"}
TRACED = {
    "parameters": "c = Uniform(1.0, 2.0)\nlow = 0.5 : projection",
    "equations": "dx/dt = -x/8.0 : event-driven\nage = age + 1.0",
    "pre_spike": "g_target += w\nx += c",
    "post_spike": "w += 0.01*x",
    "creating": RULES["creating"],
    "pruning": "w < low and post.v < 0.9 : proba=0.5",
}
KINDS: dict[str, tuple[eg.Neuron, Any]] = {
    "rates": (RATE, eg.Synapse(**RULES)),
    "rates that learn": (RATE, eg.Synapse(equations="age = age + 1.0\nw = w + 0.125*pre.r*post.r : max=2.0", **LATE)),
    "spikes, packed": (SPIKING, None),
    "spikes": (SPIKING, eg.Synapse(**RULES)),
    "spikes that learn": (SPIKING, eg.Synapse(**TRACED)),
}
DELAYS = (1.0, 3.0, eg.DiscreteUniform(1, 5))


def _network(rng: random.Random, backend: str, threads: int) -> eg.Network:
    neuron, synapse = KINDS[rng.choice(list(KINDS))]
    net = eg.Network(dt=1.0, seed=rng.randrange(100))
    net.config(num_threads=threads, dtype=rng.choice((eg.float64, eg.float64, eg.float32)))
    a = net.create(9, neuron, name="a")
    b = rng.choice((a, net.create(7, neuron, name="b")))
    pre, post = rng.choice((a, a[1:8])), rng.choice((b, b[2:]))
    proj = net.connect(pre, post, "exc", synapse, name="p")
    weights = rng.choice((0.25, eg.Uniform(0.0, 1.0)))
    proj.fixed_probability(0.4, weights=weights, delays=rng.choice(DELAYS))
    with _wiring_of(backend):
        net.compile(backend=backend)
    return net


def _wiring_of(backend: str) -> AbstractContextManager[Any]:
    """Let synapses be worked on in C, or in NumPy where the interpreter runs."""
    return nullcontext() if backend == "c" else mock.patch.object(native, "library", return_value=None)


# -- operations: each chooses by what one network has, and returns what is done to all ---------------------

Done = Callable[[eg.Network], Any]  # returns what was read, if anything was


def _proj(net: eg.Network) -> eg.Projection:
    return net.get_projection("p")


def _simulate(net: eg.Network, rng: random.Random) -> Done:
    ms = float(rng.randint(1, 5))
    return lambda net: net.simulate(ms)


def _start(net: eg.Network, rng: random.Random) -> Done:
    names, period = rng.sample(("pruning", "creating"), rng.randint(1, 2)), rng.choice((None, 2.0, 3.0))
    begin = rng.random() < 0.8

    def done(net: eg.Network) -> None:
        for name in names:
            getattr(_proj(net), f"{'start' if begin else 'stop'}_{name}")(*[period] * begin)

    return done


def _missing(net: eg.Network, rng: random.Random) -> tuple[int, list[int]]:
    """Return a neuron, and some that have no synapse to it."""
    proj = _proj(net)
    post = rng.choice([int(rank) for rank in getattr(proj.post, "ranks", range(proj.post.size))])
    has = set(proj.dendrite(post).pre_ranks) if post in proj.post_ranks else set()
    free = [int(rank) for rank in getattr(proj.pre, "ranks", range(proj.pre.size)) if rank not in has]
    return post, rng.sample(free, min(len(free), rng.randint(1, 3)))


def _create(net: eg.Network, rng: random.Random) -> Done:
    post, pre = _missing(net, rng)
    w, delay = rng.choice((0.25, rng.random())), float(rng.choice((1, 1, 3, rng.randint(1, 7))))
    if post not in _proj(net).post_ranks:
        return lambda net: _proj(net).create_synapse(pre[0], post, w, delay)
    return lambda net: _proj(net).dendrite(post).create_synapses(pre, w, delay)


def _prune(net: eg.Network, rng: random.Random) -> Done:
    proj = _proj(net)
    post = rng.choice(proj.post_ranks or [0])  # with none it is refused
    has = proj.dendrite(post).pre_ranks if proj.post_ranks else [0]
    pre = rng.sample(has, rng.randint(1, min(3, len(has))))
    return lambda net: _proj(net).dendrite(post).prune_synapses(pre)


def _many(net: eg.Network, rng: random.Random) -> Done:
    """Make or take away synapses of several neurons at once."""
    proj = _proj(net)
    pre, post = ([int(rank) for rank in getattr(side, "ranks", range(side.size))] for side in (proj.pre, proj.post))
    has = {(i, j) for j in proj.post_ranks for i in proj.dendrite(j).pre_ranks}
    goes = rng.random() < 0.5
    some = sorted(has) if goes else [(i, j) for i in pre for j in post if (i, j) not in has]
    ranks = [*zip(*rng.sample(some, min(len(some), 6)), strict=True)] or [(), ()]
    if goes:
        return lambda net: _proj(net).prune_synapses(*map(list, ranks))
    w, delay = rng.random(), float(rng.randint(1, 4))
    return lambda net: _proj(net).create_synapses(*map(list, ranks), w, delay)


def _singles(net: eg.Network, rng: random.Random) -> Done:
    """Make and take away synapses one by one, which may wait, with wrong ones among them; then read something."""
    proj = _proj(net)
    sides = [[int(rank) for rank in getattr(side, "ranks", range(side.size))] for side in (proj.pre, proj.post)]
    has = {(i, j) for j in proj.post_ranks for i in proj.dendrite(j).pre_ranks}
    todo: list[tuple[bool, int, int, float, float]] = []
    for _ in range(rng.randint(2, 12)):
        pair = (rng.choice(sides[0]), rng.choice(sides[1]))
        if has and rng.random() < 0.4:
            pair = rng.choice(sorted(has))
        goes = pair in has if rng.random() < 0.9 else pair not in has  # else it is wrong
        if goes == (pair in has):
            has = has - {pair} if goes else has | {pair}
        todo.append((goes, *pair, rng.choice((0.25, rng.random())), float(rng.choice((1, 1, 1, 3, 4)))))
    read = rng.choice(READERS)

    def done(net: eg.Network) -> str:
        proj, told = _proj(net), []
        for goes, i, j, w, delay in todo:
            try:
                if goes and (i + j) % 2:
                    proj.prune_synapse(i, j)
                elif goes:
                    proj.dendrite(j).prune_synapse(i)
                else:
                    proj.create_synapse(i, j, w, delay)
            except EngramError as error:
                told.append(str(error))
            if net._core.config.num_threads == 3:  # nothing waits there
                net.get_current_step()
        return f"{told} {read(net)}"

    return done


READERS: tuple[Callable[[eg.Network], Any], ...] = (
    lambda net: _proj(net).nb_synapses,
    lambda net: [_proj(net).w, _proj(net).delay, _proj(net).pre_ranks],
    lambda net: [(each.size, each.pre_ranks, each.w) for each in _proj(net).dendrites],
    lambda net: _proj(net).connectivity_matrix().tolist(),
    lambda net: _proj(net).receptive_fields().tolist(),
    lambda net: net.simulate(2.0),
    lambda net: setattr(_proj(net), "w", 0.5),
    lambda net: setattr(_proj(net), "delay", 2.0),
    lambda net: net.copy().digest() and "",
    lambda net: net.reset(),
    lambda net: None,
)


def _set(net: eg.Network, rng: random.Random) -> Done:
    if rng.random() < 0.3 and _proj(net).post_ranks:
        post, w = rng.choice(_proj(net).post_ranks), rng.random()
        return lambda net: _proj(net).dendrite(post).set({"w": w})
    w = rng.choice((rng.random(), [[rng.random() for _ in row] for row in _proj(net).pre_ranks]))
    return lambda net: _proj(net).set({"w": w})


def _delay(net: eg.Network, rng: random.Random) -> Done:
    each = [[float(rng.randint(1, 6)) for _ in row] for row in _proj(net).pre_ranks]
    delay = rng.choice((float(rng.randint(1, 6)), each, eg.DiscreteUniform(1, 4)))
    return lambda net: setattr(_proj(net), "delay", delay)


def _reset(net: eg.Network, rng: random.Random) -> Done:
    synapses = rng.random() < 0.4
    return lambda net: net.reset(synapses=synapses)


def _switch(net: eg.Network, rng: random.Random) -> Done:
    name, on = rng.choice(("transmission", "update", "plasticity")), rng.random() < 0.6
    return lambda net: setattr(_proj(net), name, on)


def _record(net: eg.Network, rng: random.Random) -> Done:
    """Begin to record, or read what was recorded."""
    known, period = sorted(one.name for one in net.get_monitors()), float(rng.randint(1, 3))
    if known and (len(known) > 2 or rng.random() < 0.6):
        name, keep = rng.choice(known), rng.random() < 0.5
        return lambda net: str(net.get_monitor(name).receptive_fields("w", keep=keep).tolist())
    post = rng.choice([None, *_proj(net).post_ranks])

    def done(net: eg.Network) -> None:
        net.monitor(_proj(net) if post is None else _proj(net).dendrite(post), "w", period=period)

    return done


def _wrong(net: eg.Network, rng: random.Random) -> Done:
    """What is refused, and changes nothing."""
    post = rng.choice(_proj(net).post_ranks or [0])
    free, has = _missing(net, rng), _proj(net).dendrite(post).pre_ranks if _proj(net).post_ranks else [0]
    wrong: list[Done] = [
        lambda net: _proj(net).dendrite(post).create_synapses([*has[:1], *free[1]], 0.5),
        lambda net: _proj(net).dendrite(free[0]).prune_synapses([*has[:1], *free[1], 99]),
        lambda net: _proj(net).create_synapse(99, post),
        lambda net: _proj(net).create_synapse(0, post, 0.5, -1.0),
        lambda net: setattr(_proj(net), "delay", -1.0),
    ]
    return rng.choice(wrong)


OPERATIONS: tuple[tuple[int, Callable[[eg.Network, random.Random], Done]], ...] = (
    *(
        (8, _simulate),
        (3, _start),
        (3, _create),
        (3, _prune),
        (2, _many),
        (4, _singles),
        (2, _set),
        (2, _delay),
        (1, _reset),
        (1, _switch),
        (3, _record),
    ),
    (2, _wrong),
)


# -- all three at once -------------------------------------------------------------------------------------


def _keep(nets: list[eg.Network], rng: random.Random, folder: Path, kept: list[Any]) -> list[eg.Network]:
    """Save, load, open, copy, or go back to a snapshot; one network may read the file of another."""
    kind = rng.choice(("snapshot", "restore", "restore", "load", "opened", "copy"))
    if kind == "snapshot" or (kind == "restore" and not kept):
        kept[:] = [[net.snapshot() for net in nets]]
    elif kind == "restore":
        for net, snapshot in zip(nets, kept[0], strict=True):
            net.restore(snapshot)
    elif kind == "copy":
        return [net.copy() for net in nets]
    else:
        file = folder / f"growing{rng.choice(('.npz', '.engram', '.mat', '.gz', '.h5', '.data'))}"
        nets[rng.randrange(2)].save(file)  # by C: a file of the interpreter may be no exact one to it
        for net in nets[:2] if kind == "load" else ():
            net.simulate(2.0)
            net.load(file)
        if kind == "opened":
            return [eg.open(file, num_threads=1), eg.open(file, num_threads=3), nets[2]]
    return nets


def difference(seed: int, folder: Path) -> str:
    """Return what differed between backends and numbers of threads; nothing if all was the same."""
    nets = [_network(random.Random(seed), *where) for where in WHERE]
    rng, kept, last = random.Random(-1 - seed), [], "compile"
    anew = random.Random(1_000_000 + seed)
    for number in range(N_OPERATIONS):
        if anew.random() < 0.3:  # what follows from values is then made from nothing in one of them
            nets[1] = nets[1].copy()
        digests = [net.digest() for net in nets]
        if len(set(digests)) > 1:
            return f"seed {seed}: after {last} (operation {number}) the digests are {digests}"
        if rng.random() < 0.15:
            nets, last = _keep(nets, rng, folder, kept), "_keep"
            continue
        (choose,) = rng.choices([one for _, one in OPERATIONS], [times for times, _ in OPERATIONS])
        last, done = choose.__name__, choose(nets[0], rng)
        if choose is _record:
            kept.clear()  # a snapshot has no record of a new monitor
        outcomes = [_done(net, done, backend) for net, (backend, _) in zip(nets, WHERE, strict=True)]
        refused, told = ([*some] for some in zip(*outcomes, strict=True))
        if len(set(told)) > 1:
            return f"seed {seed}: {last} (operation {number}) gave {told}"
        if len(set(refused)) > 1 or (last == "_wrong" and not refused[0]):
            return f"seed {seed}: {last} (operation {number}) was refused so: {refused}"
        if refused[0] and [net.digest() for net in nets] != digests:
            return f"seed {seed}: {last} (operation {number}) was refused, and changed something: {refused[0]}"
    return ""


def _done(net: eg.Network, done: Done, backend: str) -> tuple[str, str]:
    """Do something, and return why it was refused, or what was read."""
    with _wiring_of(backend):
        try:
            return "", repr(done(net))
        except EngramError as error:
            return str(error), ""
