"""Spiking neurons and the events of their synapses: sections 2, 3.5, 5, 6.2, 7."""

from tests.reference.recording import Recording, reference, spiker, weights


@reference("5: refractoriness by number, parameter and variable; g_ and global variables go on", dt=0.5, steps=120)
def network_refractory(sim, net):
    rec = Recording()
    trains = net.create(2, spiker(sim), name="trains")
    trains.period = [3, 7]
    for name, refractory in (("number", 1.7), ("parameter", "t_dead"), ("variable", "pause"), ("none", None)):
        neuron = sim.Neuron(
            parameters="t_dead = 2.0\ntau = 5.0 : population\nI = 1.0",
            equations="""
                age = age + 1.0 : population
                pause = 0.1*age + 0.25
                tau*dv/dt = I - v + g_exc : exponential
                tau*dg_exc/dt = -g_exc : exponential
            """,
            spike="v > 0.8",
            reset="v = 0.0",
            refractory=refractory,
        )
        pop = net.create(3, neuron, name=name)
        pop.I = [0.9, 1.2, 2.0]
        pop.t_dead = [0.9, 2.0, 3.6]
        net.connect(trains, pop, "exc").all_to_all(weights=0.3)
        rec.watch(net, name, pop, "spike", "v", "g_exc", "age", "pause")
    return rec


@reference("5: a reset of several statements, conditions in it, t_last, a number as the spike condition")
def network_reset(sim, net):
    rec = Recording()
    neuron = sim.Neuron(
        parameters="I = 1.0\ntop = 8.0 : population",
        equations="""
            dv/dt = I - 0.05*v + 0.1*u : init = 1.0
            du/dt = -0.1*u
            since = t - t_last
            n = n : int
        """,
        spike="(v > top) and (u < 20.0)",
        reset="""
            u += 2.0
            v = ite(u > 5.0, -u, 0.5*u)
            n += 1
            u *= 0.9
            u -= 0.01*n
        """,
    )
    counted = sim.Neuron(equations="x = x + 1.0", spike="modulo(t, 3)", reset="x = 0.5*x")
    pop, other = net.create(3, neuron, name="pop"), net.create(1, counted, name="counted")
    pop.I = [0.8, 1.7, 3.1]
    rec.watch(net, "pop", pop, "spike", "v", "u", "since", "n")
    rec.watch(net, "counted", other, "spike", "x")
    return rec


@reference("2.3, 5: instantaneous, exponential and alpha-shaped g; g recorded after arrival, before decay", dt=0.5)
def network_g_dynamics(sim, net):
    rec = Recording()
    neuron = sim.Neuron(
        parameters="tau = 4.0 : population",
        equations="""
            tau*dg_exc/dt = -g_exc : exponential
            dg_nmda/dt = -g_nmda/10.0
            tau*dg_alpha/dt = -g_alpha : exponential
            tau*dalpha/dt + alpha = g_alpha : exponential
            I = g_exc + 2.0*g_inst - 0.5*g_nmda + alpha
            dv/dt = (I - v)/8.0
        """,
        spike="v > 0.6",
        reset="v = 0.0",
    )
    trains, pop = net.create(4, spiker(sim), name="trains"), net.create(3, neuron, name="pop")
    trains.period = [4, 6, 9, 11]
    trains.second = [1000, 7, 1000, 5]
    projections = []
    for target in ("exc", "inst", "nmda", "alpha", "unread"):
        proj = net.connect(trains, pop, target).all_to_all(weights=0.2, force_multiple_weights=True)
        projections.append(proj)
    rec.watch(net, "trains", trains, "spike")
    rec.watch(net, "pop", pop, "spike", "g_exc", "g_inst", "g_nmda", "g_alpha", "alpha", "I", "v")

    def compiled():
        for k, proj in enumerate(projections):
            proj.w = weights(3, 4, 0.02 * k, 0.3 + 0.05 * k)

    rec.compiled = compiled
    return rec


@reference("7: uniform delays of spiking projections, several of them on one target", dt=0.5, steps=80)
def network_spiking_delays(sim, net):
    rec = Recording()
    neuron = sim.Neuron(equations="seen = g_a\nfaded = 0.9*faded + g_b", spike="seen > 100.0")
    trains, pop = net.create(3, spiker(sim), name="trains"), net.create(2, neuron, name="pop")
    trains.period = [5, 8, 13]
    trains.phase = [0, 3, -2]
    projections = []
    for target, delay in (("a", 0.0), ("a", 0.76), ("a", 1.25), ("a", 10.0), ("b", 0.5), ("b", 3.5)):
        proj = net.connect(trains, pop, target).all_to_all(weights=0.2, delays=delay, force_multiple_weights=True)
        projections.append(proj)
        rec.sample(f"proj{len(projections)}", proj, "delay")
    rec.watch(net, "pop", pop, "seen", "faded", "g_a", "g_b")

    def compiled():
        for k, proj in enumerate(projections):
            proj.w = weights(2, 3, 2.0**k, 2.0**k + 0.5)

    rec.compiled = compiled
    return rec


@reference("7: non-uniform delays of spiking projections, set as lists")
def network_spiking_delays_nonuniform(sim, net):
    rec = Recording()
    neuron = sim.Neuron(equations="seen = g_exc", spike="seen > 100.0")
    trains, pop = net.create(3, spiker(sim), name="trains"), net.create(2, neuron, name="pop")
    trains.period = [5, 8, 13]
    proj = net.connect(trains, pop, "exc")
    proj.all_to_all(weights=0.5, delays=sim.Uniform(1.0, 9.0), force_multiple_weights=True)
    rec.watch(net, "pop", pop, "seen", "g_exc")

    def compiled():
        proj.delay = [[1.0, 4.0, 9.0], [2.0, 2.0, 7.0]]
        proj.w = weights(2, 3)

    rec.compiled = compiled
    return rec


@reference("3.5, 6.1: compute_firing_rate; r of spiking neurons read by synapses", dt=0.5, steps=160)
def network_firing_rate(sim, net):
    rec = Recording()
    trains = net.create(3, spiker(sim), name="trains")
    trains.period = [4, 10, 30]
    trains.second = [1000, 7, 1000]
    synapse = sim.Synapse(
        parameters="tau = 40.0 : projection",
        equations="tau*dw/dt = 0.01*pre.r - w : min = 0.0, exponential",
    )
    neuron = sim.Neuron(equations="dv/dt = (g_exc - v)/6.0", spike="v > 0.15", reset="v = 0.0")
    pop = net.create(2, neuron, name="pop")
    proj = net.connect(trains, pop, "exc", synapse).all_to_all(weights=0.5)
    trains.compute_firing_rate(window=20.0)
    pop.compute_firing_rate(window=7.5)
    rec.watch(net, "trains", trains, "r")
    rec.watch(net, "pop", pop, "spike", "v", "r")
    rec.sample("proj", proj, "w")
    return rec


@reference("5: the refractory period of a population, set before compile", dt=0.5, steps=60)
def network_refractory_set(sim, net):
    rec = Recording()
    neuron = sim.Neuron(
        parameters="I = 1.0", equations="dv/dt = 0.5*(I - v)", spike="v > 0.7", reset="v = 0.1", refractory=2.0
    )
    pop, other = net.create(2, neuron, name="pop"), net.create(2, neuron, name="other")
    pop.I = [1.1, 1.9]
    pop.refractory = 5.0
    rec.watch(net, "pop", pop, "spike", "v")
    rec.watch(net, "other", other, "spike", "v")
    return rec
