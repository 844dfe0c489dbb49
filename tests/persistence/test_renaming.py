"""Transfer: some of a file's objects, under other names, into another network."""

import ast
import re
import warnings

import numpy as np
import pytest

import engram as eg
from engram.errors import InvalidArgument, LoadWarning, StateMismatch
from tests.network.small import LIF


def built(names=("exc", "inh"), sizes=(6, 3), seed=1, monitors=()):
    net = eg.Network(dt=1.0, seed=seed)
    first, second = (net.create(n, LIF, name=name) for name, n in zip(names, sizes, strict=True))
    net.connect(first, second, "exc", name="c").fixed_probability(0.5, weights=eg.Uniform(0.1, 1.0))
    for name in monitors:
        net.monitor(first, ["v", "spike"], name=name)
    net.compile()
    first.v = np.arange(sizes[0]) * 0.1 + seed
    return net


@pytest.mark.parametrize("suffix", [".npz", ".engram", ".gz", ".mat", ".h5", ".txt"])
def test_objects_are_found_under_other_names(tmp_path, suffix):
    there, here = built(), built(("PFC_exc", "PFC_inh"), seed=2)
    there.save(tmp_path / f"a{suffix}")
    report = here.load(
        tmp_path / f"a{suffix}",
        only=["populations/exc/v", "projections/c"],
        rename={"exc": "PFC_exc", "populations/inh": "PFC_inh"},
    )
    np.testing.assert_array_equal(here.get_population("PFC_exc").v, there.get_population("exc").v)
    np.testing.assert_array_equal(here.get_projection("c").array("w"), there.get_projection("c").array("w"))
    assert "populations/PFC_exc/v" in report.loaded
    assert "populations/PFC_inh/v" not in report.loaded


def test_whole_network_under_other_names_says_that_it_draws_otherwise(tmp_path):
    there, here = built(monitors=["m"]), built(("b", "a"), seed=2, monitors=["m"])
    there.save(tmp_path / "a.npz")
    with pytest.warns(LoadWarning, match="populations/b: it had another name when it was made, so that its random"):
        report = here.load(tmp_path / "a.npz", rename={"exc": "b", "inh": "a"})
    assert not report.exact
    assert not report.goes_on
    np.testing.assert_array_equal(here.get_population("b").v, there.get_population("exc").v)


def test_names_that_can_not_be(tmp_path):
    net = built()
    net.save(tmp_path / "a.npz")
    before = net.digest()
    for rename, message in (
        ({"ex": "b"}, "no object of that name\n  help: did you mean 'exc'"),
        (["exc"], "takes a dictionary of names, got"),
        ({"exc": "inh"}, "two objects of .* would be populations/inh"),
        ({"exc": "nope", "inh": "exc"}, "this network has no population 'nope'"),
        ({"populations/exc": "projections/c"}, "stays among the populations\n  help: rename={'populations/exc': 'c'}"),
    ):
        with pytest.raises(InvalidArgument, match=message):
            net.load(tmp_path / "a.npz", rename=rename)
    assert net.digest() == before


def test_name_of_what_nobody_asked_for_is_free(tmp_path):
    there, here = built(sizes=(6, 6)), built(sizes=(6, 6), seed=2)
    there.save(tmp_path / "a.npz")
    report = here.load(tmp_path / "a.npz", only="populations/exc/v", rename={"exc": "inh"})
    assert report.loaded == ("populations/inh/v",)
    np.testing.assert_array_equal(here.get_population("inh").v, there.get_population("exc").v)


def test_other_sizes_are_refused_with_the_way_out(tmp_path):
    built(sizes=(6, 3)).save(tmp_path / "a.npz")
    net = built(("E", "inh"), sizes=(8, 3))
    with pytest.raises(StateMismatch, match=r"populations/E: .*6.* in the file, .*8.* in the network\n  help: build"):
        net.load(tmp_path / "a.npz", only=["populations/exc"], rename={"exc": "E"})
    with pytest.raises(StateMismatch, match=r"or assign what fits: eg.read\('.*a.npz'\) has the values\.$"):
        built(sizes=(8, 3)).load(tmp_path / "a.npz")  # a load of that part is refused as well


def test_a_lacking_monitor_is_said_in_words_and_the_rest_goes_on(tmp_path):
    there, here = built(monitors=["out"]), built(seed=2)
    there.save(tmp_path / "a.npz")
    with pytest.warns(LoadWarning) as seen:
        report = here.load(tmp_path / "a.npz")
    text = "monitor 'out' of the file is not in this network; the dynamics go on to the bit"
    assert [str(one.message) for one in seen] == [text]
    assert report.goes_on == text
    assert not report.exact
    assert "monitors/" not in str(report)
    for net in (there, here):
        net.simulate(20.0)
    np.testing.assert_array_equal(here.get_population("inh").v, there.get_population("inh").v)
    with pytest.warns(LoadWarning, match="monitor 'mine' of this network is empty"):
        built(monitors=["out", "mine"]).load(tmp_path / "a.npz")


