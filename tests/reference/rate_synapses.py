"""Rate-coded synapses: sections 2, 3.5, 6.1, 6.4, 7 and the learning rules of 13."""

from tests.reference.recording import Recording, reference, set_phases, source, weights


@reference("6.1: psp, operation sum max min mean, several projections on one target")
def network_psp_operations(sim, net):
    rec = Recording()
    post_type = sim.Neuron(
        parameters="base = 1.0",
        equations="""
            a = sum(add)
            b = sum(top) + 2.0*sum(low)
            c = sum(avg)
            r = 0.1*(a + b + c)
        """,
    )
    pre, post = net.create(4, source(sim), name="pre"), net.create(3, post_type, name="post")
    set_phases(pre)
    post.base = [0.5, 1.0, 2.0]
    psps = {
        "add": ("sum", "w*pre.r*post.base"),
        "top": ("max", "w*log(1.0 + pre.r)"),
        "low": ("min", "abs(w - pre.half)"),
        "avg": ("mean", "if pre.r > 1.0: w*pre.r else: -w"),
    }
    projections = []
    for target, (operation, psp) in psps.items():
        proj = net.connect(pre, post, target, sim.Synapse(psp=psp, operation=operation))
        projections.append(proj.all_to_all(weights=0.5, force_multiple_weights=True))
    single = net.create(3, source(sim), name="single")
    net.connect(single, post, "add").one_to_one(weights=-0.25)
    net.connect(pre, post, "avg").all_to_all(weights=0.125)
    rec.watch(net, "post", post, "a", "b", "c", "r")
    rec.watch(net, "sums", post, "sum(add)", "sum(avg)")

    def compiled():
        for k, proj in enumerate(projections):
            proj.w = weights(3, 4, 0.1 * k, 1.0 + k)

    rec.compiled = compiled
    return rec


@reference("7: uniform delays of rate projections, rounded; delayed variables other than r", dt=0.5, steps=40)
def network_rate_delays(sim, net):
    rec = Recording()
    post_type = sim.Neuron(equations="r = sum(d0) + 2.0*sum(d1) + 4.0*sum(d2) + 8.0*sum(d3) + 16.0*sum(d4)")
    pre, post = net.create(3, source(sim), name="pre"), net.create(2, post_type, name="post")
    set_phases(pre)
    delays = [0.0, 0.74, 0.76, 1.25, 4.0]
    for k, delay in enumerate(delays):
        synapse = sim.Synapse(psp="w*(pre.r + pre.half)" if k % 2 else "w*pre.r")
        proj = net.connect(pre, post, f"d{k}", synapse)
        proj.all_to_all(weights=0.3, delays=delay)
        rec.sample(f"proj{k}", proj, "delay")
    rec.watch(net, "post", post, "r", *[f"sum(d{k})" for k in range(len(delays))])
    return rec


@reference("7: non-uniform delays of rate projections, set as lists")
def network_rate_delays_nonuniform(sim, net):
    rec = Recording()
    post_type = sim.Neuron(equations="r = sum(exc)")
    pre, post = net.create(3, source(sim), name="pre"), net.create(2, post_type, name="post")
    set_phases(pre)
    proj = net.connect(pre, post, "exc")
    proj.all_to_all(weights=0.5, delays=sim.Uniform(1.0, 6.0), force_multiple_weights=True)
    rec.watch(net, "post", post, "r")

    def compiled():
        proj.delay = [[1.0, 3.0, 6.0], [2.0, 2.0, 5.0]]
        proj.w = weights(2, 3)

    rec.compiled = compiled
    return rec


@reference("2.8, 7: synaptic equations see the present post.x, and pre.x of D - 1 steps ago", steps=30)
def network_delays_in_equations(sim, net):
    rec = Recording()
    clock = sim.Neuron(equations="r = t\nhalf = 0.5*t + 1.0")
    pre, post = net.create(2, clock, name="pre"), net.create(2, sim.Neuron(equations="r = sum(exc)"), name="post")
    for delay in (0.0, 1.0, 3.0):
        synapse = sim.Synapse(equations="x = pre.r + 0.1*pre.half\ny = post.r\nw = 0.01*x : max = 0.2")
        proj = net.connect(pre, post, "exc", synapse)
        proj.all_to_all(weights=0.1, delays=delay)
        rec.sample(f"delay{int(delay)}", proj, "x", "y", "w")
    rec.watch(net, "post", post, "r")
    return rec


