"""What may happen to a process while a network runs: Ctrl-C, threads, a fork. It always stands between two steps."""

import os
import random
import re
import signal
import subprocess
import sys
import threading
import time

import pytest

import engram as eg
from tests.interrupts import interrupted
from tests.resume.networks import build, run, started

pytestmark = pytest.mark.cc

INTERRUPTED = """
import os, signal, sys, threading, time
from tests.resume.networks import build, run, started

signal.signal(signal.SIGINT, signal.default_int_handler)  # what a shell starts in the background ignores it
net = started("stdp", threads=int(sys.argv[2]), backend=sys.argv[3])
pid = os.getpid()

def press():
    while net.current_step < 5:
        time.sleep(0.001)
    os.kill(pid, signal.SIGINT)

threading.Thread(target=press, daemon=True).start()
try:
    net.simulate(1e6)
except KeyboardInterrupt:
    pass
else:
    sys.exit("was not interrupted")
stopped = net.current_step
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
net.save(sys.argv[1])
run(net, 7)
print(stopped, net.digest())
"""


@pytest.mark.parametrize(("threads", "backend"), [(1, "c"), (2, "c"), (1, "numpy")])
def test_ctrl_c_stops_between_two_steps_and_the_run_goes_on_to_the_bit(tmp_path, threads, backend):
    file = tmp_path / "state.npz"
    command = [sys.executable, "-c", INTERRUPTED, str(file), str(threads), backend]
    process = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert process.returncode == 0, process.stderr
    stopped, digest = process.stdout.split()
    resumed, whole = build("stdp", seed=3, backend=backend), started("stdp", backend=backend)
    resumed.load(file)
    assert resumed.current_step == int(stopped) >= 5
    run(resumed, 7)

    assert resumed.digest() == digest
    if int(stopped) < (50_000 if backend == "c" else 200):  # the machine decides how far it got; these take a second
        run(whole, int(stopped) + 7)
        assert whole.digest() == digest


def recording(name):
    """Return a network whose records need a new block in every step."""
    net = started(name)
    for blocks in records(net):
        blocks.block_rows = 1
    return net


def records(net):
    return [net._core.state.blocks(path) for monitor in net._monitors.values() for path in monitor._core.records()]


