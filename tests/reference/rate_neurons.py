"""Rate-coded neurons: sections 3 and 4."""

from tests.reference.recording import Recording, reference


@reference("4: each method on one variable, linear and nonlinear, driven by t", dt=0.5)
def network_methods_one_variable(sim, net):
    rec = Recording()
    linear = "tau*dv/dt + v = B + 0.5*sin(t/4.0) : {method}, init = 0.2"
    several = sim.Neuron(
        parameters="""
            tau = 7.0 : population
            B = 1.0
        """,
        equations="""
            tau*dx/dt + x = B + 0.5*sin(t/4.0) : explicit, init = 0.2
            tau*dy/dt + y = B + 0.5*sin(t/4.0) : exponential, init = 0.2
            tau*dz/dt + z = B + 0.5*sin(t/4.0) : semiimplicit, init = 0.2
            du/dt = (B - u)*0.3 : exponential, init = -1.0
            dp/dt = 0.4*p*(1.0 - p) : explicit, init = 0.1
            r = x + y + z
        """,
    )
    pop = net.create(3, several, name="several")
    pop.B = [0.5, 1.0, -2.0]
    rec.watch(net, "several", pop, "x", "y", "z", "u", "p", "r")
    for method in ("implicit", "midpoint", "rk4"):
        logistic = "" if method == "implicit" else f"dq/dt = 0.4*q*(1.0 - q) : {method}, init = 0.1"
        neuron = sim.Neuron(
            parameters="tau = 7.0 : population\nB = 1.0",
            equations=f"{linear.format(method=method)}\n{logistic}\nr = v",
        )
        pop = net.create(3, neuron, name=method)
        pop.B = [0.5, 1.0, -2.0]
        rec.watch(net, method, pop, "r", *(["q"] if logistic else []))
    return rec


@reference("4: each method on two coupled variables; implicit ones solved jointly", dt=0.25, steps=100)
def network_methods_coupled(sim, net):
    rec = Recording()
    for method in ("explicit", "midpoint", "rk4"):
        neuron = sim.Neuron(
            parameters="I = 0.5",
            equations=f"""
                dv/dt = v - v*v*v/3.0 - u + I : {method}, init = -1.0
                du/dt = 0.08*(v + 0.7 - 0.8*u) : {method}
                r = v
            """,
        )
        pop = net.create(3, neuron, name=f"{method}_pair")
        pop.I = [0.0, 0.5, 1.0]
        rec.watch(net, method, pop, "v", "u")
    for method in ("implicit", "semiimplicit", "exponential"):
        neuron = sim.Neuron(
            parameters="I = 0.5\ntau = 4.0 : population",
            equations=f"""
                tau*dv/dt = -v - 2.0*u + I : {method}, init = 1.0
                du/dt = 0.5*v - u + 0.1*cos(t) : {method}
                r = v
            """,
        )
        pop = net.create(3, neuron, name=f"{method}_pair")
        pop.I = [0.0, 0.5, 1.0]
        rec.watch(net, method, pop, "v", "u")
    return rec


@reference("3.3, 3.4: blocks, + - * / assignments, clamps by numbers and expressions", steps=40)
def network_blocks(sim, net):
    rec = Recording()
    neuron = sim.Neuron(
        parameters="""
            top = 4.0 ; low = -0.5   # two statements in one line
            start = 1.0
        """,
        equations="""
            da/dt = 1.0
            db/dt = a
            c = a + b
            dd/dt = c : max = 400.0
            acc += d - 0.1*c
            inside = 0.01*acc - 1.0 : min = low, max = top
            dslow/dt = -0.3*slow + inside : min = 0.0, max = 0.05*a + 0.2, exponential
            grows *= 1.01 : init = 1.0
            falls -= 0.5*grows : min = -0.4*a
            shrinks /= 2.0 : init = 1024.0
            longer = a + b*
                0.5 +
                start
            r = c + d + slow
        """,
    )
    pop = net.create(2, neuron, name="pop")
    pop.start = [1.0, -3.0]
    rec.watch(net, "pop", pop, "a", "b", "c", "d", "acc", "inside", "slow", "grows", "falls", "shrinks", "longer", "r")
    return rec


