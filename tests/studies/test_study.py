"""Runs handed out: what comes back, what goes wrong, what is left behind."""

import os
import pickle
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

import engram
from engram.errors import InvalidArgument, ReadError, RunFailed, WorkerLost
from engram.studies import travel
from engram.studies.runs import Run
from engram.studies.study import Asked, Study, results
from engram.studies.travel import dumps, parcel_of
from engram.studies.worker import KEPT
from tests.cases import each

RUNS = [Run(k, 10 + k, (k,)) for k in range(4)]


class Experiment:
    """Calls a function of the run."""

    def __init__(self, function, ballast=b""):
        self.function, self.ballast = function, ballast

    def __call__(self, run):
        return dumps(self.function(run), "the result")


def seen(run):
    return os.getpid(), run.seed * 2


def fails(run):
    if run.number == 2:
        raise ZeroDivisionError("by nought")
    return run.number


class Stubborn(Exception):
    """Can be pickled, and not made again."""

    def __init__(self, one, two):
        super().__init__(f"{one} {two}")


def stubborn(run):
    raise Stubborn("a", "b")


def interrupted(run):
    raise KeyboardInterrupt


def dies(run):
    os.kill(os.getpid(), signal.SIGKILL)


def run_all(function, asked, runs=RUNS, ballast=b""):
    study = Study(Experiment(function, ballast), runs, {}, lambda: {"method": "f"})
    return {run.number: result for run, result in results(study, asked)}


def test_own_processes_do_all_runs_also_of_functions_that_have_no_name():
    found = run_all(seen, Asked(max_processes=2))
    assert {number: value for number, (_, value) in found.items()} == {0: 20, 1: 22, 2: 24, 3: 26}
    assert os.getpid() not in {pid for pid, _ in found.values()}
    assert run_all(lambda run: run.number, Asked(max_processes=1)) == {0: 0, 1: 1, 2: 2, 3: 3}


