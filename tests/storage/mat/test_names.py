from __future__ import annotations

from engram.storage.mat.names import matlab_tree


def test_network_has_one_struct_per_object():
    tree, replaced = matlab_tree("network", ["monitors/m/v", "network/step", "populations/exc/v", "projections/ee/w"])

    assert tree == {"exc": {"v": 2}, "ee": {"w": 3}, "m": {"v": 0}, "network": {"step": 1}}
    assert replaced == {}


def test_single_object_has_its_attributes_at_the_top():
    tree, _ = matlab_tree("population", ["internal/history/rank", "v"])

    assert tree == {"internal": {"history": {"rank": 0}}, "v": 1}


def test_names_that_matlab_can_not_have_are_replaced():
    keys = ["populations/späti/1x", "populations/späti/end", "populations/späti/v", "populations/x1/_x"]
    keys += ["populations/x1/" + "q" * 64]
    tree, replaced = matlab_tree("network", keys)

    assert tree == {"x2": {"x1": 0, "x2": 1, "v": 2}, "x1": {"x1": 3, "x2": 4}}
    assert replaced == {
        "x2": "populations/späti",
        "x2.x1": "populations/späti/1x",
        "x2.x2": "populations/späti/end",
        "x1.x1": "populations/x1/_x",
        "x1.x2": keys[4],
    }


def test_population_keeps_its_name_before_a_monitor():
    tree, replaced = matlab_tree(
        "network", ["monitors/exc/v", "populations/exc/v", "populations/network/v", "network/step"]
    )

    assert tree == {"exc": {"v": 1}, "network": {"v": 2}, "x1": {"v": 0}, "x2": {"step": 3}}
    assert replaced == {"x1": "monitors/exc", "x2": "network"}


def test_reserved_names_and_values_beside_folders():
    tree, replaced = matlab_tree("population", ["engram_manifest", "history", "history/rank"])

    assert tree == {"x1": 0, "x2": 1, "history": {"rank": 2}}
    assert replaced == {"x1": "engram_manifest", "x2": "history%"}
