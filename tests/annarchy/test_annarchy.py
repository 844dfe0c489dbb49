"""``import engram.annarchy as ann``: keywords, leniency, subclasses; each case is one that published scripts have."""

import builtins
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import numpy as np
import pytest

import engram as eg
import engram.annarchy as ann
from engram import annarchy4
from engram.annarchy.extensions import bold
from engram.annarchy.inputs import READY_MADE
from engram.annarchy.paths import PATHS
from engram.errors import InvalidArgument, LanguageError, NotAvailable, WrongCall
from engram.extensions import missing
from engram.network.population import READY_MADE as ENGRAM_READY_MADE

LEAKY = "tau*dv/dt = 1.0 - v\nr = v"


@pytest.fixture
def parts(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ann.clear()
    ann.setup(dt=1.0, seed=1)
    pop = ann.Population(3, ann.Neuron(parameters="tau = 10.0 : population", equations=LEAKY), name="cells")
    proj = ann.Projection(pop, pop, "exc", name="loop", disable_omp=True)
    proj.connect_all_to_all(0.1)
    yield pop, proj, ann.Monitor(pop, "r", start=False, net_id=0)
    ann.clear()


BEFORE = ["ann.set_seed(3, use_seed_seq=True)", "ann.Population(2, pop.neuron_type, storage_order='post_to_pre')"]
AFTER = """
ann.set_seed(4, use_seed_seq=True, net_id=0)
ann.save(filename='a.npz', net_id=0)
ann.load('a.npz', pickle_encoding=None)
ann.save_parameters(filename='a.json')
ann.load_parameters(filename='a.json', net_id=0)
pop.save(filename='p.npz')
pop.load(filename='p.npz')
proj.save(filename='q.npz')
ann.simulate(10.0, False, True, show_monitor_memory_estimate=False, net_id=0)
ann.simulate(10.0, progress_bar=False)
ann.step(net_id=0)
ann.reset(populations=True, projections=True, synapses=False, net_id=0)
net.reset(reseed_rng=False)
ann.get_population('cells', net_id=0).v
ann.get_projection('loop', net_id=0).w
ann.set_current_step(t=ann.get_current_step(net_id=0), net_id=0)
ann.set_time(5.0, net_id=0)
ann.get_time(net_id=0) + ann.dt(net_id=0)
ann.enable_learning(period=1.0, net_id=0)
ann.disable_learning(net_id=0)
ann.projections(pre=pop)[0]
ann.monitors(pop)[0] in net
monitor.start(variables='r', period=2.0)
ann.Uniform(0.0, 1.0).get_list_values(size=3)
ann.clear(functions=True, neurons=True, synapses=True)
""".strip().splitlines()


@pytest.mark.cc
def test_keywords_of_scripts_are_taken(parts):
    pop, proj, monitor = parts
    names = {"ann": ann, "pop": pop, "proj": proj, "monitor": monitor, "net": ann.magic_network()}
    for call in (*BEFORE, "ann.compile(silent=True, net_id=0)", *AFTER):
        eval(call, names)  # noqa: S307  the texts of this module


def noisy(seed):
    net = ann.Network(dt=1.0, seed=seed)
    pop = net.create(4, ann.Neuron(equations="r = Uniform(0.0, 1.0)"), name="cells")
    net.connect(pop, pop, "exc", name="loop").connect_all_to_all(ann.Uniform(0.0, 1.0))
    net.compile()
    return net, pop, net.get_projection("loop")


@pytest.mark.cc
def test_seed_that_is_set_after_compile_is_that_of_what_is_drawn_from_then_on(tmp_path):
    (one, pop, loop), (other, pop2, loop2) = noisy(1), noisy(2)
    weights, rng = loop.w, one.default_rng
    for net in (one, other):
        net.simulate(3.0)
        net.set_seed(9)
        net.simulate(3.0)
    assert np.array_equal(pop.r, pop2.r)
    assert (loop.w, one.seed, rng.random()) == (weights, 9, np.random.default_rng(9).random())
    assert loop.w != loop2.w
    pop.r = ann.Uniform(0.0, 1.0)
    pop2.r = ann.Uniform(0.0, 1.0)
    assert np.array_equal(pop.r, pop2.r)

    one.save(tmp_path / "a.npz")
    opened, copied = eg.open(tmp_path / "a.npz"), one.copy()
    for net in (one, opened, copied):
        net.simulate(3.0)
    assert one.digest() == opened.digest() == copied.digest()
    for net in (one, other):
        net.reset(synapses=True)
        net.step()
    assert (pop.r.tolist(), loop.w) == (pop2.r.tolist(), loop2.w)


def test_wrong_keyword_is_an_error(parts):
    with pytest.raises(WrongCall, match="argument 'name' is given twice"):
        ann.get_population("cells", name="loop")
    with pytest.raises(WrongCall, match="argument 'net_id' is given twice"):
        ann.get_time(0, net_id=0)
    with pytest.raises(WrongCall, match="unknown argument 'net_id'"):
        parts[0].save("p.npz", net_id=0)
    with pytest.raises(WrongCall, match="argument 'file' is given twice"):
        ann.save("a.npz", file="b.npz")
    with pytest.raises(WrongCall, match=r"Projection\(\): too many arguments"):
        ann.Projection(*range(8))
    with pytest.raises(WrongCall, match="too many arguments: 7"):
        ann.get_population("cells", 0, 7)


@pytest.mark.cc
@pytest.mark.filterwarnings("ignore:.*the implicit network")
def test_functions_work_on_the_network_with_a_number():
    net, other = ann.Network(seed=1, dt=0.5), ann.Network()
    assert net.id != other.id != 0
    pop = ann.Population(2, ann.Neuron(equations="r = t"), name="p", net_id=net.id)
    assert ann.get_population("p", net.id) is pop in net
    ann.compile(net_id=net.id)
    ann.simulate(3.0, net_id=net.id)
    ann.set_current_step(8, net_id=net.id)
    assert (ann.get_time(net.id), ann.get_current_step(net_id=net.id), ann.dt(net_id=net.id)) == (4.0, 8, 0.5)
    assert ann.get_time() == 0.0
    with pytest.raises(InvalidArgument, match="net_id=-1: there is no such network\n  help: give net_id=net.id"):
        ann.step(net_id=-1)


@pytest.mark.parametrize("package", [ann, annarchy4])
def test_functions_look_into_the_network_with_a_number(package, tmp_path):
    net = ann.Network(seed=1)
    pop = net.create(2, ann.Neuron(equations="r = t"), name="somewhere")
    proj, monitor = net.connect(pop, pop, "exc"), net.monitor(pop, "r")
    package.setup(dt=0.5, net_id=net.id)
    package.add_function("doubled(x) = 2*x", net_id=net.id)
    called = package.every(period=1.0, net_id=net.id)(lambda n: None)

    assert package.magic_network(net_id=net.id) is net is not package.magic_network()
    assert (package.populations(net_id=net.id), package.populations()) == ([pop], [])
    assert package.projections(post=pop, net_id=net.id) == [proj]
    assert package.monitors(net_id=net.id) == package.monitors(pop, net.id) == [monitor]
    assert package.functions("doubled", net_id=net.id)(3.0) == 6.0
    assert called in (one.function for one in net._keeper.runner.callbacks)
    package.report(filename=str(tmp_path / "net.md"), net_id=net.id)
    assert "somewhere" in (tmp_path / "net.md").read_text()
    package.clear(functions=True, net_id=net.id)
    assert (net.get_populations(), net.dt, net.seed, net.compiled) == ([], 0.5, 1, False)
    package.clear()


def test_number_of_no_network_and_two_networks_at_once_are_refused(tmp_path):
    net = ann.Network()
    with pytest.raises(InvalidArgument, match="there is no such network"):
        ann.add_function("f(x) = x", net_id=-1)
    with pytest.raises(WrongCall, match=r"report\(\): network= and net_id= both say which network"):
        ann.report(net, str(tmp_path / "net.md"), net_id=net.id)


def test_network_has_the_getters_of_annarchy():
    net = ann.Network()
    net.constant("level", 2.0)

    assert [(one.name, float(one)) for one in net.get_constants()] == [("level", 2.0)]
    with pytest.warns(UserWarning, match="there is no constant 'zz'"):
        assert net.get_constant("zz") is None


def test_bold_monitors_are_extensions_of_networks():
    net = ann.Network(dt=1.0)
    pop = net.create(3, ann.Neuron(equations="r = t"))
    assert net.get_extensions() == []
    with pytest.warns(UserWarning, match="'BoldMonitor0'\n  it is None here\n  help: there are none"):
        assert net.get_extension("BoldMonitor0") is None
    mine = net.boldmonitor(populations=[pop], bold_model=bold.balloon_RL(), mapping={"I_CBF": "r"})
    net.boldmonitor_from_slices(pop, [[0], [1, 2]], start=True)
    net.compile()
    net.simulate(5.0)

    assert net.get_extension("BoldMonitor0") is mine
    for network in (net, net.copy()):
        assert [type(one) for one in network.get_extensions()] == [ann.BoldMonitor] * 2
        with pytest.warns(eg.EngramWarning, match=r"has recorded no step yet.*\n  help: monitor.start\(\)"):
            assert [one.get("BOLD").shape for one in network.get_extensions()] == [(0, 1), (5, 2)]


def test_directory_is_where_compiled_code_is_kept_and_there_is_no_instance(tmp_path, monkeypatch):
    monkeypatch.setenv("ENGRAM_CACHE_DIR", str(tmp_path))
    net = ann.Network()
    assert (net.directory, hasattr(net, "instance")) == (str(tmp_path), False)
    net.directory = "mine"
    assert net.directory == "mine"
    with pytest.raises(AttributeError, match="no attribute 'instance'\n  help: there is no compiled module of its own"):
        _ = net.instance


def test_network_that_was_cleared_can_be_built_again():
    net = annarchy4.Network()
    pop = ann.Population(2, ann.Neuron(equations="r = 1.0"), name="again")
    for _ in range(2):
        net.add([pop])
        net.compile(backend="numpy")
        net.simulate(1.0)
        assert net.get(pop).r.tolist() == [1.0, 1.0]
        net.clear()
        assert net.current_step == 0
    ann.clear()


@pytest.mark.parametrize("package", [ann, annarchy4])
def test_matrices_take_the_keywords_of_both_versions(package, parts):
    pop = parts[0]
    assert package.sparse_random_matrix(pop, pop, p=1.0, weight=0.5).toarray().tolist() == [[0.5] * 3] * 3
    assert package.sparse_random_matrix(pop, pop, proba=1.0, weights=2.0).sum() == 18.0
    assert package.sparse_random_matrix(pop, pop, 0.0, 1.0).nnz == 0
    with pytest.raises(WrongCall, match="argument 'proba' is given twice"):
        package.sparse_random_matrix(pop, pop, p=1.0, proba=1.0)


@pytest.mark.parametrize("package", [ann, annarchy4])
def test_modules_of_annarchy_have_its_names(package):
    for path, names in PATHS.items():
        module = import_module(f"{package.__name__}.{path}")
        here = [name for name in names.split() if package is annarchy4 or name != "parallel_run"]
        assert module.__all__ == here
        assert all(vars(package).get(name, vars(module)[name]) is vars(module)[name] for name in here)
    with pytest.raises(ModuleNotFoundError, match=r"annarchy4?\.core\.Nothing"):
        import_module(f"{package.__name__}.core.Nothing")
    assert import_module(f"{package.__name__}.intern.Messages").ANNarchyException is eg.ANNarchyException


def test_inputs_and_hybrid_projections_are_populations_and_projections(parts):
    pop = parts[0]
    assert isinstance(ann.InputArray(3), ann.Population)
    assert isinstance(ann.Network().create(ann.TimedArray(np.ones((2, 3)))), ann.Population)
    assert issubclass(ann.CurrentInjection, ann.Projection)
    assert isinstance(pop[0:2], ann.PopulationView)


def test_unknown_attribute_that_is_assigned_is_kept_with_one_warning(parts):
    pop, proj, _ = parts
    with pytest.warns(UserWarning, match="no attribute 'label': Python keeps it") as warned:
        pop.label = "striatum"
        pop.label = "cortex"
    assert len(warned) == 1
    assert pop.label == "cortex"
    with pytest.warns(UserWarning, match="no attribute 'tau'"):
        proj.tau = 1000.0
    pop.tau = 20.0
    assert (pop.tau, pop.init["tau"]) == (20.0, 20.0)
    with pytest.raises(AttributeError, match="'size' of population 'cells' can't be assigned"):
        pop.size = 4


@pytest.mark.cc
def test_what_is_made_anew_at_each_access_keeps_unknown_attributes_as_long_as_it_lives(parts):
    pop, proj, monitor = parts
    ann.compile()
    dendrite = proj.dendrite(0)
    with pytest.warns(UserWarning, match="no attribute 'label': Python keeps it"):
        monitor.label = "m"
    for one in (pop[0:2], pop.neuron(0), next(iter(pop)), dendrite, dendrite.synapse(1), proj.synapse(1, 0)):
        with pytest.warns(UserWarning, match="'label': it is gone with this Python object, as each access"):
            one.label = 3
        assert one.label == 3
    pop[0:2].v, dendrite.w = 0.5, 0.25

    assert (pop.v.tolist(), proj.w[0], monitor.label) == ([0.5, 0.5, 0.0], [0.25] * 2, "m")
    with pytest.raises(AttributeError, match="'size' of the view of population 'cells' can't be assigned"):
        pop[0:2].size = 4
    with pytest.raises(AttributeError, match="'variables' of monitor .* can't be assigned"):
        monitor.variables = ["v"]


def test_rules_of_structural_plasticity_are_switched_there_too_and_what_a_gpu_is_told_does_nothing(parts):
    proj = parts[1]
    for call in (proj.start_pruning, proj.start_creating):
        with pytest.raises(InvalidArgument, match="its synapses have no rule"):
            call(period=10.0)
    with pytest.raises(InvalidArgument, match="no projection has the rule `pruning`"):
        ann.start_pruning()
    assert str(ann.Pruning("w < 0.0", proba=0.5)) == "w < 0.0 : proba=0.5"
    proj.update_launch_config(nb_blocks=-1, threads_per_block=32)


def test_absent_names_are_none_with_a_warning(parts):
    with pytest.warns(UserWarning, match="there is no population 'zz'"):
        assert ann.get_population("zz") is None
    with pytest.warns(UserWarning, match="there is no monitor 'zz'"):
        assert ann.Network().get_monitor("zz") is None


def test_unknown_setting_is_left_out_with_a_warning():
    with pytest.warns(UserWarning, match="unknown setting 'num_thread'"):
        ann.setup(num_thread=2, dt=0.5)
    assert ann.dt() == 0.5
    ann.clear()


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ("dx/dt = -x : init=1.0, explicite\nr = x", "dx/dt = -x : init=1.0\nr = x"),
        ("dx/dt = -x : explicite, init=1.0\nr = x : foo", "dx/dt = -x : init=1.0\nr = x"),
        (["dx/dt = -x : bar=3", "r = x"], "dx/dt = -x\nr = x"),
    ],
)
def test_unknown_flag_is_left_out_with_a_warning_that_shows_it(given, left):
    with pytest.warns(UserWarning, match="unknown flag") as warned:
        neuron = ann.Neuron(equations=given)
    assert warned[0].filename == __file__
    assert "\n".join(line.rstrip() for line in neuron.equations.splitlines()) == left
    with pytest.raises(LanguageError, match="unknown flag"):
        eg.Neuron(equations=given)


