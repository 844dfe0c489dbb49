"""Digests: the known answers of docs/decisions/0009-streams.md, and what they don't depend on."""

import numpy as np

from engram.state.digest import SlotHash, digest_leaf, hash_leaf
from engram.state.slots import Role, Slot
from engram.state.tree import Leaf
from tests.cases import each

KNOWN = [
    (np.array(7, "<i8"), ["81671e58d6b596af"], "10bdfe82bc611faeda73625c8222d34c"),
    (np.array([True, False]), ["ab94ac0ace7276c0"], "0ec71c6bf1115b3bfbc828b41a47e49f"),
    (np.arange(3.0), ["3d53d0cf995c07ac"], "c49ec8c7604fe59e4d01c9b55936c3e9"),
    (np.zeros((0, 3), "<f4"), [], "4bd1da68a30ba3efa2ca5b9fbd8a6aa3"),
    (np.arange(300_000, dtype="<u4"), ["6c974cb9761d370b", "466de8ab8ceccc1d"], "9c4f4325e12594a4dfe38b185fd93c9d"),
]


@each(("values", "blocks", "digest"), KNOWN)
def test_digest_is_the_known_one_however_the_value_is_cut_and_stored(values, blocks, digest):
    slot = Slot.at("populations/exc/v", values.shape, values.dtype, Role.STATE)
    cuts = [(values,), tuple(np.array_split(values, 3)) if values.shape else (values,), iter([values])]
    cuts.append((values.astype(values.dtype.newbyteorder(">")),))
    fed = SlotHash()
    data = values.tobytes()
    for at in range(0, len(data), 333_333):
        fed.update(data[at : at + 333_333])

    assert [digest_leaf(Leaf(slot, pieces)) for pieces in cuts] == [digest] * 4
    assert [f"{number:016x}" for number in np.frombuffer(hash_leaf(Leaf(slot, (values,))), "<u8")] == blocks
    assert fed.blocks() == hash_leaf(Leaf(slot, (values,)))
