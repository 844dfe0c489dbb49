"""Which names are near another: what is typed by mistake is, another word for another thing is not."""

from engram.elsewhere.near import is_slip, most_alike, nearest, nearest_path
from tests.cases import each

KNOWN = (
    "v tau tau_plus reset save_parameters load_parameters disable enable_learning simulate all_to_all clear get".split()
)


@each(
    ("typed", "meant"),
    [
        ("V", "v"),
        ("tua", "tau"),
        ("TauPlus", "tau_plus"),
        ("tau_plsu", "tau_plus"),
        ("alltoall", "all_to_all"),
        ("simulation", "simulate"),
        ("enabel_learning", "enable_learning"),
        ("set", None),
        ("set_parameters", None),
        ("parameters", None),
        ("disable_learning", None),
        ("learn", None),
        ("dv", None),
        ("u", None),
        ("", None),
        ("x" * 500, None),
    ],
)
def test_near_is_what_was_typed_by_mistake_alone(typed, meant):
    assert nearest(typed, KNOWN) == meant


@each(
    ("typed", "meant"),
    [
        ("populations/exc/v", "populations/exc/v"),
        ("population/Exc/v", "populations/exc/v"),
        ("populations/exc/tua", "populations/exc/tau"),
        ("projections/exc/ww", "projections/exc/w"),
        ("populations/inh/v", None),  # as long as another, and not near
        ("populations/exc", None),  # of other depth
    ],
)
def test_near_path_is_near_in_every_part(typed, meant):
    assert nearest_path(typed, ["populations/exc/v", "populations/exc/tau", "projections/exc/w"]) == meant


@each(
    ("typed", "known", "is_one"),
    [("wieght", "weight", True), ("Weight", "weight", True), ("width", "weight", False), ("d", "delay", False)],
)
def test_slip_is_nearer_than_what_may_be_meant(typed, known, is_one):
    assert is_slip(typed, known) == is_one


def test_most_alike_is_found_however_little_that_is():
    assert most_alike("exc", ["inh", "pfc"]) == "pfc"
    assert most_alike("populations/exc", ["populations/pfc", "populations/PFC_exc"]) == "populations/PFC_exc"
