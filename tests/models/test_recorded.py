"""Models that are made of their records: they know nothing of this process, and their records are the same again."""

import json
import subprocess
import sys
import warnings
from dataclasses import replace

import pytest

import engram as eg
from engram.blueprint.codec import write_record
from engram.blueprint.records import LimitRecord
from engram.errors import DamagedFile, InvalidArgument, LanguageError
from engram.language.source import MAX_TEXT
from engram.models.registry import REGISTRY
from engram.persistence.blueprinting import model_record
from engram.persistence.opening import definition_of
from tests.cases import check_each
from tests.fuzz.generator import make_text
from tests.resume.networks import CASES as RESUMED
from tests.spec.pasted_models import NEURONS, SYNAPSES
from tests.strategies import examples
from tools.networks.run import CASES as COMPARED

READY = [*eg.models.list_standard_neurons(), *eg.models.list_standard_synapses()]
KINDS = {"neuron": eg.Neuron, "synapse": eg.Synapse}


@pytest.fixture(autouse=True)
def _forgotten():
    yield
    eg.clear()


def check(definition):
    """The model of the record, without the registry, is the same model; its record is the same record."""
    record = model_record(definition)
    known = (dict(REGISTRY.constants), set(REGISTRY.names), list(REGISTRY.functions))
    eg.clear()
    made = definition_of(record)
    assert (REGISTRY.constants, REGISTRY.names, REGISTRY.functions) == ({}, set(), [])
    for declared, before in zip((REGISTRY.constants, REGISTRY.names, REGISTRY.functions), known, strict=True):
        (declared.extend if isinstance(declared, list) else declared.update)(before)

    assert model_record(made) == record
    assert made.spec.fingerprint == definition.spec.fingerprint
    assert made.spec.attributes == definition.spec.attributes
    assert made._event_clock == definition._event_clock or not definition.spec.last_slots


def test_ready_made_models_are_those_of_their_records():
    check_each({kind.__name__: (kind(),) for kind in READY}, check)


def test_pasted_models_are_those_of_their_records():
    check_each({title: (eg.Neuron(**texts),) for title, texts in NEURONS}, check)
    check_each({title: (eg.Synapse(**texts),) for title, _, texts in SYNAPSES}, check)


def test_models_of_networks_are_those_of_their_records():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what networks warn of is tested elsewhere
        for case in (*RESUMED.values(), *COMPARED.values()):
            net = eg.Network(dt=case.dt, seed=8)
            net.config(**case.settings)
            case.create(net) if hasattr(case, "create") else next(case.script(net))
            check_each({part.path: (part.definition,) for part in net._core.components}, check)


def test_random_models_are_those_of_their_records():
    sound = {}
    for seed in range(examples(60)):
        text = make_text(seed)
        try:
            definition = KINDS[text.kind](**text.arguments)
            _ = definition.spec  # or constants are lacking
            sound[str(seed)] = (definition,)
        except (LanguageError, InvalidArgument):
            continue
    check_each(sound, check)


def unusual():
    """Models with what stands outside of them, and what texts can't say."""
    eg.Constant("k", 3.0)
    eg.Constant("inf", 7.0)
    eg.add_function("twice(x) = 2.0*x")
    eg.add_function("more(x) = twice(x) + k")
    trace = "dx/dt = -x/tau : event-driven"
    clocked = eg.Synapse("tau = 5.0 : projection", trace, pre_spike="g_target += w*x ; x += 1.0", name="clocked")
    return {
        "shared": eg.Neuron({"a": "k", "b": eg.Parameter("k", "local")}, "r = more(a) + b", description="calls"),
        "infinite": eg.Neuron({"a": float("inf"), "b": 2.0}, "r = inf*a + b"),
        "variables": eg.Neuron(equations=[eg.Variable("dr/dt = -r/10.0", init=eg.Uniform(0.0, 1.0), min=0.0), "x = t"]),
        "drawn": eg.Neuron({"a": eg.Normal(0.0, 1.0, min=-1.0)}, "r = a*Uniform(0.0, 1.0)", extra_values={}),
        "drops": eg.Neuron(equations="dv/dt = g_exc", spike="v > 1", reset="v = 0", refractory=2.0,
                           refractory_input="drop"),
        "clocked": clocked.with_event_clock("annarchy"),
        "limited": eg.models.IF_cond_exp(tau_m=12.0),
    }  # fmt: skip


