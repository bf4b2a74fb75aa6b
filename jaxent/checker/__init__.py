"""Checks proofs of optimality exactly: whole numbers and fractions, no solver, no float.

These files need Python's standard library alone, and share no code with what searches for proofs.
Begin with :mod:`jaxent.checker.optimum`.
"""
