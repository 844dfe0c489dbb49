"""Connectors: sizes and a key go in, sparse connectivity in canonical order comes out."""