def test_models_with_functions_constants_and_distributions_are_those_of_their_records():
    check_each({name: (definition,) for name, definition in unusual().items()}, check)


FRESH = """
import json, sys
from engram.blueprint.codec import _codec, write_record
from engram.blueprint.records import ModelRecord
from engram.persistence.blueprinting import model_record
from engram.persistence.opening import definition_of
records = [_codec(ModelRecord).read(one) for one in json.load(sys.stdin)]
print(json.dumps([write_record(model_record(definition_of(record))) for record in records]))
"""


@pytest.mark.slow
def test_fresh_process_without_cache_makes_the_same_models(tmp_path, monkeypatch):
    records = [write_record(model_record(one)) for one in (*unusual().values(), *(kind() for kind in READY))]
    monkeypatch.setenv("ENGRAM_CACHE_DIR", str(tmp_path / "cache"))
    command = [sys.executable, "-c", FRESH]
    found = subprocess.run(command, input=json.dumps(records), capture_output=True, text=True, check=True).stdout

    assert json.loads(found) == records


def test_second_time_nothing_is_parsed(monkeypatch):
    record = model_record(eg.Neuron("tau = 11.0", "tau*dr/dt = -r", name="seen before"))
    definition_of(record)
    monkeypatch.setattr("engram.language.parse_neuron", None)

    assert model_record(definition_of(record)) == record


def test_print_longer_than_a_users_text_opens():
    definition = eg.Neuron(equations=";".join(f"x{k}=1e9" for k in range(4000)) + ";r=x0")
    record = model_record(definition)
    assert sum(len(text) for _, text in record.blocks) > MAX_TEXT
    check(definition)


def test_bounds_are_printed_once_however_often_they_apply():
    """Else a text of 64 KiB would have a print of 30 MB."""
    bound = "+".join(["tau"] * 500)
    lines = "; ".join(["x += 1.0 : min=0.0"] * 400)
    definition = eg.Neuron("tau = 1.0", f"r = 1.0 ; x += 1.0 : max={bound} ; {lines}")

    assert sum(len(text) for _, text in model_record(definition).blocks) < 20_000
    check(definition)


def test_model_whose_print_could_not_be_read_is_refused(monkeypatch):
    monkeypatch.setattr("engram.language.printed.MAX_PRINTED", 20)
    monkeypatch.setattr("engram.models.definition.recall", lambda key: None)  # whoever has seen it
    with pytest.raises(LanguageError, match="printed anew, with its functions, may have 20 bytes; this one has"):
        eg.Neuron("tau = 10.0", "dr/dt = -r/tau")


LEAKY = {"equations": "tau*dr/dt = -r", "parameters": "tau = 10.0", "name": "leaky"}
WRONG = {
    "syntax": ({"blocks": (("equations", "r = 1 +"),)}, "the statement ends too early"),
    "C": ({"blocks": (("equations", 'r = system("id")'),)}, "unknown function 'system'"),
    "unknown name": ({"blocks": (("equations", "r = tau"),)}, "unknown name 'tau'"),
    "nested": ({"blocks": (("equations", f"r = {'sin(' * 10000}1{')' * 10000}"),)}, "nested"),
    "large": ({"blocks": (("equations", "r = 1\n" * 200_000),)}, "may have 524288 bytes"),
    "long": ({"blocks": (("equations", f"r = {'+'.join('v' * 40_000)}"),)}, "40001 names and numbers"),
    "many": ({"blocks": (("equations", "r = q\n" * 2000),)}, "unknown name 'q'"),
    "limit": ({"limits": (LimitRecord("tau", "positive", ""),), "blocks": (("equations", "r = 1"),
                                                                          ("parameters", "tau = -1.0"))}, "above 0"),
    "clock": ({"event_clock": "exact"}, "event_clock"),
    "constants": ({"constants": ("a",)}, "constants"),
}  # fmt: skip


def check_refused(changes, words):
    with pytest.raises(DamagedFile) as caught:
        definition_of(replace(model_record(eg.Neuron(**LEAKY)), **changes))

    assert words in str(caught.value)
    assert "leaky" in str(caught.value)
    assert len(str(caught.value)) < 2000


def test_records_of_no_model_are_refused_by_name():
    check_each(WRONG, check_refused)