@reference("3.5: conditionals nested, over several lines and in ODEs; logic, ite, modulo, is", steps=50)
def network_conditionals(sim, net):
    rec = Recording()
    neuron = sim.Neuron(
        parameters="""
            x0 = 1.0
            level = 2.0 : population
            flag = True : bool
            n = 3 : int
        """,
        equations="""
            s = x0*sin(t/5.0)
            a = if s > level: 1.0 else: if s < -level: -1.0 else: 0.0
            b = if (s > 0.0) and (t > 10.0): s else: -s
            c = if (s < -1.0) or (s > 1.0):
                    s^2
                else:
                    if not(flag): 0.5 else: 0.25
            dd/dt = if t > 20.0: 1.0 - d else: -d/10.0 : init = 0.5
            f = ite(s >= 0.0, s, 0.5*s)
            on = s > 0.5 : bool
            y = if on: 1.0 else: 0.0
            turns = if modulo(t, 4) == 0: turns + 1 else: turns : int
            z = if n is 3: 1.0 else: 2.0
            q = if n != 3: s else: t
            r = a + b
        """,
    )
    pop = net.create(4, neuron, name="pop")
    pop.x0 = [0.5, 1.5, 2.5, -3.0]
    pop.n = [3, 2, 3, 4]
    rec.watch(net, "pop", pop, "s", "a", "b", "c", "d", "f", "y", "turns", "z", "q", "r")
    return rec


@reference("3.5: every mathematical function, C remainder, powers; functions of the neuron and global ones", steps=50)
def network_functions(sim, net):
    rec = Recording()
    sim.add_function("bump(x, m) = exp(-(x - m)*(x - m)/2.0)")
    neuron = sim.Neuron(
        parameters="x0 = 1.0",
        functions="""
            cube(x) = x*x*x
            slope(x, a, b) = if x > 0.0: a*x else: b*x
            twice(x) = 2.0*x*x
        """,
        equations="""
            x = x0*(0.1 + 0.04*t)
            f1 = exp(x) + log(abs(x) + 1.0)
            f2 = log10(abs(x) + 2.0) + sqrt(abs(x))
            f3 = sin(x) + 2.0*cos(x) + tan(0.3*x)
            f4 = asin(0.2*x) + acos(0.1*x) + atan(x)
            f5 = sinh(0.5*x) + cosh(0.4*x) + tanh(x)
            f6 = floor(3.0*x) + 10.0*ceil(3.0*x) + 100.0*round(3.3*x)
            f7 = pow(abs(x), 1.5) + x^2 + x**3
            f8 = pos(x) + 2.0*neg(x) + positive(x - 1.0)
            f9 = clip(x, -0.5, 0.7)
            f10 = modulo(5.0*x, 3)
            f11 = power(x, 3)
            f12 = fabs(x) + atan2(x, 2.0)
            f13 = pi*x
            g1 = cube(x) + slope(x, 2.0, 0.1)
            g2 = twice(x) + bump(x, 0.5)
            r = x
        """,
    )
    pop = net.create(4, neuron, name="pop")
    pop.x0 = [0.5, 1.5, -1.0, -2.0]
    names = [f"f{k}" for k in range(1, 14)]
    rec.watch(net, "pop", pop, *names, "g1", "g2", "r")
    return rec


@reference("3.5, 12: constants, also in conditions and in synapses, changed while the network runs", steps=50)
def network_constants(sim, net):
    rec = Recording()
    net.constant("gain", 0.7)
    net.constant("limit", 3.0)
    neuron = sim.Neuron(
        parameters="x0 = 1.0\nlimit = 1.5",  # the parameter hides the constant
        equations="""
            v = gain*x0*t
            r = if v > limit: limit else: v
        """,
    )
    follower = sim.Neuron(equations="r = gain*sum(exc) + limit")
    pop, post = net.create(3, neuron, name="pop"), net.create(2, follower, name="post")
    pop.x0 = [0.1, 0.2, 0.3]
    net.connect(pop, post, "exc", sim.Synapse(psp="gain*w*pre.r")).all_to_all(weights=0.5)
    rec.watch(net, "pop", pop, "v", "r")
    rec.watch(net, "post", post, "r")
    rec.before = {20: lambda: net.get_constant("gain").set(1.4), 35: lambda: net.get_constant("limit").set(-1.0)}
    return rec


