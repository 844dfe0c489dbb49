"""Every name of the reference surface (populations to networks, inputs, version 4) is where scripts look for it."""

import pytest

import engram as eg
from engram import annarchy, annarchy4
from tests.cases import check_each, each

pytestmark = pytest.mark.cc

CONNECTORS = """
    all_to_all one_to_one fixed_probability fixed_number_pre fixed_number_post gaussian dog from_matrix from_sparse
"""
NAMES = {
    "population": """
        geometry width height depth dimension size ranks name id neuron_type parameters variables attributes functions
        targets init enabled initialized refractory stop_condition spike get set sum neuron neurons
        rank_from_coordinates coordinates_from_rank normalized_coordinates_from_rank reset clear enable disable
        compute_firing_rate save load __len__ __iter__ __getitem__
    """,
    "view": """
        ranks size geometry name targets attributes get set sum spike rank_from_coordinates coordinates_from_rank
        population __add__ __len__ __iter__
    """,
    "neuron": "rank population get set __add__",
    "projection": f"""
        pre post target name id parameters variables attributes functions init size __len__ nb_synapses
        nb_synapses_per_dendrite post_ranks pre_ranks delay transmission update plasticity axon_transmission
        synapse_type connector_name w get set dendrite dendrites __iter__ __getitem__ synapse reset
        connectivity_matrix receptive_fields save_connectivity from_file save load enable_learning disable_learning
        start_pruning stop_pruning start_creating stop_creating update_launch_config from_function connect_with_func
        from_matrix_market connect_from_file fixed_total_number {CONNECTORS}
        {" ".join(f"connect_{name}" for name in CONNECTORS.split())}
    """,
    "dendrite": """
        post_rank idx pre target size __len__ pre_ranks synapses __iter__ synapse __getitem__ get set delay
        receptive_field create_synapse create_synapses prune_synapse prune_synapses
    """,
    "synapse": "rank w",
    "lists": """
        add push_back post_rank pre_rank w delay size nb_synapses max_delay uniform_delay get_max_delay
        get_uniform_delay compute_average_row_length validate
    """,
    "distribution": "get_values get_list_values get_value min max",
    "monitor": """
        start pause resume stop reset get __getitem__ times save raster_plot histogram mean_fr smoothed_rate
        population_rate inter_spike_interval coefficient_of_variation
    """,
    "monitors": "save_all",
    "constant": "set",
    "network": """
        id dt seed default_rng time current_step compiled directory create connect monitor boldmonitor_from_slices
        boldmonitor constant compile simulate step simulate_until reset save load enable_learning disable_learning
        get_population get_projection get_monitor get_extension get_constant get_populations get_projections
        get_monitors get_extensions get_constants config callbacks_enabled enable_callbacks disable_callbacks
        clear_all_callbacks copy parallel_run memory_footprint clear timeit save_parameters load_parameters
        get_time set_time get_current_step set_current_step set_seed
    """,
    "timed": "update rates schedule period r reset",
    "trains": "spike_times",
    "bold": "start stop get",
    "module": """
        setup compile simulate simulate_until step reset clear get_population get_projection populations projections
        monitors magic_network add_function functions enable_learning disable_learning get_time set_time
        get_current_step set_current_step dt set_seed save load save_parameters load_parameters callbacks_enabled
        enable_callbacks disable_callbacks clear_all_callbacks every report timeit sparse_random_matrix
        sparse_delays_from_weights float32 float64 models CSR LILConnectivity Network Population PopulationView
        IndividualNeuron Projection Monitor MonitorList BoldMonitor Constant Neuron Synapse Parameter Variable Pruning
        Creating InputArray TimedArray SpikeSourceArray PoissonPopulation TimedPoissonPopulation
        HomogeneousCorrelatedSpikeTrains CurrentInjection DecodingProjection raster_plot histogram mean_fr
        smoothed_rate population_rate inter_spike_interval coefficient_of_variation Uniform DiscreteUniform Normal
        LogNormal Exponential Gamma Binomial
    """,
}
OF_VERSION_4 = {"network": "add get", "module": "parallel_run"}
"""What version 4 has besides."""


def objects(package):
    """Return one object of each kind that a script has."""
    neuron = package.Neuron(equations="dv/dt = g_exc", spike="v > 1.0", reset="v = 0.0")
    net = annarchy.Network(seed=1) if package is annarchy4 else package.Network(seed=1)
    cells, constant = net.create((2, 2), neuron, name="cells"), net.constant("k", 1.0)
    loop = net.connect(cells, cells, "exc", name="loop").all_to_all(0.5)
    spikes = net.monitor(cells, "spike")
    timed, trains = net.create(package.TimedArray([[1.0]])), net.create(package.SpikeSourceArray([[1.0]]))
    bold = net.boldmonitor(timed, package.balloon_RN)
    net.compile()
    return {
        **{"population": cells, "view": cells[:2], "neuron": cells[1, 1], "projection": loop, "timed": timed},
        **{"dendrite": loop.dendrite(0), "synapse": loop.synapse(1, 0), "lists": package.LILConnectivity()},
        **{"distribution": package.Uniform(0.0, 1.0), "monitor": spikes, "monitors": package.MonitorList([spikes])},
        **{"constant": constant, "network": net, "trains": trains, "bold": bold, "module": package},
    }


@each("package", [eg, annarchy, annarchy4])
def test_names_of_the_reference_are_where_scripts_look_for_them(package):
    found = objects(package)

    def check(one, names):
        assert [name for name in [*names.split(), "zork"] if not hasattr(one, name)] == ["zork"]

    assert found.keys() == NAMES.keys()
    check_each({kind: (found[kind], names) for kind, names in NAMES.items()}, check)


def test_names_of_version_4_are_there():
    found = {"network": annarchy4.Network(), "module": annarchy4}
    assert not [
        name for kind, names in OF_VERSION_4.items() for name in names.split() if not hasattr(found[kind], name)
    ]
