"""Spiking synapses: sections 6.2, 6.3, 6.4 and the plastic synapses of 13.

Networks whose event-driven variables meet two events on the presynaptic side are in ``differences.py``.
"""

from tests.reference.recording import Recording, reference, spiker, weights


def _passive(sim):
    return sim.Neuron(
        parameters="tau = 6.0 : population",
        equations="tau*dv/dt = g_exc - v\ntau*dg_exc/dt = -g_exc : exponential",
        spike="v > 0.25",
        reset="v = 0.0",
    )


def _trains(sim, net, periods=(4, 7, 9), phases=(0, 2, 1), name="trains"):
    pop = net.create(len(periods), spiker(sim), name=name)
    pop.period = list(periods)
    pop.phase = list(phases)
    return pop


@reference("6.2: = += -= *= and clamps on g, g_target before the rest, undeclared variables, conditionals")
def network_pre_spike(sim, net):
    rec = Recording()
    texts = {
        "adds": "g_target += w",
        "subtracts": "g_target -= 0.5*w : min = -0.3",
        "multiplies": "g_target *= 1.0 + w : max = 5.0",
        "sets": "g_target = w",
        "several": "w = 0.9*w + 0.01 ; g_target += w*w ; n += 1.0 : init = 2.0 ; last = t",
        "decides": "g_target += if w > 0.4: 2.0*w else: 0.1",
        "limits": "g_target += w : max = 0.7\nw -= 0.05 : min = 0.2",
        "counts": "n += 1.0 ; w = w/(1.0 + 0.01*n)",
    }
    trains = _trains(sim, net)
    neuron = sim.Neuron(equations="dg_exc/dt = -0.1*g_exc : init = 0.05\nx = g_exc", spike="x > 1000.0")
    projections = []
    for name, text in texts.items():
        pop = net.create(2, neuron, name=name)
        proj = net.connect(trains, pop, "exc", sim.Synapse(pre_spike=text))
        projections.append(proj.all_to_all(weights=0.3, force_multiple_weights=True))
        rec.watch(net, name, pop, "x", "g_exc")
        rec.sample(name, proj, "w", *{"several": ("n", "last"), "counts": ("n",)}.get(name, ()))

    def compiled():
        for proj in projections:
            proj.w = weights(2, 3)

    rec.compiled = compiled
    return rec


@reference("6.2, 6.3: pre_spike and post_spike without event-driven variables, w clamped; order within a step")
def network_post_spike(sim, net):
    rec = Recording()
    synapse = sim.Synapse(
        parameters="up = 0.02 : projection\ndown = 0.005",
        pre_spike="g_target += w ; seen += 1.0 ; w -= down*seen : min = 0.0",
        post_spike="hits += 1.0 ; w += up*(1.0 + seen) : max = 1.0 ; seen *= 0.5",
    )
    trains, pop = _trains(sim, net), net.create(2, _passive(sim), name="pop")
    proj = net.connect(trains, pop, "exc", synapse).all_to_all(weights=0.4, delays=2.0)
    rec.watch(net, "pop", pop, "spike", "v", "g_exc")
    rec.sample("proj", proj, "w", "seen", "hits")
    rec.compiled = lambda: setattr(proj, "w", weights(2, 3))
    return rec


@reference("3.5, 6.3: t_pre and t_post, with and without delays", dt=0.5, steps=120)
def network_spike_times(sim, net):
    rec = Recording()
    synapse = sim.Synapse(
        parameters="tau = 10.0 : projection",
        pre_spike="g_target += w ; a = t - t_pre ; b = exp((t_post - t)/tau) ; w -= 0.02*b : min = 0.0",
        post_spike="c = t - t_post ; d = exp((t_pre - t)/tau) ; w += 0.03*d : max = 1.0",
    )
    trains = _trains(sim, net)
    for name, delay in (("now", 0.0), ("late", 2.5)):
        pop = net.create(2, _passive(sim), name=name)
        proj = net.connect(trains, pop, "exc", synapse).all_to_all(weights=0.5, delays=delay)
        rec.watch(net, name, pop, "spike", "v")
        rec.sample(f"{name}_proj", proj, "w", "a", "b", "c", "d")
    return rec


