"""Proven optima of two qubits: an interval for the best value, or the largest efficiency.

A :mod:`~jaxent.prove.domain` says which machines and filters are meant. Their steady states are
polynomials (:mod:`~jaxent.prove.stationary`), and so is the comparison of a heralded value with a
level (:mod:`~jaxent.prove.comparisons`). That none exceeds the level is shown box by box
(:mod:`~jaxent.prove.branch`); a :mod:`~jaxent.prove.witness` in fractions shows how near one comes;
:mod:`~jaxent.prove.bracket` brings both together, and :mod:`~jaxent.prove.proof` writes down what
``jaxent verify`` checks exactly.
"""