def test_other_errors_of_a_model_are_raised_with_the_flag():
    with pytest.raises(LanguageError, match="(?s)unknown flag 'foo'.*nonsense"):
        ann.Neuron(equations="r = nonsense(1) : foo")


@pytest.mark.cc
def test_subclass_of_a_network_has_lenient_parts_also_in_copies():
    class Net(ann.Network):
        def __init__(self, size):
            self.pop = self.create(geometry=size, neuron=ann.Neuron(equations=LEAKY.replace("tau*", "")))

    net = Net(3, dt=0.5)
    net.compile("annarchy", True, silent=True)
    net.simulate(1.0)
    assert type(net.copy().pop) is ann.Population


class Sized(ann.Network):
    """As scripts for version 5 write them."""

    def __init__(self, size, start=0.0):
        neuron = ann.Neuron(parameters="a = 1.0", equations="r += a*Uniform(0.0, 1.0)")
        self.pop = self.create(geometry=size, neuron=neuron)
        self.pop.r = start


def rates(net, duration):
    """What a run of ``Sized`` gives."""
    net.simulate(duration)
    return net.seed, net.pop.r


@pytest.mark.cc
def test_parallel_runs_are_of_new_instances_and_the_constructor_gets_what_it_takes():
    net = Sized(2, dt=0.5, seed=5)
    net.compile()
    net.pop.r = 100.0
    with ThreadPoolExecutor(2) as executor:
        found = net.parallel_run(rates, 3, seeds="sequential", executor=executor, start=[1.0, 2.0, 3.0], duration=2.0)
        (plain,) = net.parallel_run(rates, 1, seeds="same", executor=executor, duration=2.0)
    alone = Sized(2, 3.0, dt=0.5, seed=8)
    alone.compile()
    assert [seed for seed, _ in found] == [6, 7, 8]
    assert np.array_equal(found[2][1], rates(alone, 2.0)[1])
    assert (plain[0], plain[1].shape, (plain[1] < 5.0).all()) == (5, (2,), True)
    assert np.array_equal(rates(net.copy(2, start=3.0, seed=8), 2.0)[1], found[2][1])