@reference("6.1-6.3: continuous equations of spiking synapses, semi-global and global, with events on top", dt=0.5)
def network_continuous_equations(sim, net):
    rec = Recording()
    synapse = sim.Synapse(
        parameters="tau = 8.0 : projection\neta = 0.02",
        equations="""
            steps = steps + 1 : projection, int
            tau*dmean_v/dt + mean_v = post.v : postsynaptic, exponential
            tau*dx/dt + x = 0.0 : exponential
            dy/dt = -y/tau + 0.1*post.v
            w += eta*x*(post.v - mean_v) : min = 0.0, max = 1.0
        """,
        pre_spike="g_target += w ; x += 1.0",
        post_spike="y += 1.0 ; w -= 0.01*y",
    )
    trains, pop = _trains(sim, net), net.create(2, _passive(sim), name="pop")
    proj = net.connect(trains, pop, "exc", synapse).all_to_all(weights=0.4)
    rec.watch(net, "pop", pop, "spike", "v", "g_exc")
    rec.sample("proj", proj, "steps", "mean_v", "x", "y", "w")
    return rec


@reference("6.2: continuous transmission by psp: gap junctions within and between populations", dt=0.5, steps=100)
def network_gap_junctions(sim, net):
    rec = Recording()
    neuron = sim.Neuron(
        parameters="I = 1.0",
        equations="dv/dt = 0.2*(I - v) + g_gap + g_exc",
        spike="v > 1.5",
        reset="v = -0.5",
    )
    gap = sim.Synapse(psp="w*(pre.v - post.v)")
    first, second = net.create(3, neuron, name="first"), net.create(2, neuron, name="second")
    first.I = [1.0, 1.8, 3.0]
    second.I = [0.0, 2.0]
    inside = net.connect(first, first, "gap", gap).all_to_all(weights=0.05, force_multiple_weights=True)
    net.connect(first, second, "gap", gap).all_to_all(weights=0.08)
    net.connect(first, second, "exc").all_to_all(weights=0.1)
    rec.watch(net, "first", first, "spike", "v", "g_gap")
    rec.watch(net, "second", second, "spike", "v", "g_gap", "g_exc")
    rec.compiled = lambda: setattr(inside, "w", [[0.02, 0.05], [0.01, 0.07], [0.03, 0.04]])
    return rec


@reference("6.3: event-driven variables, one presynaptic spike per synapse, then postsynaptic ones", steps=80)
def network_event_driven(sim, net):
    rec = Recording()
    synapse = sim.Synapse(
        parameters="tau = 15.0 : projection\ntau_post = 8.0",
        equations="""
            tau*dx/dt = -x : event-driven
            tau_post*dy/dt = 0.2 - y : event-driven, init = 0.5
        """,
        pre_spike="g_target += w ; x += 1.0",
        post_spike="y += 0.3 ; w += 0.05*x*y",
    )
    trains = _trains(sim, net, periods=(1000, 1000, 1000), phases=(0, -1, -3))
    pop = _trains(sim, net, periods=(7, 9), phases=(1, 4), name="pop")
    proj = net.connect(trains, pop, "exc", synapse).all_to_all(weights=0.4)
    rec.watch(net, "pop", pop, "spike")
    rec.sample("proj", proj, "w")
    return rec


