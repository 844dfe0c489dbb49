"""The built-in neurons of section 13, each driven by currents and by spikes.

Where engram's go as published, a switch lets them go as ANNarchy's, which knows no such argument.
"""

from tests.reference.recording import Recording, reference, spiker


def _as_annarchy(sim, name, switch, **settings):
    """A ready-made neuron of either simulator that does what ANNarchy's does."""
    return getattr(sim.models, name)(**settings, **({switch: "annarchy"} if sim.__name__ == "engram" else {}))


def _driven(sim, net, neurons, variables, exc=0.1, inh=0.05, currents=None):
    """Three neurons of each model with three currents, each excited and inhibited by the same spike trains."""
    rec = Recording()
    trains = net.create(4, spiker(sim), name="trains")
    trains.period = [30, 47, 71, 64]
    trains.second = [1000, 83, 1000, 111]
    exciting, inhibiting = trains, net.create(2, spiker(sim), name="inhibiting")
    inhibiting.period = [53, 99]
    for name, (neuron, current) in neurons.items():
        pop = net.create(3, neuron, name=name)
        if current is not None:
            pop.i_offset = current
        net.connect(exciting, pop, "exc").all_to_all(weights=exc)
        net.connect(inhibiting, pop, "inh").all_to_all(weights=inh)
        rec.watch(net, name, pop, "spike", *variables[name])
    return rec


@reference("13: LeakyIntegrator, with a threshold and a sum of its own", dt=0.5)
def network_leaky_integrator(sim, net):
    rec = Recording()
    types = {
        "plain": sim.models.LeakyIntegrator(tau=8.0, B=0.3, T=0.1),
        "own": sim.models.LeakyIntegrator(tau=20.0, sum="2.0*sum(exc) - 0.5"),
    }
    sine = sim.Neuron(equations="r = 1.0 + sin(0.2*t)")
    driver = net.create(2, sine, name="driver")
    for name, neuron in types.items():
        pop = net.create(2, neuron, name=name)
        pop.B = [0.3, -0.4]
        net.connect(driver, pop, "exc").all_to_all(weights=0.6)
        if name == "plain":
            net.connect(driver, pop, "inh").one_to_one(weights=0.9)
            net.connect(pop, pop, "inh").all_to_all(weights=0.4)
        rec.watch(net, name, pop, "v", "r")
    return rec


@reference("13: Izhikevich, with its refractory period and another conductance", dt=0.5, steps=200)
def network_izhikevich(sim, net):
    neurons = {
        "plain": (sim.models.Izhikevich(noise=0.0), [4.0, 10.0, 0.0]),
        "fast": (sim.models.Izhikevich(a=0.1, d=2.0, noise=0.0, tau_refrac=3.0), [6.0, 12.0, 20.0]),
        "own": (
            sim.models.Izhikevich(noise=0.0, c=-55.0, conductance="2.0*g_exc - 0.3*g_inh"),
            [5.0, 9.0, -3.0],
        ),
    }
    return _driven(sim, net, neurons, dict.fromkeys(neurons, ("v", "u", "g_exc", "g_inh")), exc=8.0, inh=4.0)


@reference("13: IF_curr_exp, IF_cond_exp", dt=0.1, steps=400)
def network_if_exp(sim, net):
    neurons = {
        "curr": (sim.models.IF_curr_exp(tau_refrac=2.0, tau_syn_I=8.0), [0.5, 0.9, 1.4]),
        "cond": (sim.models.IF_cond_exp(tau_refrac=1.0, v_reset=-60.0), [0.0, 0.7, 1.4]),
    }
    return _driven(sim, net, neurons, dict.fromkeys(neurons, ("v", "g_exc", "g_inh")), exc=0.2, inh=0.1)


@reference("13: IF_curr_alpha, IF_cond_alpha", dt=0.1, steps=400)
def network_if_alpha(sim, net):
    neurons = {
        "curr": (_as_annarchy(sim, "IF_curr_alpha", "refractoriness", tau_refrac=2.0, tau_syn_I=8.0), [0.5, 0.9, 1.4]),
        "cond": (_as_annarchy(sim, "IF_cond_alpha", "refractoriness", tau_refrac=1.0, v_reset=-60.0), [0.0, 0.7, 1.4]),
    }
    variables = dict.fromkeys(neurons, ("v", "g_exc", "g_inh", "alpha_exc", "alpha_inh"))
    return _driven(sim, net, neurons, variables, exc=0.15, inh=0.1)


@reference("13: EIF_cond_exp_isfa_ista, EIF_cond_alpha_isfa_ista", dt=0.1, steps=400)
def network_eif(sim, net):
    neurons = {
        "exp": (_as_annarchy(sim, "EIF_cond_exp_isfa_ista", "refractoriness"), [0.3, 0.8, 1.5]),
        "alpha": (_as_annarchy(sim, "EIF_cond_alpha_isfa_ista", "refractoriness", tau_refrac=1.0), [0.3, 0.8, 1.5]),
    }
    variables = {"exp": ("v", "w", "g_exc", "g_inh"), "alpha": ("v", "w", "g_exc", "g_inh", "alpha_exc", "alpha_inh")}
    return _driven(sim, net, neurons, variables, exc=0.02, inh=0.01)


@reference("13: HH_cond_exp", dt=0.01, steps=2000)
def network_hh(sim, net):
    neurons = {"hh": (_as_annarchy(sim, "HH_cond_exp", "rates"), [0.0, 0.5, 1.0])}
    return _driven(sim, net, neurons, {"hh": ("v", "n", "m", "h", "g_exc", "g_inh")}, exc=0.05, inh=0.02)


@reference("13: GIF_curr, GIF_curr_exp with an escape rate that is a step, so that no draw matters", steps=150)
def network_gif(sim, net):
    neurons = {
        "plain": (
            _as_annarchy(sim, "GIF_curr", "refractoriness", delta_u=0.001, I_ext=450.0, refractory_period=3.0),
            None,
        ),
        "exp": (sim.models.GIF_curr_exp(delta_u=0.001, I_ext=400.0), None),
    }
    return _driven(sim, net, neurons, dict.fromkeys(neurons, ("u", "v")), exc=40.0, inh=15.0)
