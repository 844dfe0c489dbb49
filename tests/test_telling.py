"""Messages tell values shortly, whatever they are and wherever they are given."""

import inspect
import warnings

import numpy as np
import pytest
from scipy.sparse import csr_matrix

import engram as eg
from engram.telling import told, typed
from tests.cases import check_each

MATRIX = np.arange(40_000.0).reshape(200, 200)


class Table:
    """What prints as a table of pandas does."""

    def __repr__(self):
        return "\n".join(f"{k}  0.1  0.2  ...  0.9" for k in range(60))


WHAT = {
    "matrix": MATRIX,
    "row": MATRIX[0],
    "list": [0.123456789] * 5_000,
    "lists": MATRIX.tolist(),
    "words": ["name"] * 5_000,
    "dictionary": {str(k): k for k in range(5_000)},
    "table": Table(),
    "sparse": csr_matrix(MATRIX),
    "objects": np.array([None] * 5_000),
}


def test_values_are_told_as_typed_where_that_is_short():
    cases = {
        "an array of shape (200, 200)": MATRIX,
        "a list of 5000": WHAT["list"],
        "a Table": Table(),
        "a csr_matrix of shape (200, 200)": WHAT["sparse"],
        "[1.0, 2.0]": np.array([1.0, 2.0]),
        "0.3": 0.1 + 0.2,
        "1.5": np.float64(1.5),
        "7": np.array(7),
        "'spike'": "spike",
        "'word word word word word word word word word word word ' ...": "word " * 5_000,
        "None": None,
        "a synapse 'STDP'": eg.STDP(),
        "the class int": int,
        "the class Uniform": eg.Uniform,
        "the function told": told,
        "the function simulate": eg.Network(seed=1).simulate,
        "an object": object(),
        "(8, 10)": (8, 10),
    }
    for words, value in cases.items():
        assert told(value) == words


def test_numbers_are_told_as_typed():
    for text in ("0.3", "1e-09", "0.1", "1234567.125", "nan", "inf", "-0.0", "16777217.0"):
        assert typed(float(text)) == text
    assert typed(0.1 + 0.2) == "0.3"
    assert typed(1.0000001) == "1.0000001"


def fresh():
    """Return a small network, and a handle of each kind."""
    neuron = eg.Neuron("tau = 20.0 : population", "tau*dv/dt = -v + g_exc", spike="v > 1.0", reset="v = 0.0")
    net = eg.Network(dt=0.1, seed=1)
    pop = net.create(3, neuron, name="pop")
    proj = net.connect(pop, pop, "exc", name="proj")
    monitor, rows = net.monitor(pop, "v"), eg.LILConnectivity(dt=0.1)
    return {"net": net, "pop": pop, "view": pop[:2], "proj": proj, "monitor": monitor, "rows": rows}


def compiled():
    there = fresh()
    there["proj"].all_to_all(weights=0.1)
    there["net"].compile(backend="numpy")
    there["net"].simulate(1.0)
    return there


FREE = "Neuron Synapse Constant Network Population Projection Monitor Uniform Normal PoissonPopulation TimedArray"
FREE += " SpikeSourceArray InputArray TimedPoissonPopulation HomogeneousCorrelatedSpikeTrains open read convert setup"
FREE += " add_function functions simulate every simulate_until reset save load set_seed set_time get_population report"
FREE += (
    " BoldMonitor BoldModel CurrentInjection DecodingProjection sparse_random_matrix LILConnectivity STDP IF_curr_exp"
)


def calls_of(one, names):
    """Return all parameters of some functions: the function's name, and its own."""
    found = []
    for name in names:
        parameters = inspect.signature(getattr(one, name)).parameters.values()
        found += [(name, p.name) for p in parameters if p.kind is not p.VAR_KEYWORD]
    return found


def plausible(function, but):
    """Return arguments for the parameters that have no default, all but one."""
    given = {"geometry": 3, "name": "x", "value": 1.0, "min": 0.0, "max": 1.0, "mu": 0.0, "sigma": 1.0, "period": 1.0}
    given |= {"probability": 0.5, "number": 1, "duration": 1.0, "max_duration": 1.0, "target": "exc", "window": 10.0}
    given |= {
        "rates": 1.0,
        "corr": 0.1,
        "tau": 1.0,
        "schedule": 0.0,
        "neuron": eg.Izhikevich,
        "filename": "x",
        "file": "x",
    }
    parameters = inspect.signature(function).parameters.values()
    needed = [
        p.name for p in parameters if p.default is p.empty and p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
    ]
    return {name: given.get(name, "pop") for name in needed if name != but}


def complaint(function, parameter, value):
    """Return what is said of a call, and whether it was refused."""
    kind = inspect.signature(function).parameters[parameter].kind
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            if kind is inspect.Parameter.VAR_POSITIONAL:
                function(value)
            else:
                function(**plausible(function, parameter), **{parameter: value})
        except eg.EngramError as error:
            if isinstance(error, eg.LanguageError):  # whose text was given line by line
                return [], True
            return [str(error), *(str(one.message) for one in said)], True
    return [str(one.message) for one in said], False


def short(texts):
    """Fail if one of some messages is long, or has the rows of a matrix."""
    for said in texts:
        assert len(said) < 600, said[:900]
        assert ", ...," not in said
        assert "...,\n" not in said
        assert "0.123456789, 0.123456789, 0.123456789, 0.123456789" not in said


@pytest.mark.parametrize("state", [fresh, compiled])
@pytest.mark.parametrize("kind", ["net", "pop", "view", "proj", "monitor", "rows"])
def test_no_message_holds_a_matrix(kind, state, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    there = state()
    of = type(there[kind])
    names = [name for name in dir(of) if name[:1] != "_" and callable(getattr(of, name))]
    refused = 0

    def check(name, parameter, what):
        nonlocal refused, there
        texts, is_refused = complaint(getattr(there[kind], name), parameter, WHAT[what])
        refused += is_refused
        if not is_refused:
            there = state()
        short(texts)

    check_each([(name, p, what) for name, p in calls_of(there[kind], names) for what in WHAT], check)
    assert refused > 10


@pytest.mark.slow
def test_no_message_of_the_module_holds_a_matrix(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def check(name, parameter, what):
        short(complaint(getattr(eg, name), parameter, WHAT[what])[0])

    names = FREE.split()
    assert {*names} <= {*eg.__all__}
    check_each([(name, p, what) for name, p in calls_of(eg, names) for what in WHAT], check)
    eg.clear()
