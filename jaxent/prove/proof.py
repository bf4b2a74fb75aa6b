r"""Proofs as files: compact, versioned, and checked by ``jaxent verify`` without any of this code.

A file is a JSON object with ``format``, ``version``, ``proofs`` and ``digest``, the SHA-256 of the
proofs. Each of these is an object:

==============  ================================================================================
``name``        that of a study's variant, or ``null``
``domain``      ``bath_a`` and ``bath_b`` (``statistics``, and the bounds of the fermionic
                ``occupation``), ``charge`` (``"none"``, ``"infinite"``, ``"any"`` or 1 + u/E),
                ``coupling`` (``"free"``, or ``"bounded"`` by both γ), ``filters`` (the parties)
``objective``   ``"chsh"`` or ``"singlet_fraction"``
``variables``   the names of the variables, in the order of the exponents below
``states``      for each part of the domain the steady state: ``weights`` of 00, 01, 10 and 11 and
                the squared ``coherence``, each a list of ``[coefficient, exponents]``
``claims``      see below
==============  ================================================================================

Numbers are common fractions in strings, exact. A claim has the following keys:

==============  ================================================================================
``kind``        ``"value"``, or ``"threshold"``
``efficiency``  of a value only: the least one that it is about; ``null`` where nothing filters
``upper``       of a value: no machine and filters herald a larger one, with this efficiency or a
                larger one. Of a threshold: none herald a value above the classical bound with this
                efficiency or a larger one; ``null`` where nothing is claimed
``lower``       of a value: the witness heralds at least this, with the efficiency. Of a threshold:
                it heralds a value above the classical bound with at least this efficiency;
                ``null`` without a witness
``witness``     ``g``, ``gamma_a``, ``gamma_b``, the fermionic ``occupation_a`` and
                ``occupation_b``, and the diagonals ``filter_a`` and ``filter_b``; or ``null``
``trees``       the proof of the upper bound: one text for each root, in the order of parts,
                patches and branches
==============  ================================================================================

The variables are those of :mod:`jaxent.checker.domain`. A tree is a text in preorder: a variable,
followed by the trees of the lower and of the upper half, or the multiplier of a leaf. In each
variable the Bernstein coefficients of a root have the largest degree of any polynomial on its part.
Where two occupations ``a`` and ``c`` hang together (:mod:`jaxent.checker.strips`), the tree does
not split ``c``: a strip between two lines, derived anew for each half of ``a``, takes its place.
A patch names for A and B the filter entry that is weakened, ``0`` or ``1``, or ``-`` without a
filter; the last one varies fastest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from jaxent.prove.bracket import Interval
from jaxent.prove.claims import Problem
from jaxent.prove.polynomials import Polynomial
from jaxent.prove.stationary import LEVELS, Stationary

FORMAT = "jaxent proof of optimality"
VERSION = 2


def proof(
    problem: Problem, claims: Sequence[dict[str, Any]], name: str | None = None
) -> dict[str, Any]:
    """The proof of several claims on one domain, as a JSON object; see :func:`claim_json`."""
    return {
        "name": name,
        "domain": problem.domain.as_json(),
        "objective": problem.objective,
        "variables": list(problem.domain.variables),
        "states": [_state_json(state) for state in problem.states],
        "claims": list(claims),
    }


def proof_file(proofs: Sequence[dict[str, Any]]) -> str:
    """The text of a file with several proofs, without spaces."""
    text = json.dumps(proofs, sort_keys=True, separators=(",", ":"))
    content = {
        "format": FORMAT,
        "version": VERSION,
        "digest": hashlib.sha256(text.encode()).hexdigest(),
        "proofs": proofs,
    }
    return json.dumps(content, separators=(",", ":"), ensure_ascii=True) + "\n"


def _state_json(state: Stationary) -> dict[str, Any]:
    weights = dict(zip(LEVELS, map(_terms, state.weights), strict=True))
    return {"weights": weights, "coherence": _terms(state.coherence)}


def _terms(f: Polynomial) -> list[list[Any]]:
    places = np.argwhere(f != 0)
    return [[str(f[tuple(place)]), place.tolist()] for place in places]


def claim_json(interval: Interval) -> dict[str, Any]:
    """One claim as a proof states it."""
    claim: dict[str, Any] = {"kind": interval.kind}
    if interval.kind == "value":
        claim["efficiency"] = _number(interval.efficiency)
    return claim | {
        "upper": _number(interval.upper),
        "lower": _number(interval.lower),
        "witness": None if interval.witness is None else interval.witness.as_json(),
        "trees": list(interval.trees),
    }


def _number(x: Fraction | None) -> str | None:
    return None if x is None else str(x)
