"""Native kernels against the interpreter, of every kind, and random models of the language."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import engram as eg
from tests.contracts.kernel_contract import DOUBLE, SINGLE, KernelContract, bits, build, ulps
from tests.resume.networks import BOTH_SIDES, FIXED_REST, IZHIKEVICH, LEAKY, NAMED_REST, SHARED, STDP
from tests.strategies import ROUNDED, expressions, neurons, repeatable

FIRING = eg.Neuron(
    parameters="every = 3.0 : population\n first = 0.0",
    equations="phase += dt\n total += g_exc - 0.5*g_inh\n v = phase - first",
    spike="modulo(v, every) == 0",
    reset="total *= 0.75",
    name="firing",
)


class Pair(KernelContract):
    """Two populations that fire often, and a projection."""

    synapse = None
    weights = eg.Uniform(0.0, 1.0)
    probability = 0.15
    delays = 0.0
    target = "exc"

    def create(self, net):
        p, q = net.create(150, FIRING, name="p"), net.create((2, 70), FIRING, name="q")
        p.first = eg.DiscreteUniform(0, 5)
        q.first = eg.DiscreteUniform(0, 3)
        q.every = 2.0
        forth = net.connect(p, q, self.target, self.synapse, name="forth")
        forth.fixed_probability(self.probability, weights=self.weights, delays=self.delays)


class TestDeliverUniform(Pair):
    delays = 4.0


class TestDeliverEach(Pair):
    delays = eg.Uniform(1.0, 7.0)


class TestDeliverSingleWeight(Pair):
    weights = 0.3


class TestDeliverToUnreadTarget(Pair):
    target = "other"


class TestDeliverWithAttributesOfBothSides(Pair):
    delays = eg.Uniform(1.0, 3.0)
    synapse = eg.Synapse(
        parameters="gain = 0.5 : postsynaptic\n n = 2 : int\n on = True : bool",
        pre_spike="""
            count += 1
            w += 0.1*(pre.phase - post.phase) + post.g_inh
            g_target += ite(on, w*gain, 0.0) + n
        """,
        name="looks at its neighbours",
    )


class TestDeliverOtherThanSums(Pair):
    synapse = eg.Synapse(pre_spike="g_target = w ; w = clip(w*1.5, 0.0, 2.0)", name="sets g")


class TestPostEvents(Pair):
    probability = 0.05
    delays = eg.Uniform(1.0, 7.0)
    synapse = STDP


class TestTracesPerNeuron(Pair):
    probability = 0.05
    delays = 3.0
    synapse = STDP


class TestEventDrivenOfBothSides(Pair):
    exact = False
    delays = 2.0
    synapse = BOTH_SIDES


class TestPostEventsWithoutTraces(Pair):
    synapse = eg.Synapse(
        pre_spike="g_target += w ; w -= 0.01", post_spike="w += 0.1*post.phase ; seen += 1", name="counts"
    )


class TestRecurrentWithMultapseFreeRows(KernelContract):
    def create(self, net):
        p = net.create(140, FIRING, name="p")
        p.first = eg.DiscreteUniform(0, 5)
        net.connect(p, p, "exc", name="c").fixed_number_post(11, weights=eg.Normal(0.0, 1.0), delays=3.0)
        net.connect(p, p, "inh", name="d").all_to_all(weights=eg.Normal(0.0, 1.0), delays=eg.Uniform(1.0, 5.0))
        net.monitor(p, ["total", "spike", "g_exc"])


class Rates(KernelContract):
    """Rate-coded populations; sums of many terms that depend on their order."""

    delays = 0.0
    weights = eg.Uniform(-1.0, 1.0)

    def create(self, net):
        neuron = eg.Neuron(
            parameters="seed = 0.5 : population",
            equations="x += 0.37*sum(exc) + 0.1*Uniform(0.0, 1.0)\n r = x - floor(x) : init = seed",
            name="fractions",
        )
        p, q = net.create(133, neuron, name="p"), net.create(71, neuron, name="q")
        net.connect(p, q, "exc", name="forth").all_to_all(weights=self.weights, delays=self.delays)
        net.connect(q, p, "exc", name="back").fixed_probability(0.5, weights=eg.Normal(0.0, 1.0), delays=self.delays)
        net.connect(p, p, "exc", name="own").one_to_one(weights=self.weights, delays=self.delays)

    def begin(self, net):
        net.get_population("p").r = eg.Uniform(0.0, 1.0)


class TestGatherNone(Rates):
    pass


class TestGatherUniform(Rates):
    delays = 5.0


class TestGatherEach(Rates):
    delays = eg.Uniform(1.0, 9.0)


class TestGatherSingleWeight(Rates):
    weights = 0.25
    delays = 2.0


class TestGatherWithPsp(KernelContract):
    def create(self, net):
        neuron = eg.Neuron(
            parameters="B = 1.5",
            equations="r = t + sum(exc) - sum(inh)\n k += 1 : int\n m = 0.5*t : population",
            name="psp",
        )
        synapse = eg.Synapse(parameters="e = 2.0 : projection", psp="w*(pre.r - post.B)^2 - e*pre.k", name="squares")
        p, q = net.create(65, neuron, name="p"), net.create((5, 5), neuron, name="q")
        net.connect(p, q, "exc", synapse, name="c").all_to_all(weights=eg.Uniform(0.0, 1e-3), delays=3.0)
        net.connect(p, q, "inh", synapse, name="d").all_to_all(
            weights=eg.Uniform(0.0, 1e-3), delays=eg.Uniform(1.0, 4.0)
        )


class Neurons(KernelContract):
    neuron = IZHIKEVICH
    exact = False
    scale = 4096.0

    def create(self, net):
        net.create(200, self.neuron, name="p")


class TestIzhikevich(Neurons):
    exact = True


class TestNamedRest(Neurons):
    neuron = NAMED_REST
    dt = 0.5


class TestFixedRest(Neurons):
    neuron = FIXED_REST
    exact = True

    def begin(self, net):
        net.get_population("p").refractory = np.arange(200) % 5 + 0.5


class TestGlobals(Neurons):
    neuron = SHARED


class TestSharedAssignedInResets(Neurons):
    neuron = eg.Neuron(
        parameters="step = 0.13",
        equations="""
            v += step + g_exc + 0.001*count*Uniform(0.0, 1.0) : max = 3.0
            seen = seen
            old = mark
            count = count : population, int
            mark = mark : population
            dlevel/dt = -level/4.0 : population
        """,
        spike="v > 1.0",
        reset="count += 1; seen = count; v = 0.1*Uniform(0.0, level); mark = 1.5*mark + seen; level += 0.01*v",
        axon_spike="v > 0.9",
        axon_reset="mark = floor(mark/2); count -= 2; v -= Normal(0.1, 0.01)",
        refractory=2.0,
        name="tells the others",
    )

    def create(self, net):
        p = net.create(2100, self.neuron, name="p")
        p.v = eg.Uniform(0.0, 1.0)
        net.connect(p, p, "exc", name="c").fixed_number_post(3, weights=0.1, delays=3.0)
        net.monitor(p, "spike")


class TestLeaky(Neurons):
    neuron = LEAKY


class TestExponentialByDefault(Neurons):
    neuron = eg.Neuron(parameters="tau = 7.0", equations="tau*dr/dt = 1.0 - r\n dx/dt = (r - x)/tau", name="method")
    method = "exponential"


class TestIntegers(Neurons):
    neuron = eg.Neuron(
        parameters="n = 3 : int\n odd = True : bool\n limit = 11 : int, population",
        equations="""
            k += n : int, max = limit
            big = k*1000003 - 7 : int
            half = k/2 : int
            quotient = k/2
            rest = modulo(k, 3)
            both = odd and k > 5 or not odd : bool
            chosen = ite(both, k, n) : int
            truth = both + odd
            u = DiscreteUniform(0, 9)
            hit = u == 3 : bool
            hits += hit : int
            r = -k % 2 if False else 0.0
        """.replace("r = -k % 2 if False else 0.0", "r = -k + quotient*rest"),
        name="integers",
    )
    exact = True


class TestFunctionsOfTheLanguage(Neurons):
    neuron = eg.Neuron(
        equations="""
            x = 6.0*Uniform(0.0, 1.0) - 3.0
            y = 2.0*Uniform(0.0, 1.0) - 1.0
            a = exp(x) + log(abs(x)) + log10(abs(y) + 1e-3)
            b = sin(x)*cos(y) + tan(y)
            c = asin(y) + acos(y) + atan(x) + atan2(x, y)
            d = sinh(x) + cosh(y) + tanh(x)
            e = pow(abs(x), y) + abs(x)^0.3
            f = floor(x) + ceil(y) + round(2.0*x) + modulo(7.0*x, 3)
            h = LogNormal(0.0, 0.5) + Exponential(2.0) + Normal(1.0, 0.5)
            fine = isfinite(1.0/(x - x)) or isnan(x) : bool
            r = pos(x) + neg(y) + clip(x, y, 1.0) + sqrt(abs(x))
        """,
        name="functions",
    )
    scale = 64.0


class TestUserFunctions(Neurons):
    neuron = eg.Neuron(
        equations="x = 3.0*Uniform(0.0, 1.0)\n r = f(x, 2.0) - g(f(x, x))",
        functions="f(x, y) = if x > y: x*y else: x - y\n g(x) = x*x - 1.0",
        name="user functions",
    )
    exact = True


def _random(net, texts):
    for k, text in enumerate(texts):
        neuron = eg.Neuron(
            parameters=text.parameters,
            equations=text.equations,
            spike=text.spike,
            reset=text.reset,
            refractory=text.refractory,
            name=f"random {k}",
        )
        net.config(check_finite=False)
        population = net.create(70, neuron, name=f"p{k}")
        for name, scale in (("a", 1.0), ("b", 2.0), ("c", -1.5)):
            population.set({name: np.linspace(-1.0, 2.0, 70) * scale})
        population.q = np.linspace(-3.0, 3.0, 70)


@pytest.mark.cc
@pytest.mark.slow
@pytest.mark.parametrize("precision", [DOUBLE, SINGLE], ids=["double", "single"])
@pytest.mark.filterwarnings("ignore:.*is longer than")  # the steps of some random models are too long for accuracy
@repeatable(4)
@given(neurons())
def test_random_model_when_it_has_exact_operations_gives_the_bits_of_the_interpreter(precision, text):
    native, meaning = (build(lambda net: _random(net, [text]), b, precision=precision) for b in ("c", "numpy"))
    for _ in range(5):
        native.step()
        meaning.step()
        found, expected = bits(native), bits(meaning)
        assert [path for path in expected if found[path] != expected[path]] == []
    native.config(num_threads=2)
    native.simulate(5.0)
    meaning.simulate(5.0)

    assert bits(native) == bits(meaning)


@pytest.mark.cc
@pytest.mark.slow
@pytest.mark.parametrize("precision", [DOUBLE, SINGLE], ids=["double", "single"])
@repeatable(2)
@given(st.lists(expressions(("x", "y"), 2), min_size=len(ROUNDED), max_size=len(ROUNDED)))
def test_random_function_values_when_computed_natively_are_within_four_ulps_of_numpy(precision, arguments):
    lines = ["x = 8.0*Uniform(0.0, 1.0) - 4.0", "y = 4.0*Uniform(0.0, 1.0) - 2.0"]
    for name, argument in zip(ROUNDED, arguments, strict=True):
        lines += [f"arg_{name} = clip({argument}, -1000.0, 1000.0)", f"is_{name} = {name}(arg_{name})"]
    neuron = eg.Neuron(equations="\n".join([*lines, "r = 0.0"]), name="random functions")
    native, meaning = (
        build(lambda net: net.create(500, neuron, name="p"), b, precision=precision) for b in ("c", "numpy")
    )
    native.simulate(3.0)
    meaning.simulate(3.0)

    for name in ROUNDED:
        ours, theirs = (net.get_population("p").get(f"is_{name}") for net in (native, meaning))
        assert np.isnan(ours).tolist() == np.isnan(theirs).tolist(), name
        assert ulps(ours, theirs) <= 4, name