def assert_stands_between_two_steps(net):
    for monitor in net._monitors.values():
        for variable in monitor.variables:
            rows = {net._core.state.blocks(path).rows for path in monitor._core.paths(variable)}
            assert len(rows) == 1  # spikes have as many ranks as steps
            if variable != "spike":
                assert rows == {-(-net.current_step // int(monitor._core.value("internal/period")))}


def assert_is_as_if_nothing_had_happened(net, name):
    twin = started(name)
    run(twin, net.current_step)
    assert net.digest() == twin.digest()


@pytest.mark.parametrize("name", ["stdp", "rates"])
def test_interrupt_at_any_bytecode_leaves_a_network_that_goes_on_to_the_bit(name):
    net = recording(name)
    run(net, 1)
    n = 1
    while interrupted(n, net.step):
        assert_stands_between_two_steps(net)
        n += 1 if n < 2500 else 97  # a step that also copies or looks, as slow ones do, has several times as many
        if net.current_step > 30:  # with more blocks, each step has more bytecodes
            assert_is_as_if_nothing_had_happened(net, name)
            net = recording(name)
            run(net, 1)
    for n in range(7, 10**6, 397):  # the same where everything is bound anew
        net._core.state.version += 1
        if not interrupted(n, net.step):
            break
        assert_stands_between_two_steps(net)

    assert n > 7 + 3 * 397
    assert_is_as_if_nothing_had_happened(net, name)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no timers on this system")
@pytest.mark.parametrize("name", ["stdp", "rates"])
def test_signals_at_random_moments_leave_a_network_that_goes_on_to_the_bit(name):
    net, moments, sent, caught = recording(name), random.Random(1), [], 0

    def interrupt(number, frame):
        sent.append(number)
        raise KeyboardInterrupt

    run(net, 1)  # loads modules
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        for k in range(200):
            try:
                signal.setitimer(signal.ITIMER_REAL, 10.0 ** moments.uniform(-5.0, -3.0))
                while len(sent) == k:  # Python drops what is raised where memory is given back, once in a great while
                    run(net, 1 + k % 3)
            except KeyboardInterrupt:
                caught += 1
            assert_stands_between_two_steps(net)
    finally:
        signal.signal(signal.SIGALRM, before)

    assert caught > 190
    assert_is_as_if_nothing_had_happened(net, name)


def test_handler_of_the_user_when_there_is_one_gets_the_signal():
    net = started("rates")
    caught = []
    before = signal.signal(signal.SIGINT, lambda number, frame: caught.append(number))
    try:
        os.kill(os.getpid(), signal.SIGINT)
        net.simulate(5.0)
    finally:
        signal.signal(signal.SIGINT, before)

    assert caught == [signal.SIGINT]
    assert net.current_step == 5


def test_save_from_another_thread_is_at_a_step_boundary(tmp_path):
    net, twin = started("stdp"), started("stdp")
    thread = threading.Thread(target=net.simulate, args=(20000.0,))
    thread.start()
    files = []
    while thread.is_alive() and len(files) < 3:
        files.append(tmp_path / f"{len(files)}.engram")
        net.save(files[-1])
        time.sleep(0.01)
    thread.join()

    assert files
    for file in files:
        resumed = build("stdp", seed=9)
        resumed.load(file)
        run(twin, resumed.current_step - twin.current_step)
        assert resumed.digest() == twin.digest()


def test_what_would_replace_a_network_that_another_thread_runs_is_refused(tmp_path):
    net, twin = started("stdp"), started("stdp")
    net.save(tmp_path / "a.npz")
    net.save_parameters(tmp_path / "p.json")
    snapshot, name = net.snapshot(), next(one.name for one in net.get_projections())
    tries = {
        "load()": lambda: net.load(tmp_path / "a.npz"),
        "restore()": lambda: net.restore(snapshot),
        "reset()": net.reset,
        "set the clock": lambda: net.set_time(0.0),
        "set_weights()": lambda: net.set_weights({name: 0.0}),
        "load_parameters()": lambda: net.load_parameters(tmp_path / "p.json"),
        "clear()": net.clear,
        "simulate()": lambda: net.simulate(1.0),
        "step()": net.step,
    }
    begun, go_on = threading.Event(), threading.Event()

    @net.every(period=1000.0)
    def hold(n):
        begun.set()
        assert go_on.wait(60)

    thread = threading.Thread(target=net.simulate, args=(50.0,))
    thread.start()
    assert begun.wait(60)
    try:
        for what, call in tries.items():
            with pytest.raises(eg.EngramError, match=rf"can't {re.escape(what)}: its network is simulating in another"):
                call()
    finally:
        go_on.set()
        thread.join()
    run(twin, 50)

    assert net.digest() == twin.digest()
    net.reset()  # nobody runs it any more


def test_networks_in_several_threads_at_once_do_not_meet():
    alone = {seed: started("shared", seed=seed) for seed in range(4)}
    together = {seed: started("shared", seed=seed, threads=1 + seed % 3) for seed in range(4)}
    for net in alone.values():
        run(net, 300)
    threads = [threading.Thread(target=run, args=(net, 300)) for net in together.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {s: n.digest() for s, n in together.items()} == {s: n.digest() for s, n in alone.items()}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # of Python 3.12: the process has threads
def test_child_of_a_fork_has_threads_of_its_own():
    net = started("stdp", threads=2)
    run(net, 10)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            run(net, 20)
            os.write(writing, net.digest().encode())
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        digest = pipe.read()
    _, status = os.waitpid(child, 0)
    run(net, 20)

    assert os.waitstatus_to_exitcode(status) == 0
    assert digest == net.digest()


def test_error_in_a_thread_of_the_user_leaves_the_engine_usable():
    net, twin = started("rates", threads=2), started("rates")
    failures = []

    def fail():
        try:
            net.simulate(-1.0)
        except eg.EngramError as error:
            failures.append(error)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    run(net, 5)
    run(twin, 5)

    assert len(failures) == 1
    assert net.digest() == twin.digest()