@pytest.mark.parametrize("name", ["update", "plasticity", "transmission", "axon_transmission"])
def test_switches_of_projections_are_also_numbers(parts, name):
    for value in (0, 1):
        setattr(parts[1], name, value)
        assert getattr(parts[1], name) is bool(value)
    with pytest.raises(InvalidArgument, match="expected True or False, got 2"):
        setattr(parts[1], name, 2)


def test_star_gives_every_name_and_hides_no_builtin_but_compile():
    others = set(eg.__all__) - set(ann.__all__)
    errors = {
        name for name in others if isinstance(getattr(eg, name), type) and issubclass(getattr(eg, name), Exception)
    }
    assert others - errors == {"convert", "open", "plot", "read"}
    assert set(ann.__all__) & set(dir(builtins)) == {"compile"}
    for package in ("annarchy", "annarchy4"):
        names = {}
        exec(f"from engram.{package} import *", names)  # noqa: S102  what scripts do
        assert (names["np"], names["os"].sep, names["sys"].argv) == (np, os.sep, sys.argv)


@pytest.mark.parametrize("name", missing.__all__)
def test_what_is_missing_has_its_name_and_an_error_that_helps(name):
    with pytest.raises(NotAvailable, match=rf"{name} is not available yet\n  help: \w"):
        getattr(missing, name)(3)


