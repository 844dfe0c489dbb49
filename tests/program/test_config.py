"""Keys of ``setup`` and ``config``, and arguments of ``compile``: what acts, what is a hint, what is not there."""

import pytest

import engram as eg
from engram.errors import NotAvailable, UnknownSetting
from tests.cases import each
from tests.network.small import LEAKY

ACT = {"dt": 0.5, "seed": 3, "method": "exponential", "num_threads": 2, "dtype": eg.float64, "precision": "double"}
HINTS = (
    "visible_cores only_int_idx_type verbose suppress_warnings show_time trace_calls disable_parallel_rng use_seed_seq "
    "use_cpp_connectors disable_split_matrix disable_SIMD_SpMV disable_SIMD_Eq disable_bitmask sparse_matrix_format "
    "sparse_matrix_storage_order debug disable_shared_library_time_offset"
).split()
COMPILE = {
    "directory": "annarchy",
    "clean": False,
    "compiler": "default",
    "compiler_flags": "default",
    "add_sources": "",
    "extra_libs": "",
    "cuda_config": {"device": 0},
    "annarchy_json": "",
    "silent": False,
    "debug_build": False,
    "trace_calls": None,
    "profile_enabled": False,
}


def test_all_keys_of_scripts_are_taken():
    net = eg.Network()
    net.config(**ACT, paradigm="openmp", structural_plasticity=False, **dict.fromkeys(HINTS))

    assert (net.dt, net.seed) == (0.5, 3)


def test_what_is_not_there_is_said():
    with pytest.raises(NotAvailable, match="is not available yet"):
        eg.Network().config(dt=0.5, paradigm="cuda")


@each("configure", [eg.setup, eg.Network().config])
def test_key_that_nobody_knows_is_refused_with_the_nearest(configure):
    with pytest.raises(UnknownSetting, match="unknown setting 'num_thread'\n  help: did you mean 'num_threads'"):
        configure(num_thread=2)


def test_arguments_of_compile_change_no_bit():
    digests = []
    for arguments in ({}, COMPILE):
        net = eg.Network(seed=1)
        net.create(3, LEAKY).r = eg.Uniform(0.0, 1.0)
        net.compile(backend="numpy", **arguments)
        digests.append(net.digest())

    assert digests[0] == digests[1]
