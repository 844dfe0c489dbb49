"""Python threads share the engine's threads: what they build and run is what each would alone."""

import os
import signal
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime

import pytest

import engram as eg
from engram.native.pool import POOL
from tests.resume.networks import build, run

pytestmark = pytest.mark.cc


@pytest.fixture(autouse=True)
def many_pieces(monkeypatch):
    """Small networks are wired by several threads too."""
    monkeypatch.setattr("engram.wiring.executor.WORTH_A_THREAD", 16)


def digest(seed, threads=2):
    net = eg.Network(seed=seed)
    net.config(num_threads=threads)
    neuron = eg.Neuron(equations="dv/dt = -v + g_exc + Normal(0.0, 1.0)", spike="v > 1.0", reset="v = 0.0")
    p = net.create(200, neuron, name="p")
    synapses = net.connect(p, p, "exc", name="c")
    synapses.fixed_probability(0.2, weights=eg.Normal(0.0, 0.1), delays=eg.Uniform(1.0, 9.0))
    net.compile()
    net.simulate(20.0)
    return net.digest()


def test_networks_built_and_run_by_several_python_threads_are_what_they_are_alone():
    """Without the lock two callers overwrite each other's task: wrong results, or none ever."""
    alone = [digest(seed, threads=1) for seed in range(60)]

    done, together = [], [""] * 60
    with_others = threading.Barrier(3)

    def work(first):
        with_others.wait()
        for seed in range(first, 60, 3):
            together[seed] = digest(seed)
        done.append(first)

    workers = [threading.Thread(target=work, args=(first,), daemon=True) for first in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60.0)

    assert sorted(done) == [0, 1, 2]
    assert together == alone


def test_pool_is_held_while_wiring_is_shared_out():
    """Whoever needs the threads meanwhile waits."""
    with ThreadPoolExecutor(1) as other:
        with POOL:
            wired = other.submit(digest, 1)
            with pytest.raises(NotInTime):
                wired.result(0.3)

        assert wired.result(60.0) == digest(1)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes fork on POSIX systems only")
def test_fork_while_another_thread_holds_the_pool_leaves_the_child_a_free_one():
    net = build("stdp", threads=2)
    run(net, 5)
    held = threading.Event()

    def hold():
        with POOL:
            held.set()
            threading.Event().wait(0.3)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that a process with threads forks is what is tested
        child = os.fork()
    if child == 0:
        status = 1
        try:
            signal.alarm(30)  # ends it if it waits for ever
            run(net, 5)
            status = 0
        finally:
            os._exit(status)
    holder.join()

    assert os.waitpid(child, 0)[1] == 0
