"""Random expressions for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

from engram.language.nodes import (
    Binary,
    Call,
    Compare,
    Conditional,
    Expr,
    GlobalOp,
    Item,
    Logic,
    Name,
    Neighbour,
    Not,
    Number,
    Sum,
    Unary,
)

NAMES = ("a", "b", "x", "y", "tau", "t", "dt")

numbers = st.one_of(
    st.integers(0, 10**6),
    st.booleans(),
    st.floats(0, 1e300, allow_nan=False).map(abs),
    st.sampled_from([1e-300, 5e-324]),
).map(Number)
names = st.sampled_from(NAMES).map(Name)
leaves = st.one_of(
    numbers,
    names,
    st.builds(Neighbour, st.sampled_from(["pre", "post"]), st.sampled_from(NAMES)),
    st.builds(Sum, st.sampled_from([None, "exc"]), st.sampled_from(["own", "pre", "post"])),
    st.builds(GlobalOp, st.sampled_from(["mean", "min", "max", "norm1", "norm2"]), names),
)


def _grow(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    return st.one_of(
        st.builds(Unary, st.sampled_from("+-"), inner),
        st.builds(Binary, st.sampled_from("+-*/^"), inner, inner),
        st.builds(Compare, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), inner, inner),
        st.builds(Logic, st.sampled_from(["and", "or"]), inner, inner),
        st.builds(Not, inner),
        st.builds(Conditional, inner, inner, inner),
        st.builds(lambda f, x: Call(f, (x,)), st.sampled_from(["exp", "pos", "abs"]), inner),
        st.builds(Item, names, inner),
        st.builds(lambda x, y: Call("modulo", (x, y)), inner, inner),
    )


expressions: st.SearchStrategy[Expr] = st.recursive(leaves, _grow, max_leaves=25)


def _arithmetic(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    return st.one_of(
        st.builds(Unary, st.sampled_from("+-"), inner), st.builds(Binary, st.sampled_from("+-*/"), inner, inner)
    )


_free = st.recursive(
    st.one_of(st.integers(1, 5).map(Number), st.sampled_from(["a", "b"]).map(Name)), _arithmetic, max_leaves=3
)


def _linear(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    return st.one_of(
        st.builds(Unary, st.sampled_from("+-"), inner),
        st.builds(Binary, st.sampled_from("+-"), inner, inner),
        st.builds(Binary, st.sampled_from("+-*"), _free, inner),
        st.builds(Binary, st.sampled_from("+-*/"), inner, _free),
    )


linear: st.SearchStrategy[Expr] = st.recursive(st.just(Name("x")), _linear, max_leaves=6)
"""Expressions that are linear in ``x``."""

arithmetic: st.SearchStrategy[Expr] = st.recursive(
    st.one_of(st.integers(1, 5).map(Number), st.sampled_from(["a", "b", "x"]).map(Name)), _arithmetic, max_leaves=10
)