@reference("3.2-3.5, 6.1: projection-global, semi-global and local variables; pre.sum, post.sum, global operations")
def network_rate_synapse_equations(sim, net):
    rec = Recording()
    synapse = sim.Synapse(
        parameters="""
            eta = 0.02 : projection
            tau = 8.0 : projection
            scale = 0.4 : postsynaptic
            bias = 0.1
        """,
        functions="squash(x) = x/(1.0 + abs(x))",
        equations="""
            cycles = cycles + 1 : projection, int
            drive = eta*cycles : projection, max = 0.5
            tau*dtheta/dt + theta = post.r^2 : postsynaptic, exponential
            heard = scale*post.sum(exc) - 0.1 : postsynaptic, min = 0.0, max = 1.5
            level = theta + heard : max = 2.5
            dtrace/dt = (pre.r - trace)/5.0 : semiimplicit
            fast = squash(pre.r - mean(pre.r)) + 0.1*max(post.r) - 0.2*min(pre.half)
            gate = if theta > 0.5: 1.0 else: 0.0
            back = pre.sum(back)
            dw/dt = eta*trace*fast*gate + 0.01*bias - drive*w*0.1 : min = 0.0, max = level + 0.5
        """,
        psp="w*squash(pre.r + trace)",
    )
    leaky = sim.Neuron(
        parameters="tau = 5.0 : population\nomega = 0.4",
        equations="""
            tau*dv/dt + v = sum(exc) - 0.3*sum(back) + 1.0 + sin(omega*t) : exponential
            r = pos(v)
            half = 0.5*v
        """,
    )
    pre, post = net.create(3, leaky, name="pre"), net.create(2, leaky, name="post")
    pre.omega = [0.4, 0.6, 0.75]
    post.omega = [0.3, 0.5]
    proj = net.connect(pre, post, "exc", synapse)
    proj.all_to_all(weights=0.5)
    net.connect(post, pre, "back").all_to_all(weights=0.2)
    rec.sample("proj", proj, "cycles", "drive", "theta", "heard", "level", "trace", "fast", "back", "w")
    rec.watch(net, "pre", pre, "r")
    rec.watch(net, "post", post, "r")

    def compiled():
        proj.w = weights(2, 3)
        proj.bias = [[0.1, 0.2, 0.3], [-0.1, 0.4, 0.6]]
        proj.scale = [0.4, 0.9]

    rec.compiled = compiled
    return rec


@reference("4: methods of the ODEs of rate-coded synapses", dt=0.5, steps=50)
def network_synapse_methods(sim, net):
    rec = Recording()
    pre, post = net.create(2, source(sim), name="pre"), net.create(2, sim.Neuron(equations="r = sum(exc)"), name="post")
    set_phases(pre)
    texts = {
        "several": """
            tau*da/dt + a = pre.r : explicit
            tau*db/dt + b = pre.r*post.r : exponential, init = 0.2
            tau*dc/dt + c = pre.r - w : semiimplicit
            dq/dt = 0.4*q*(1.0 - q)*pre.r : init = 0.1
        """,
        "implicit": "tau*da/dt + a = pre.r - 2.0*b : implicit\ndb/dt = 0.5*a - b : implicit",
        "midpoint": "tau*da/dt + a = pre.r - 2.0*b : midpoint\ndb/dt = 0.5*a*a - b : midpoint",
        "rk4": "tau*da/dt + a = pre.r*a*a : rk4, init = 0.3",
    }
    for name, text in texts.items():
        synapse = sim.Synapse(parameters="tau = 6.0 : projection", equations=text)
        proj = net.connect(pre, post, "exc", synapse)
        proj.all_to_all(weights=0.25)
        names = {"several": "abcq", "rk4": "a"}.get(name, "ab")
        rec.sample(name, proj, *names)
    rec.watch(net, "post", post, "r")
    return rec


@reference("13: Hebb, Oja and IBCM", steps=100)
def network_hebb_oja_ibcm(sim, net):
    rec = Recording()
    post_type = sim.models.LeakyIntegrator(tau=5.0, sum="0.3*sum(exc)")
    rules = {
        "hebb": sim.models.Hebb(eta=0.001),
        "oja": sim.models.Oja(eta=0.02, alpha=0.8),
        "ibcm": sim.models.IBCM(eta=0.005, tau=30.0),
    }
    projections = {}
    for name, rule in rules.items():
        pre = net.create(4, source(sim), name=f"{name}_pre")
        set_phases(pre)
        post = net.create(3, post_type, name=f"{name}_post")
        projections[name] = net.connect(pre, post, "exc", rule).all_to_all(weights=0.5)
        rec.sample(name, projections[name], "w", *(["theta"] if name == "ibcm" else []))
        rec.watch(net, f"{name}_post", post, "v", "r")

    def compiled():
        for proj in projections.values():
            proj.w = weights(3, 4)

    rec.compiled = compiled
    return rec


@reference("6.4: enable_learning with a period and an offset, disable_learning, update, transmission, plasticity")
def network_learning_flags_rate(sim, net):
    rec = Recording()
    synapse = sim.Synapse(equations="tau*dx/dt + x = pre.r : exponential\ndw/dt = 0.01*x*post.r", parameters="tau=5.0")
    pre = net.create(2, source(sim), name="pre")
    set_phases(pre)
    projections = []
    for k in range(6):
        post = net.create(2, sim.Neuron(equations="r = sum(exc) + 0.1"), name=f"post{k}")
        projections.append(net.connect(pre, post, "exc", synapse).all_to_all(weights=0.2))
        rec.sample(f"proj{k}", projections[k], "w", "x")
        rec.watch(net, f"post{k}", post, "r")
    periodic, shifted, paused, frozen, silent, rigid = projections

    def compiled():
        periodic.enable_learning(period=5.0)
        shifted.enable_learning(period=4.0, offset=3.0)

    def off():
        paused.disable_learning()
        frozen.update = False
        silent.transmission = False
        rigid.plasticity = False

    def on():
        paused.enable_learning()
        frozen.update = True
        silent.transmission = True
        rigid.plasticity = True

    rec.compiled = compiled
    rec.before = {15: off, 40: on}
    return rec
