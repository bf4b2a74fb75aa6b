"""Figures of merit of bipartite states: what a search maximises and a report lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jaxtyping import Array

from jaxent.directions import FREE, MAX_DIFFERENTIATED, named_axes
from jaxent.measures import bell, entanglement, steering, teleportation, x_states
from jaxent.measures.bell import chsh, correlation_matrix
from jaxent.measures.entanglement import (
    concurrence,
    negativity,
    purity,
    signed_concurrence,
    signed_negativity,
)
from jaxent.measures.steering import steering_robustness
from jaxent.measures.teleportation import singlet_fraction, teleportation_fidelity
from jaxent.quantum import MAGIC_BASIS, XState


@dataclass(frozen=True)
class Form:
    """One quantity in two forms.

    They agree in value; those of a ``lead``, of which only the sign matters, agree in sign.

    Attributes:
        general: for every state.
        x: in closed form for states of X form.
    """

    general: Callable[[Array], Array]
    x: Callable[[XState], Array]


@dataclass(frozen=True)
class Measure:
    """A figure of merit of two-party states.

    Attributes:
        name: its name in configs and results.
        label: its symbol in figures.
        value: the reported value.
        signed: what a search climbs; it equals ``value`` wherever that exceeds
            ``classical_bound``, and goes on below.
        lead: positive where ``value`` exceeds ``classical_bound``, and without the plateaus that
            product states form there: it leads a search away from them.
        classical_bound: the largest value without the quantum property.
        maximum: the value of a maximally entangled state.
        accuracy: how far from right a value may be beyond rounding.
        phases: whether the relative phase of two coherences matters, which states in X form have
            lost: then ``x`` of a form is for states with one coherence.
    """

    name: str
    label: str
    value: Callable[[Array], Array]
    signed: Form
    lead: Form
    classical_bound: float
    maximum: float
    accuracy: float = 0.0
    phases: bool = False


_ENTANGLEMENT = Form(entanglement.log_entanglement, x_states.log_entanglement)


def steering_measure(measurements: str | int | npt.ArrayLike = "dodecahedron") -> Measure:
    """The steering robustness for a set of Alice's measurements as a figure of merit.

    Args:
        measurements: ``"dodecahedron"``, ``"orthogonal"``, a number of spread axes, or unit Bloch
            vectors of shape ``(m, 3)``; at most 12 axes. ``"free"`` leaves them to be given to
            its functions as ``directions``.

    Raises:
        ValueError: an unknown name, or no axes, or too many.
    """
    if isinstance(measurements, str) and measurements == FREE:
        return _steering_measure(lambda form: form, steering.FREE_MAXIMUM)
    name, axes = named_axes(measurements, MAX_DIFFERENTIATED)
    of = partial(partial, directions=axes)
    if name == "dodecahedron":
        most = steering.DODECAHEDRAL_MAXIMUM
    else:
        singlet = np.outer(MAGIC_BASIS[:, 3], MAGIC_BASIS[:, 3].conj())
        most = float(steering_robustness(jnp.asarray(singlet), axes))
    return _steering_measure(of, most)


def _steering_measure(of: Callable[[Callable], Callable], maximum: float) -> Measure:
    return Measure(
        "steering",
        "steering robustness $q$",
        of(steering_robustness),
        Form(of(steering_robustness), of(steering.x_steering_robustness)),
        Form(of(steering.filtered_robustness), of(steering.x_filtered_robustness)),
        steering.CLASSICAL_BOUND,
        maximum,
        accuracy=steering.ACCURACY,
        phases=True,
    )


OBJECTIVES: dict[str, Measure] = {
    measure.name: measure
    for measure in (
        Measure(
            "chsh",
            "CHSH",
            chsh,
            Form(chsh, x_states.chsh),
            Form(bell.log_chsh_violation, x_states.log_chsh_violation),
            bell.CLASSICAL_BOUND,
            8**0.5,
        ),
        Measure(
            "singlet_fraction",
            "singlet fraction $F$",
            singlet_fraction,
            Form(singlet_fraction, x_states.singlet_fraction),
            Form(
                teleportation.log_teleportation_advantage,
                x_states.log_teleportation_advantage,
            ),
            teleportation.CLASSICAL_BOUND,
            1.0,
        ),
        Measure(
            "concurrence",
            "concurrence",
            concurrence,
            Form(signed_concurrence, x_states.signed_concurrence),
            _ENTANGLEMENT,
            entanglement.CLASSICAL_BOUND,
            1.0,
        ),
        Measure(
            "negativity",
            "negativity",
            negativity,
            Form(signed_negativity, x_states.signed_negativity),
            _ENTANGLEMENT,
            entanglement.CLASSICAL_BOUND,
            0.5,
        ),
        steering_measure(),
    )
}
"""What a study can maximise of two qubits, by name."""


def objective(
    name: str, dims: tuple[int, int] = (2, 2), measurements: str | int = "dodecahedron"
) -> Measure:
    """A figure of merit of states of the given local dimensions.

    Args:
        name: a key of ``OBJECTIVES``.
        dims: the local dimensions.
        measurements: those of ``steering``, see :func:`steering_measure`.

    Raises:
        ValueError: there is none of that name, or not for these dimensions.
    """
    if name not in OBJECTIVES:
        raise ValueError(f"objective: {name!r} is given; allowed: {', '.join(OBJECTIVES)}")
    if dims == (2, 2) and (name != "steering" or measurements == "dodecahedron"):
        return OBJECTIVES[name]
    if dims == (2, 2):
        return steering_measure(measurements)
    if name != "negativity":
        raise ValueError(
            f"objective: {name} needs two qubits, the heralded state has dimensions {dims}; "
            "allowed: negativity, or filters that leave two levels of each party"
        )
    form = Form(partial(signed_negativity, dims=dims), x_states.signed_negativity)
    value, most = partial(negativity, dims=dims), (min(dims) - 1) / 2
    return Measure(name, name, value, form, form, entanglement.CLASSICAL_BOUND, most)


__all__ = [
    "OBJECTIVES",
    "Form",
    "Measure",
    "chsh",
    "concurrence",
    "correlation_matrix",
    "negativity",
    "objective",
    "purity",
    "signed_concurrence",
    "signed_negativity",
    "singlet_fraction",
    "steering_measure",
    "steering_robustness",
    "teleportation_fidelity",
]