def test_a_load_is_finished_before_it_warns(tmp_path):
    there, here = built(monitors=["out"]), built(seed=2)
    there.save(tmp_path / "a.npz")
    with pytest.raises(LoadWarning, match="monitor 'out' of the file is not in this network"):
        here.load(tmp_path / "a.npz")  # warnings are errors here
    assert here.load_report is not None
    here.save(tmp_path / "b.npz")
    assert eg.open(tmp_path / "b.npz").digest() == here.digest()


def test_report_in_a_notebook(tmp_path):
    net = built(("<exc>", "inh"))
    net.save(tmp_path / "a.npz")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        report = built(("<exc>", "inh"), monitors=["<m>"]).load(tmp_path / "a.npz")
    assert "<li>monitor &#x27;&lt;m&gt;&#x27; of this network is empty" in report._repr_html_()


def recorded(variables, part=None, period=1.0, stdp=""):
    net = eg.Network(dt=1.0, seed=1)
    exc = net.create(6, LIF, name="exc")
    events = {"pre_spike": f"g_target += {stdp}w", "post_spike": f"w += {stdp}A"}
    more = {"equations": "10.0*dy/dt = -y : event-driven"} if stdp else {}
    synapse = eg.Synapse(parameters="A = 1.0 : projection", **events, **more)
    net.connect(exc, exc, "exc", synapse, name="ee").one_to_one(weights=0.5)
    net.monitor(exc if part is None else exc[part], variables, name="m", period=period)
    net.compile(backend="numpy")
    return net


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"period": 5.0}, "monitors/m: period 1.0 ms in the file, 5.0 ms in the network; the file's stands"),
        ({"variables": ["s", "v"]}, "note: monitors/m: variables [v] in the file, [s, v] in the network; "
                                    "its records were not loaded, and it is empty"),
        ({"part": slice(3)}, "note: monitors/m: ranks all in the file, 0, 1, 2 in the network"),
        ({"stdp": "0.5*"}, " : event-driven in the network; "
                           "other lines in post_spike, pre_spike, too"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore")
def test_report_says_what_is_other(tmp_path, options, text):
    recorded(["v"]).save(tmp_path / "a.npz")
    report = recorded(**{"variables": ["v"], **options}).load(tmp_path / "a.npz")
    assert text in str(report)
    assert report.exact == ("period" in options)
    for wrong in ("monitor 'm'", "clock", "init/"):
        assert wrong not in str(report)


def test_monitors_that_nobody_asked_for_are_no_warning(tmp_path, recwarn):
    there, here = recorded(["v"]), recorded(["v"])
    there.save(tmp_path / "a.npz")
    here.load(tmp_path / "a.npz", monitors=False)
    assert not recwarn.list


def one_pair(names, sizes=(6, 6), seed=1):
    """A network with a projection from its first to its second population; one name stands for both."""
    net = eg.Network(dt=1.0, seed=seed)
    made = {name: net.create(n, LIF, name=name) for name, n in zip(names, sizes, strict=False)}
    pre, *post = made.values()
    net.connect(pre, *(post or [pre]), "exc", name="_".join(names)).fixed_probability(0.5, weights=eg.Uniform(0.1, 1))
    net.compile()
    return net


def test_file_of_one_object_goes_to_another_one(tmp_path):
    there, here = one_pair("ab"), one_pair("ba", seed=2)
    one, other = there.get_population("a"), here.get_population("b")
    one.v = np.arange(6.0)
    one.save(tmp_path / "a.npz")
    report = other.load(tmp_path / "a.npz")
    assert "the file is of populations/a, whose values populations/b has now" in str(report)
    assert (here.load_report, other.v.tolist()) == (report, one.v.tolist())

    there.get_projection("a_b").save(tmp_path / "a_b.npz")
    here.get_projection("b_a").load(tmp_path / "a_b.npz")
    np.testing.assert_array_equal(here.get_projection("b_a").array("w"), there.get_projection("a_b").array("w"))

    with pytest.raises(
        StateMismatch, match=r"pre population a .*, c in the network\n(.*\n)*  help: build projection 'c'"
    ):
        one_pair("c").get_projection("c").load(tmp_path / "a_b.npz")  # one name for both: none is advised
    there.get_projection("a_b").save(tmp_path / "same.npz")
    same = eg.Network(dt=1.0, seed=3)
    pair = [same.create(6, LIF, name=name) for name in "xy"]
    same.connect(*pair, "exc", name="a_b").fixed_probability(0.5, weights=eg.Uniform(0.1, 1))
    same.compile()
    with pytest.raises(StateMismatch, match="pre population a in the file, x in the network"):
        same.get_projection("a_b").load(tmp_path / "same.npz")
    with pytest.raises(StateMismatch, match="geometry .* or assign what fits: eg.read"):
        one_pair("c", (7,)).get_population("c").load(tmp_path / "a.npz")


def test_file_of_a_network_says_how_it_goes_to_another_name(tmp_path):
    there, here = one_pair("ab"), one_pair("ba", seed=2)
    there.save(tmp_path / "n.npz")
    only, rename = ["projections/a_b"], {"a_b": "b_a", "a": "b", "b": "a"}
    with pytest.raises(StateMismatch, match=re.escape(f"only={only}, rename={rename}) takes that of projections/a_b")):
        here.get_projection("b_a").load(tmp_path / "n.npz")
    here.load(tmp_path / "n.npz", only=only, rename=rename)
    np.testing.assert_array_equal(here.get_projection("b_a").array("w"), there.get_projection("a_b").array("w"))


def test_what_is_not_asked_for_gives_way_to_new_names(tmp_path):
    there = eg.Network(dt=1.0, seed=1)
    pops = [there.create(6, LIF, name=name) for name in "ABCD"]
    ab = there.connect(*pops[:2], "exc", name="ab")
    ab.fixed_probability(0.5, weights=eg.Uniform(0.0, 1.0))
    there.connect(pops[2], pops[0], "exc", name="ca").one_to_one(0.5)
    there.compile(backend="numpy")
    pops[0].v = 0.125
    there.save(tmp_path / "a.npz")

    here = eg.Network(dt=1.0, seed=2)
    c, d = (here.create(6, LIF, name=name) for name in "CD")
    cd = here.connect(c, d, "exc", name="cd")
    cd.fixed_probability(0.5, weights=eg.Uniform(0.0, 1.0))
    here.compile(backend="numpy")
    here.load(tmp_path / "a.npz", only=["populations/A"], rename={"A": "C"})  # the file has a C, too
    assert c.v[0] == 0.125
    for only in ("projections/ab", ["populations/A", "populations/B", "projections/ab"]):
        here.load(tmp_path / "a.npz", only=only, rename={"ab": "cd", "A": "C", "B": "D"})
        np.testing.assert_array_equal(cd.array("w"), ab.array("w"))
    some = ["populations/A", "populations/B"]
    here.load(tmp_path / "a.npz", only=some, rename={"A": "C", "B": "D"})
    with pytest.warns(LoadWarning, match="they act in that order"):
        there.load(tmp_path / "a.npz", only=some, rename={"A": "D", "B": "A"})  # D takes what is left in the end, B
    assert pops[3].v[0] == 0.125
    chain("ABC", {"q": "CA"}).save(tmp_path / "q.npz")
    alike = chain("BCD", {"A": "BC"})  # the file's B gives way and is A, as a projection is here, and no population
    alike.load(tmp_path / "q.npz", only="projections/q", rename={"q": "A", "C": "B", "A": "C"})
    with pytest.raises(InvalidArgument, match="two objects of .* would be populations/C"):
        here.load(tmp_path / "a.npz", only=["projections/ab", "projections/ca"], rename={"A": "C"})


def chain(names, ends, seed=1):
    net = eg.Network(dt=1.0, seed=seed)
    pops = {name: net.create(6, LIF, name=name) for name in names}
    for name, (pre, post) in ends.items():
        net.connect(pops[pre], pops[post], "exc", name=name).one_to_one(0.5)
    net.compile(backend="numpy")
    return net


@pytest.mark.parametrize(
    ("there", "here", "options", "advice"),
    [
        # two ends onto one, or onto a name that another one of the file keeps: no names are advised
        (("BC", {"p": "CB"}), ("BCD", {"p": "DD"}), {"only": "projections/p"}, "build projection 'p' with pre pop"),
        (("BCD", {"p": "CB", "q": "DD"}), ("CD", {"p": "DC"}), {}, "add population 'B' to the script"),
        # what was renamed already is said together with the rest, by the names that the file has
        (("AB", {"p": "AB"}), ("CD", {"q": "CD"}), {"only": "projections/p", "rename": {"p": "q"}},
         "load with rename={'p': 'q', 'A': 'C', 'B': 'D'}."),
        (("AB", {"p": "AB"}), ("ABC", {"p": "AB"}), {"only": "projections/p", "rename": {"A": "C"}}, "without rename="),
        # a name that a population and a projection have
        (("AB", {"A": "AB"}), ("CB", {"A": "CB"}), {"populations": False}, "load with rename={'populations/A': 'C'}."),
        (("AB", {"p": "AB"}), ("CB", {}), {}, "load with rename={'A': 'C'}, which leaves 2 differences."),
        # one population of the file would be two here
        (("D", {"p": "DD"}), ("BC", {"p": "BC"}), {"only": "projections/p"}, "build projection 'p' with pre pop"),
        (("D", {"p": "DD"}), ("BC", {"p": "BC"}), {}, "add population 'D' to the script"),
    ],
)  # fmt: skip
def test_advised_names_are_taken(tmp_path, there, here, options, advice):
    chain(*there).save(tmp_path / "a.npz")
    net = chain(*here, seed=2)
    with pytest.raises(StateMismatch) as said:
        net.load(tmp_path / "a.npz", **options)
    assert advice in str(said.value)
    rename = re.search(r"rename=({.*?})", str(said.value).partition("help:")[2])
    left = re.search(r"leaves (\d)", str(said.value))
    if left:
        with pytest.raises(StateMismatch, match=f"{left[1]} difference"):
            net.load(tmp_path / "a.npz", **options, rename=ast.literal_eval(rename[1]))
    elif rename:
        net.load(tmp_path / "a.npz", **options | {"rename": ast.literal_eval(rename[1])})