@pytest.mark.parametrize("package", ["engram", "engram.annarchy", "engram.annarchy4"])
def test_paths_of_extensions_and_models_can_be_imported(package):
    extensions = import_module(f"{package}.extensions")
    for name in extensions.__all__:
        module = import_module(f"{package}.extensions.{name}")
        lacking = [one for one in map(vars(module).get, module.__all__) if one.__name__ in missing.__all__]
        assert lacking or name == "bold"
        for extension in lacking:
            with pytest.raises(NotAvailable, match=f"{extension.__name__} is not available yet\n  help: "):
                extension(1, 2)

    assert len(extensions.__all__) == 7
    whole = import_module(package)
    assert whole.extensions is extensions
    kind = eg.BoldMonitor if package == "engram" else ann.BoldMonitor
    assert whole.extensions.bold.BoldMonitor is import_module(f"{package}.extensions.bold").BoldMonitor is kind
    assert package == "engram" or {"Rate2SpikePopulation", "Spike2RatePopulation"} <= set(whole.__all__)
    assert import_module(f"{package}.models").Izhikevich is eg.models.Izhikevich


def test_constant_of_another_network_is_its_own():
    net = ann.Network()
    own, everywhere = ann.Constant("only_there", 2.0, net_id=net.id), ann.Constant("everywhere_else", 3.0, net_id=0)

    assert isinstance(everywhere, eg.Constant)
    assert (float(own), float(everywhere)) == (2.0, 3.0)
    with pytest.raises(InvalidArgument, match="net_id=99999: there is no such network"):
        ann.Constant("x", 1.0, net_id=99999)
    with pytest.raises(WrongCall, match=r"Constant\(\): unknown argument 'net_id'"):
        eg.Constant("x", 1.0, net_id=5)