@reference("6.4: plasticity, transmission, enable_learning and disable_learning of spiking synapses", steps=80)
def network_learning_flags_spiking(sim, net):
    rec = Recording()
    synapse = sim.Synapse(
        equations="dx/dt = -x/10.0",
        pre_spike="g_target += w ; x += 1.0 ; w -= 0.004",
        post_spike="w += 0.01*x",
    )
    trains = _trains(sim, net)
    projections = []
    for name in ("disabled", "rigid", "silent", "frozen"):
        pop = net.create(2, _passive(sim), name=name)
        projections.append(net.connect(trains, pop, "exc", synapse).all_to_all(weights=0.5))
        rec.watch(net, name, pop, "spike", "v")
        rec.sample(name, projections[-1], "w", "x")
    disabled, rigid, silent, frozen = projections

    def switch(on):
        (disabled.enable_learning if on else disabled.disable_learning)()
        rigid.plasticity = on
        silent.transmission = on
        frozen.update = on

    rec.before = {20: lambda: switch(False), 50: lambda: switch(True)}
    return rec


@reference("6.2: a projection with a list of targets")
def network_target_list(sim, net):
    rec = Recording()
    neuron = sim.Neuron(
        equations="""
            dg_fast/dt = -g_fast/2.0 : exponential
            dg_slow/dt = -g_slow/9.0 : exponential
            v = g_fast - 0.5*g_slow
        """,
        spike="v > 100.0",
    )
    trains, pop = _trains(sim, net), net.create(2, neuron, name="pop")
    synapse = sim.Synapse(pre_spike="g_target += w ; w *= 0.98")
    proj = net.connect(trains, pop, ["fast", "slow"], synapse).all_to_all(weights=0.4)
    rec.watch(net, "pop", pop, "v", "g_fast", "g_slow")
    rec.sample("proj", proj, "w")
    rec.compiled = lambda: setattr(proj, "w", weights(2, 3))
    return rec


@reference("3.5, 6.2: events and equations that read pre.x, post.x and global operations", dt=0.5)
def network_events_read_neurons(sim, net):
    rec = Recording()
    neuron = sim.Neuron(
        parameters="tau = 6.0 : population\nI = 1.0",
        equations="tau*dv/dt = g_exc - v + I\ntau*dg_exc/dt = -g_exc : exponential\ndx/dt = -x/20.0",
        spike="v > 0.8",
        reset="v = 0.0 ; x += 1.0",
    )
    synapse = sim.Synapse(
        parameters="eta = 0.02 : projection",
        equations="spread = max(post.v) - mean(pre.x)\ndw/dt = 0.001*spread*post.x",
        pre_spike="g_target += w*pre.x/(1.0 + post.v*post.v) ; w -= eta*post.x : min = 0.0",
        post_spike="w += eta*pre.x : max = 1.0",
    )
    pre, post = net.create(3, neuron, name="pre"), net.create(2, neuron, name="post")
    pre.I = [1.0, 1.3, 2.2]
    post.I = [0.4, 0.9]
    proj = net.connect(pre, post, "exc", synapse).all_to_all(weights=0.3)
    rec.watch(net, "pre", pre, "spike")
    rec.watch(net, "post", post, "spike", "v", "x", "g_exc")
    rec.sample("proj", proj, "w", "spread")
    return rec


@reference("3.3: the clamp of an equation does not hold for a reset or an event; that of an event only for itself")
def network_clamps(sim, net):
    rec = Recording()
    neuron = sim.Neuron(
        parameters="I = 1.0",
        equations="dv/dt = 0.1*(I - v) + 0.2*g_exc : min = 0.0, max = 0.9\ndu/dt = -0.1*u : max = 1.0",
        spike="v > 0.5",
        reset="v = -0.4 ; u += 0.8",
    )
    synapse = sim.Synapse(
        equations="dw/dt = 0.01*(1.0 - w) : min = 0.1, max = 0.6",
        pre_spike="g_target += w ; w -= 0.3 ; n += 1.0 : max = 3.0",
        post_spike="w += 0.4 ; n += 5.0",
    )
    trains, pop = _trains(sim, net), net.create(2, neuron, name="pop")
    pop.I = [0.6, 2.0]
    proj = net.connect(trains, pop, "exc", synapse).all_to_all(weights=0.4)
    rec.watch(net, "pop", pop, "spike", "v", "u")
    rec.sample("proj", proj, "w", "n")
    return rec