@reference("3.2, 3.3: int and bool parameters and variables, truncation on assignment")
def network_types(sim, net):
    rec = Recording()
    neuron = sim.Neuron(
        parameters="""
            n = 3 : int
            half = 0.53
            on = True : bool
            off = false : bool, population
        """,
        equations="""
            up = up + 1 : int, init = -3
            part = 0.7*up : int
            minus = -1.6*up*half : int
            rest = modulo(up, n) : int
            odd = modulo(up, 2) == 1 : bool
            both = odd and on : bool
            either = odd or off : bool
            total += up : int, max = 300
            r = if both: 1.0*up else: -1.0
            y = if either: half else: 2.0*half
        """,
    )
    pop = net.create(3, neuron, name="pop")
    pop.n = [3, 4, 5]
    pop.on = [True, False, True]
    pop.half = [0.53, 0.73, -0.93]
    rec.watch(net, "pop", pop, "up", "part", "minus", "rest", "odd", "both", "either", "total", "r", "y")
    return rec


@reference("2.7, 3.4, 3.5: global operations (seen in the next step), global equations before local ones")
def network_global_operations(sim, net):
    rec = Recording()
    neuron = sim.Neuron(
        parameters="""
            tau = 10.0 : population
            x0 = 1.0
        """,
        equations="""
            before = late + 1.0
            v = x0*cos(t/3.0 + x0)
            av = mean(v) : population
            hi = max(v) : population
            lo = min(v) : population
            sum_abs = norm1(v) : population
            length = norm2(v) : population
            tau*dtrace/dt + trace = av : population, exponential
            late = late + 0.5*hi : population
            r = pos(v - mean(v)) + trace/(1.0 + norm2(v))
        """,
    )
    pop = net.create((2, 3), neuron, name="pop")
    pop.x0 = [0.3, -0.7, 1.1, 1.9, -2.3, 0.9]
    rec.watch(net, "pop", pop, "before", "v", "av", "hi", "lo", "sum_abs", "length", "trace", "late", "r")
    return rec


@reference("3.1, 3.2, 3.3: dictionaries, Parameter, Variable, lists of statements, init by name", dt=0.5)
def network_text_forms(sim, net):
    rec = Recording()
    neuron = sim.Neuron(
        parameters={
            "tau": 10.0,
            "base": sim.Parameter(0.3, locality="local"),
            "n": sim.Parameter(2, locality="local", type="int"),
            "on": sim.Parameter(True, type="bool"),
        },
        equations=[
            sim.Variable("tau*dv/dt + v = base*n", init=1.0, min=0.2, method="exponential"),
            sim.Variable("level = 0.1*t", locality="global", max=2.0),
            "u = if on: v + level else: 0.0",
            "tau*dr/dt = u - r : init = base",
        ],
    )
    single = sim.Neuron(parameters="tau = 4.0", equations=sim.Variable("tau*dr/dt + r = 1.0", method="semiimplicit"))
    pop, other = net.create(3, neuron, name="pop"), net.create(1, single, name="other")
    pop.n = [1, 2, 3]
    rec.watch(net, "pop", pop, "v", "level", "u", "r")
    rec.watch(net, "other", other, "r")
    return rec


@reference("3.5: t and dt in neurons and synapses", dt=0.25, steps=40)
def network_clock(sim, net):
    rec = Recording()
    neuron = sim.Neuron(
        equations="""
            x = x + dt*sin(t)
            du/dt = t - u : exponential
            r = x + sum(exc)
        """
    )
    synapse = sim.Synapse(equations="y = y + dt*pre.r + 0.01*t", psp="w*pre.r*dt + y*exp(-t)")
    pop, post = net.create(2, neuron, name="pop"), net.create(2, neuron, name="post")
    proj = net.connect(pop, post, "exc", synapse).all_to_all(weights=0.5)
    rec.watch(net, "pop", pop, "x", "u", "r")
    rec.watch(net, "post", post, "r")
    rec.sample("proj", proj, "y")
    return rec