def test_unknown_flag_is_left_out_beside_a_constant_that_comes_later():
    with pytest.warns(UserWarning, match="unknown flag 'explicite'"):
        neuron = ann.Neuron(equations="dx/dt = -x*much_later : init=1.0, explicite\nr = x")
    ann.Constant("much_later", 2.0)

    assert ann.Network().create(1, neuron).attributes == ["x", "r"]


def test_all_inputs_are_lenient_here():
    assert READY_MADE.keys() == ENGRAM_READY_MADE.keys()
    assert all(issubclass(READY_MADE[name], kind) for name, kind in ENGRAM_READY_MADE.items())


@pytest.mark.cc
@pytest.mark.parametrize("is_compiled", [True, False])
def test_what_is_read_is_a_plain_copy(parts, is_compiled):
    pop, proj, _ = parts
    lasting = ann.Synapse(parameters="k = 1.0 : postsynaptic", equations="q += 1.0")
    learns = ann.Projection(pop, pop, "exc", lasting).connect_all_to_all(ann.Uniform(0.0, 1.0))
    spiking = ann.PoissonPopulation((2, 2), rates=[[1.0, 2.0], [3.0, 4.0]])
    pop.v = [1.0, 2.0, 3.0]
    if is_compiled:
        ann.compile()
    arrays = {(pop, "v"): [], (pop[1:], "v"): [], (pop, "ranks"): [], (pop[1:], "ranks"): [], (spiking, "rates"): []}
    lists = {}
    if is_compiled:
        arrays |= {(spiking, "spike"): [], (pop, "sum"): ["exc"], (learns, "connectivity_matrix"): []}
        arrays |= {(learns, "array"): ["w"], (learns.dendrite(0), "receptive_field"): [], (pop[1:], "sum"): ["exc"]}
        lists = dict.fromkeys([(learns, "w"), (learns, "k"), (learns, "pre_ranks"), (learns, "post_ranks")])
        lists |= dict.fromkeys([(learns.dendrite(0), "w"), (learns.dendrite(0), "pre_ranks")])

    def read(owner, name, args=()):
        found = getattr(owner, name)
        return found(*args) if callable(found) else found

    for (owner, name), args in arrays.items():
        before, found = read(owner, name, args), read(owner, name, args)
        assert type(found) is np.ndarray
        found.reshape(-1)[...] = 7
        found.sort()
        np.clip(found, 0, 1, out=found)
        assert np.array_equal(read(owner, name, args), before)
    for owner, name in lists:
        before, found = read(owner, name), read(owner, name)
        assert type(found) is type(found[0:1]) is list
        for row in [found, *(one for one in found if isinstance(one, list))]:
            assert type(row) is list
            row[0] = 9.0
            row.append(3.0)
        assert read(owner, name) == before
    v = pop.v
    v[v > 2.5] = 0.0
    pop[0:2].v = pop[0:2].v + 1.0
    pop[2].v += 1.0
    assert (pop.v.tolist(), pop.neuron(0).v, pop.geometry, pop[1:].geometry) == ([2.0, 3.0, 4.0], 2.0, (3,), (2,))
    if is_compiled:
        assert (proj.w, proj.dendrite(0).w[1], proj.w[0]) == (0.1, 0.1, [0.1, 0.1])
        with pytest.raises(TypeError, match="item assignment"):
            proj.w[0] = 1.0
        learns.w, learns.plasticity = 2.0, False
        assert (learns.w[0], learns.plasticity) == ([2.0, 2.0], False)
