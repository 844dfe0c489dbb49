"""Every kind of job has its row in each layer: what it touches and means, how C runs it, what a profile says of it."""

from engram.explain import profile_jobs
from engram.ir import engine_jobs
from engram.ir.jobs import EngineJob, RunKernel
from engram.native import bound_jobs
from tests.cases import each

KINDS = [kind for kind in vars(engine_jobs).values() if isinstance(kind, type) and issubclass(kind, EngineJob)]


def test_each_kind_says_what_it_touches_and_means():
    kinds = [kind for kind in KINDS if kind is not EngineJob]

    assert kinds
    assert [k.__name__ for k in kinds if not {"accesses", "interpret"} <= vars(k).keys()] == []


@each("rows", [bound_jobs.ROWS, profile_jobs.ROWS])
def test_each_table_has_a_row_for_each_kind_and_no_others(rows):
    assert rows.keys() == {RunKernel, *KINDS} - {EngineJob}
