"""Which kernels of synaptic equations take the sums of the next step along."""

from dataclasses import dataclass

from engram.ir.ahead import look_ahead
from engram.ir.engine_jobs import Zero
from engram.ir.jobs import Access, RunKernel, Touching
from engram.ir.lower_synapses import lower_synapse
from engram.ir.nodes import Argument, Index, Kernel, KernelKind, Place
from engram.models.definition import Neuron, Synapse
from tests.cases import each

W, R, SUM = "projections/c/w", "populations/p/r", "populations/q/sum/exc"
RATE = Neuron(parameters="B = 1.0", equations="r = sum(exc) : float\n m = 0.5 : population").model


@dataclass(frozen=True)
class Writes(Touching):
    """A job that writes one value."""

    path: str

    @property
    def accesses(self):
        return (Access(self.path, writes=True, in_range=True),)


def sums(projection="projections/c"):
    arguments = (
        Argument(Place("w"), "float64", Index.SYNAPSE),
        Argument(Place("r", "pre"), "float64", Index.PRE),
        Argument(Place(what="input"), "float64", Index.POST, written=True),
    )
    paths = (f"{projection}/w", R, SUM)
    return RunKernel(Kernel("sums", KernelKind.GATHER, arguments), "", paths, 3, 3, projection=projection)


def learning(ahead=True, projection="projections/c"):
    arguments = (
        Argument(Place("w"), "float64", Index.SYNAPSE, written=True),
        Argument(Place("r", "pre"), "float64", Index.PRE),
    )
    kernel = Kernel("learning", KernelKind.SYNAPSES, arguments, ahead=ahead)
    return RunKernel(kernel, "", (f"{projection}/w", R), 3, 3, projection=projection)


def marked(jobs):
    return [getattr(job, "ahead", "") for job in look_ahead(jobs)]


def test_equations_and_sums_of_one_projection_share_a_place():
    found = marked([Zero(SUM, ""), sums(), Writes(R), learning()])

    assert found == ["", "projections/c", "", "projections/c"]


@each(
    "jobs",
    [
        [sums(), learning(ahead=False)],
        [sums("projections/d"), learning()],
        [learning(), sums()],  # in this order nothing of the next step is known
        [sums(), learning(), Writes(R)],
        [sums(), learning(), Writes(W)],
        [Writes(W), sums(), learning()],
    ],
)
def test_nothing_is_taken_along_where_it_might_be_other_sums(jobs):
    assert not any(marked(jobs))


def test_projections_take_along_what_is_theirs():
    jobs = [sums(), sums("projections/d"), Writes(R), learning(), learning(projection="projections/d")]

    assert marked(jobs) == ["projections/c", "projections/d", "", "projections/c", "projections/d"]


@each(
    ("synapse", "expected"),
    [
        ({}, True),
        ({"psp": "w*pre.r*post.B + pre.m"}, True),
        ({"operation": "mean"}, True),
        ({"operation": "max"}, False),
        ({"psp": "w*pre.r*t"}, False),
        ({"psp": "w*pre.r*Uniform(0.0, 1.0)"}, False),
    ],
)
def test_kernel_of_equations_knows_the_sums_of_the_next_step(synapse, expected):
    model = Synapse(equations="dw/dt = pre.r - w", **synapse).model
    gather, equations = lower_synapse(model, RATE, RATE, layout="full")

    assert gather.kind is KernelKind.GATHER
    assert gather.ahead == equations.ahead == expected
    assert (equations.result == gather.result) == expected
    assert {a.symbol for a in equations.arguments} >= ({"pre.m", "post.B"} if "post.B" in str(model.psp) else set())


def test_kernel_of_equations_after_spikes_knows_no_sums():
    spiking = Neuron(equations="v = g_exc", spike="v > 1.0", reset="v = 0.0").model
    model = Synapse(equations="dw/dt = -w", psp="w").model

    assert not any(kernel.ahead for kernel in lower_synapse(model, spiking, spiking))


def test_kernel_of_equations_reads_delayed_rates_of_the_step_whose_sums_it_makes():
    model = Synapse(equations="dw/dt = pre.r - w").model
    gather, equations = lower_synapse(model, RATE, RATE, delays="uniform", layout="full")
    read = [kernel.argument("pre.r") for kernel in (gather, equations)]

    assert [a.lag for a in read] == [0, 1]  # one step later, as seen from the step before
