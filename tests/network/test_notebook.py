"""A notebook, run by a kernel: cells that are run again, what objects show, errors without our frames."""

import os
import re
import sys
import types

import nbformat
import pytest
from nbclient import NotebookClient

import engram as eg
from engram.network.cells import running_cell

CELLS = {
    "setup": "import engram as eg\neg.setup(dt=0.5, seed=7)",
    "network": """
cell = eg.Neuron(parameters="I = 2.0", equations="10.0*dv/dt = I - v", spike="v > 1.0", reset="v = 0.0")
pop = eg.Population(3, cell)
m = eg.Monitor(pop, ["v", "spike"])
eg.compile(backend="numpy")
eg.simulate(20.0, progress=True)
pop""",
    "look": "eg.get_time(), len(eg.magic_network()), eg.dt(), pop.name, old is pop",
    "keep": "old, old_m = pop, m",
    "old": "old.v",
    "old monitor": "old_m.get()",
    "error": "pop.v = [1.0, 2.0]",
    "syntax": "eg.Neuron(equations='dv/dt = -v/(tau')",
    "another": "eg.Population(3, eg.Izhikevich)",
    "cleared": "eg.clear()\neg.dt()",
}


class Notebook:
    def __init__(self, client):
        self.client, self.cells = client, {name: client.nb.cells[k] for k, name in enumerate(CELLS)}

    def run(self, name):
        """Run a cell; return its last output."""
        self.client.execute_cell(self.cells[name], [*CELLS].index(name))
        outputs = self.cells[name].outputs
        return outputs[-1] if outputs else None

    def text(self, name):
        return self.run(name)["data"]["text/plain"]

    def error(self, name):
        """Run a cell that raises; return what is shown, without colours."""
        return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(self.run(name).traceback))


@pytest.fixture(scope="module")
def notebook(tmp_path_factory):
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text.strip()) for text in CELLS.values()])
    client = NotebookClient(nb, timeout=120, kernel_name="python3", allow_errors=True)
    folder = tmp_path_factory.mktemp("ipython")
    with client.setup_kernel(env={**os.environ, "ENGRAM_TRACEBACK": "short", "IPYTHONDIR": str(folder)}):
        yield Notebook(client)


@pytest.mark.slow
def test_cells_that_are_run_again_begin_anew(notebook):
    notebook.run("setup")
    shown = notebook.run("network")["data"]
    notebook.run("keep")

    assert shown["text/plain"] == "<Population 'pop0': 3 neurons>"
    assert "frac{dv}{dt}" in shown["text/html"]
    assert "x real time" in str(notebook.cells["network"].outputs)
    assert notebook.text("look") == "(20.0, 1, 0.5, 'pop0', True)"

    notebook.run("network")
    assert notebook.text("look") == "(20.0, 1, 0.5, 'pop0', False)"
    for gone in ("old", "old monitor"):
        assert "ClearedNetwork: this belongs to a network that is gone" in notebook.error(gone)

    message = notebook.error("error")
    assert "----> 1 pop.v = [1.0, 2.0]" in message
    assert "expected an array of shape (3,)" in message
    syntax = notebook.error("syntax")
    assert "----> 1 eg.Neuron(" in syntax
    for said in (message, syntax):
        assert not re.findall(r"File (\S+\.py)|<string>|run_code", said)

    assert "help: eg.clear() begins anew; or move the call before it." in notebook.error("another")
    assert notebook.text("cleared") == "0.5"  # the step that setup was given

    notebook.run("another")
    notebook.run("network")  # of two cells now
    assert "after compile()" in notebook.error("network")


class _Shell:
    """What engram asks of IPython; a cell has a number in some notebooks."""

    def __init__(self):
        self.user_ns, self.execution_count, self.parent_header = {"eg": eg}, 0, {}

    def run(self, cell, text="eg.Population(3, eg.Izhikevich)"):
        self.execution_count += 1
        self.parent_header = {"metadata": {"cellId": cell}}
        exec(compile(text, "<cell>", "exec"), self.user_ns)  # noqa: S102  as a kernel does
        return [population.name for population in eg.magic_network()]


@pytest.fixture
def shell(monkeypatch):
    shell = _Shell()
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    return shell


def test_cell_that_was_edited_is_the_same_cell(shell):
    assert shell.run("a") == ["pop0"]
    assert shell.run("a", "for _ in range(2): eg.Population(4, eg.Izhikevich)") == ["pop0", "pop1"]


def test_cell_with_inputs_alone_begins_anew(shell):
    assert shell.run("a", "eg.PoissonPopulation(3, rates=1.0)") == ["pop0"]
    assert shell.run("a", "eg.PoissonPopulation(3, rates=1.0)") == ["pop0"]


def test_setup_in_a_cell_that_is_run_again_begins_anew(shell):
    text = "eg.setup(dt=0.5)\neg.Population(3, eg.Izhikevich)\neg.compile(backend='numpy')"
    assert shell.run("a", text) == shell.run("a", text) == ["pop0"]