@pytest.mark.parametrize("ballast", [b"", b"x" * (travel.SHORT + 1)], ids=["task", "file"])
def test_any_executor_will_do_and_nothing_is_left(ballast, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with ThreadPoolExecutor(2) as threads, ProcessPoolExecutor(1, get_context("spawn")) as spawned:
        for executor in (threads, spawned):
            found = run_all(seen, Asked(executor), ballast=ballast)
            assert [value for _, value in map(found.get, range(4))] == [20, 22, 24, 26]
    assert (list(tmp_path.iterdir()), KEPT._experiments) == ([], {})


def test_file_of_a_job_that_is_not_the_one_that_was_written_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    parcel = parcel_of(b"x" * (travel.SHORT + 1))
    Path(parcel.file).write_bytes(b"y")
    with pytest.raises(ReadError, match="another content than was written"):
        parcel.opened()
    parcel.discard()
    with pytest.raises(ReadError, match="help: set TMPDIR to a folder that the workers see, too"):
        parcel.opened()


@pytest.mark.parametrize("own", [True, False], ids=["processes", "threads"])
def test_failure_names_the_run_and_brings_the_exception(own, tmp_path):
    path = tmp_path / "study.jsonl"
    with ThreadPoolExecutor(1) as threads, pytest.raises(RunFailed) as found:
        run_all(fails, Asked(None if own else threads, max_processes=1, resume=path))
    error = found.value
    assert str(error).startswith("run 2 has failed: ZeroDivisionError: by nought\n  its parameters: 2\n  its seed: 12")
    assert (error.number, error.args_of_run, error.seed, type(error.error)) == (2, (2,), 12, ZeroDivisionError)
    assert "in fails" in str(error.__cause__)
    assert len(path.read_text().splitlines()) >= 3  # the header, and the two runs before it


def test_exception_that_cannot_travel_is_told_in_words():
    with pytest.raises(RunFailed, match="run 0 has failed: Stubborn: a b") as found:
        run_all(stubborn, Asked(max_processes=1))
    assert found.value.error is None


def exits(run):
    sys.exit(3)


@each("n", [1, 2])
def test_run_that_exits_has_failed_and_ends_nothing_else(n):
    with ThreadPoolExecutor(1) as threads:
        for executor in (None, threads):
            with pytest.raises(
                RunFailed, match=r"run \d has failed: SystemExit: 3\n  its parameters: \d\n  its"
            ) as found:
                run_all(exits, Asked(executor, max_processes=n))
            assert found.value.seed == 10 + found.value.number
            assert found.value.error.code == 3


def test_executor_that_is_shut_down_is_refused_in_words():
    with ThreadPoolExecutor(1) as threads:
        pass
    message = "executor does not take run 0: cannot schedule new futures after shutdown\n  help: is it shut down?"
    with pytest.raises(InvalidArgument, match=message):
        run_all(seen, Asked(threads))


def test_interrupt_of_a_run_is_one_of_the_study():
    with pytest.raises(KeyboardInterrupt):
        run_all(interrupted, Asked(max_processes=1))


def test_worker_that_is_killed_is_told_with_the_parameters():
    with pytest.raises(WorkerLost, match=r"a worker is gone \(killed(?s:.*)its parameters: \d\n  help: fewer max_proc"):
        run_all(dies, Asked(max_processes=1))


def test_what_cannot_travel_is_refused_by_name(monkeypatch):
    monkeypatch.setattr(travel, "_cloudpickle", lambda: None)
    with ThreadPoolExecutor(1) as threads:
        with pytest.raises(InvalidArgument, match="what the runs have in common can't .*\n  help: functions must"):
            run_all(lambda run: 1, Asked(threads))
        with pytest.raises(InvalidArgument, match=r"run 1 \(the function .*\) can't travel to another process"):
            run_all(seen, Asked(threads), [Run(0, 1, (1,)), Run(1, 1, (lambda: 1,))])
        with pytest.raises(RunFailed, match="the result can't travel to another process"):
            run_all(pickles_lambda, Asked(threads))
    with pytest.raises(InvalidArgument, match="executor has no submit"):
        run_all(seen, Asked(3))
    with pytest.raises(InvalidArgument, match="must be a whole number, at least 1, or -1 for all cores, not 0"):
        run_all(seen, Asked(max_processes=0))


def pickles_lambda(run):
    return lambda: 1


def test_what_pickle_cannot_goes_by_cloudpickle_where_it_is_installed(monkeypatch):
    monkeypatch.setattr(travel, "_cloudpickle", lambda: lambda value: pickle.dumps("by value"))
    assert travel.loads(dumps(lambda: 1, "x")) == "by value"
    assert travel.loads(dumps(seen, "x")) is seen
    monkeypatch.setattr(seen, "__module__", "__main__")  # of which workers of other executors have another one
    monkeypatch.setattr(sys.modules["__main__"], "seen", seen, raising=False)
    assert travel.loads(dumps(seen, "x")) == "by value"


def test_what_another_process_does_not_have_is_named():
    with pytest.raises(ReadError, match="can't find what another one has sent: (?s:.*)lost(?s:.*)help: functions"):
        travel.loads(pickle.dumps(seen).replace(b"seen", b"lost"))


def test_whoever_stops_early_leaves_the_rest_undone(tmp_path):
    path = tmp_path / "study.jsonl"
    study = Study(Experiment(fails), RUNS[:2], {}, lambda: {"method": "f"})
    come = results(study, Asked(max_processes=1, resume=path))
    next(come)
    come.close()
    assert run_all(fails, Asked(max_processes=1, resume=path), RUNS[:2]) == {0: 0, 1: 1}


# -- kill -9 ---------------------------------------------------------------------------------------------------

SCRIPT = """
    import os, signal, sys
    from engram.studies.study import Asked, Study, results
    from tests.studies.test_study import Experiment, RUNS

    path, must_die = sys.argv[1], sys.argv[2] == "die"

    def logged(run):
        with open(path + ".log", "a") as log:
            log.write(f"{run.number} ")
        if must_die and run.number == 2:
            while len(open(path).read().splitlines()) < 3:  # the header, and the runs before this one
                pass
            os.kill(os.getppid(), signal.SIGKILL)
            signal.pause()  # for ever, but that workers end with their parent
        return {"number": run.number}

    study = Study(Experiment(logged), RUNS, {}, lambda: {"method": "f"})
    print({run.number: result for run, result in results(study, Asked(max_processes=1, resume=path))})
"""


@pytest.mark.slow
def test_study_that_was_killed_goes_on_with_what_is_missing_and_its_workers_are_gone(tmp_path):
    path, root = tmp_path / "study.jsonl", Path(engram.__file__).parents[1]

    def started(word):
        command = [sys.executable, "-c", textwrap.dedent(SCRIPT), str(path), word]
        return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)

    killed = started("die")  # comes back when nobody holds its output any more: the workers neither
    with open(path, "a") as file:
        file.write('{"run":2,"resu')
    resumed = started("live")
    assert (killed.returncode, killed.stdout) == (-signal.SIGKILL, "")
    assert (resumed.stdout, resumed.stderr) == (f"{ {k: {'number': k} for k in range(4)} }\n", "")
    assert Path(f"{path}.log").read_text() == "0 1 2 2 3 "
