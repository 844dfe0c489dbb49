"""Names of objects: two that look the same are the same, in calls, in files and in parameters."""

import unicodedata
from pathlib import Path

import pytest

import engram as eg
from engram.errors import InvalidArgument, LanguageError
from engram.language.vocabulary import RESERVED, RESERVED_IN_SYNAPSES
from tests.cases import check_each, each
from tests.resume.networks import CASES, started

NFC, NFD = "caf\u00e9", "cafe\u0301"
NOISY = eg.Neuron(parameters="a = 1.0 : population", equations="r = a + Uniform(0, 1)", name="noisy")


def network(name):
    net = eg.Network(dt=1.0, seed=3)
    pop = net.create(4, NOISY, name=name)
    net.connect(pop, pop, "exc", name=f"{name}s").all_to_all(1.0)
    net.monitor(pop, "r", name=f"{name} r")
    net.monitor(pop[:2], "r")
    net.compile(backend="numpy")
    net.simulate(3.0)
    return net


def test_object_is_found_by_any_spelling_of_its_name_and_has_the_draws_of_the_one():
    net = network(NFD)

    assert net.get_population(NFD) is net.get_population(NFC)
    assert net.get_population(NFC).name == NFC
    assert net.get_projection(f"{NFD}s").name == f"{NFC}s"
    assert net.get_monitor(f"{NFD} r") is net.get_monitor(f"{NFC} r")
    assert f"population '{NFC}'" in str(net.explain(NFD))
    assert f"projection '{NFC}s'" in str(net.explain(f"projections/{NFD}s"))
    assert net.get_population(NFD).r.tobytes() == network(NFC).get_population(NFC).r.tobytes()

    other = eg.Network()
    other.create(1, NOISY, name=NFC)
    with pytest.raises(InvalidArgument, match="exists already"):
        other.create(1, NOISY, name=NFD)


def test_hidden_characters_are_refused_wherever_a_name_is_given_or_looked_for():
    net = network("p")
    fresh = eg.Network()
    pop = fresh.create(1, NOISY)
    bad, words = "a\u200bb", "U+200B ZERO WIDTH SPACE as character 2"
    calls = {
        "population": lambda: fresh.create(1, NOISY, name=bad),
        "projection": lambda: fresh.connect(pop, pop, "exc", name=bad),
        "target": lambda: fresh.connect(pop, pop, bad),
        "targets": lambda: fresh.connect(pop, pop, ["exc", bad]),
        "monitor": lambda: fresh.monitor(pop, "r", name=bad),
        "constant": lambda: fresh.constant(bad, 1.0),
        "constant of all": lambda: eg.Constant(bad, 1.0),
        "neuron": lambda: eg.Neuron(equations="r = 1", name=bad),
        "synapse": lambda: eg.Synapse(equations="x = 1", name=bad),
        "parameter": lambda: eg.Neuron(parameters={bad: 1.0}, equations="r = 1"),
        "get_population": lambda: net.get_population(bad),
        "get_projection": lambda: net.get_projection(bad),
        "get_monitor": lambda: net.get_monitor(bad),
        "get_constant": lambda: net.get_constant(bad),
        "explain": lambda: net.explain(bad),
        "only": lambda: net.load("nowhere.npz", only=[bad]),
        "attribute": lambda: pop.get(bad),
        "attribute that is set": lambda: pop.set({bad: 1.0}),
    }

    def check(call):
        with pytest.raises(eg.EngramError) as caught:
            call()
        assert words in str(caught.value)

    check_each(calls, check)
    assert net.get_populations() == [net.get_population("p")]
    assert fresh.get_projections() == []


def test_hidden_characters_in_equations_are_named_at_their_place():
    with pytest.raises(LanguageError, match=r"unexpected character U\+202E RIGHT-TO-LEFT OVERRIDE") as caught:
        eg.Neuron(equations="r = 1\nx = r\u202e + 1").model  # noqa: B018  parsed when asked for

    assert "line 2, column 6" in str(caught.value)


def test_file_is_asked_for_objects_by_any_spelling_of_their_names(tmp_path):
    net = network(NFC)
    net.save(tmp_path / "run.npz")

    assert f"populations/{NFC}/r" in net.load(tmp_path / "run.npz", only=[f"populations/{NFD}"]).loaded


def test_parameters_with_another_spelling_are_set(tmp_path: Path):
    path = tmp_path / "parameters.json"
    net = network(NFD)
    net.save_parameters(path)
    text = path.read_text("utf-8")
    assert NFC in text
    path.write_text(unicodedata.normalize("NFD", text).replace("1.0", "2.0"), "utf-8")
    net.load_parameters(path)

    assert net.get_population(NFC).a == 2.0

    path.write_text(text.replace(NFC, "caf\u200b\u00e9"), "utf-8")
    with pytest.raises(eg.EngramError, match=r"which has U\+200B ZERO WIDTH SPACE as character 4"):
        net.load_parameters(path)


@pytest.mark.cc
@each("case", CASES)
def test_no_attribute_can_stand_where_a_slot_of_ours_does(case):
    """Or its values would be taken for ours: such names are reserved in the language, or refused by the handle."""
    net = started(case)
    for handle, reserved in (
        *((pop, RESERVED) for pop in net.get_populations()),
        *((proj, RESERVED | RESERVED_IN_SYNAPSES) for proj in net.get_projections()),
    ):
        prefix, known = f"{handle._core.path}/", {*handle.attributes}
        ours = {path.removeprefix(prefix).split("/")[0] for path in net._core.state.slots() if path.startswith(prefix)}
        free = ours - known - reserved
        assert not {name for name in free if not hasattr(type(handle), name) and not name.startswith("g_")}