def test_one_of_several_cells_that_is_run_again_warns_that_it_adds(shell):
    shell.run("a")
    shell.run("b")
    with pytest.warns(UserWarning, match="this cell was run before") as caught:
        assert shell.run("a", "for _ in range(2): eg.Population(4, eg.Izhikevich)") == ["pop0", "pop1", "pop2", "pop3"]
    assert len(caught) == 1


BUILD = "net = eg.magic_network()\npop = eg.Population(3, eg.Izhikevich, name='A')\neg.compile(backend='numpy')"


def test_monitors_of_a_cell_that_is_run_again_take_the_place_of_those_before(shell):
    text = "m = eg.Monitor(pop, 'v'), eg.Monitor(pop, 'v'), eg.Monitor(pop[:2], 'v'), eg.Monitor(pop, 'u', name='U')"
    shell.run("build", BUILD)
    shell.run("another", "eg.Monitor(pop, 'v')")
    shell.run("record", text)
    before = shell.user_ns["m"]
    shell.run("record", f"eg.simulate(2.0)\n{text}\neg.simulate(1.0)")

    m, net = shell.user_ns["m"], eg.magic_network()
    assert [one.name for one in m] == [one.name for one in before] == [f"Monitor_A_{k}" for k in (1, 2, 3)] + ["U"]
    assert len(net.get_monitors()) == 5
    assert [len(one.get(keep=True)) for one in m] == [1, 1, 1, 1]
    with pytest.raises(eg.EngramError, match="was removed"):
        before[0].get("v")
    with pytest.raises(eg.InvalidArgument, match="period"):
        shell.run("record", "eg.Monitor(pop, 'v', period=0.3)")
    assert m[0] in net.get_monitors()


def test_cell_that_builds_is_run_again_after_another_one_that_records(shell):
    shell.run("build", BUILD)
    shell.run("record", "m = eg.Monitor(pop, 'v')")
    old = shell.user_ns["m"]
    shell.run("build", BUILD)
    shell.run("record", "m = eg.Monitor(pop, 'v')\neg.simulate(1.0)")

    assert shell.user_ns["m"].name == "Monitor_A"
    with pytest.raises(eg.ClearedNetwork):
        old.get("v")


NET = "net = eg.Network(seed=1)\np = net.create(3, eg.Izhikevich)"
IMPLICIT = "net = eg.magic_network()\np = eg.Population(3, eg.Izhikevich)"


@pytest.mark.parametrize(
    ("begin", "text", "said"),
    [
        (NET, "net.create(3, eg.Izhikevich); net.create(4, eg.Izhikevich)", "population 'pop3' stands beside 'pop1'"),
        (
            NET,
            "net.connect(p, p, 'exc').all_to_all(1.0); net.connect(p, p, 'inh').all_to_all(1.0)",
            "'proj2' .* 'proj0'",
        ),
        (NET, "net.boldmonitor(p, normalize_input=0)", "'BoldMonitor1' stands beside 'BoldMonitor0'"),
        (IMPLICIT, "eg.Projection(p, p, 'exc').all_to_all(1.0)", "'proj1' stands beside 'proj0'"),
    ],
)
def test_cell_that_adds_to_a_network_of_another_cell_warns_once_when_it_is_run_again(shell, begin, text, said):
    shell.run("begin", begin)
    shell.run("add", text)
    advice = "eg.clear" if begin is IMPLICIT else r"net = eg.Network\(...\), run again before it, begins anew"
    with pytest.warns(eg.EngramWarning, match=f"this cell was run before: .*{said}.*\n  help: {advice}") as caught:
        shell.run("add", text)
    assert len(caught) == 1
    if begin is NET:
        for cell, again in (("begin", begin), ("add", text)):
            shell.run(cell, again)


@pytest.mark.parametrize("begin", [NET, IMPLICIT])
def test_callback_of_a_cell_that_is_run_again_takes_the_place_of_that_before(shell, begin):
    shell.run("begin", f"{begin}\ncalls = []\nnet.compile(backend='numpy')")
    every = "net.every" if begin is NET else "eg.every"
    text = f"@{every}(period=1.0)\ndef f(n): calls.append(%r)\n@{every}(period=1.0)\ndef g(n): calls.append(%r)"
    shell.run("other", text % ("other f", "other g"))
    shell.run("every", text % ("f", "g"))
    shell.run("every", text % ("new f", "new g"))
    shell.user_ns["net"].simulate(1.0)

    assert shell.user_ns["calls"] == ["other f", "other g", "new f", "new g"]


def test_script_has_no_cells(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: None))

    assert running_cell() is None


def test_ipython_without_a_notebook_knows_a_cell_by_its_text(shell):
    def cell(number, text):
        shell.execution_count, shell.parent_header = number, {}
        shell.user_ns["found"] = running_cell
        exec(compile("found = found()", f"<ipython-input-{number}-{text}>", "exec"), shell.user_ns)  # noqa: S102  as above
        return shell.user_ns["found"]

    assert cell(1, "a") == ("<ipython-input-a>", 1)
    assert cell(2, "a").cell == cell(3, "a").cell != cell(4, "b").cell
