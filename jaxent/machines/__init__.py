"""The machines: one module per physical system."""

from jaxent.machines.cavity_qubits import CavityQubits
from jaxent.machines.collective_qubits import CollectiveQubits
from jaxent.machines.fluxonium import Fluxonium
from jaxent.machines.machine import (
    AbstractLindbladMachine,
    AbstractMachine,
    OutsideModel,
    Regime,
)
from jaxent.machines.one_step_reset import OneStepReset
from jaxent.machines.parameters import Parameter
from jaxent.machines.parity_qubits import ParityQubits
from jaxent.machines.qubit_qutrit_reset import QubitQutritReset
from jaxent.machines.qubit_reset import QubitReset
from jaxent.machines.qudit_reset import QuditReset
from jaxent.machines.registry import AnyMachine, Machines
from jaxent.machines.thermal import Thermal
from jaxent.machines.two_qubit import TwoQubit
from jaxent.machines.two_qubit_global import TwoQubitGlobal

MACHINES = Machines(
    (
        TwoQubit,
        TwoQubitGlobal,
        Thermal,
        ParityQubits,
        QuditReset,
        OneStepReset,
        QubitReset,
        QubitQutritReset,
        Fluxonium,
        CollectiveQubits,
        CavityQubits,
    )
)
"""The machines by the ``kind`` that configs use."""


def register(machine: AnyMachine) -> AnyMachine:
    """Make a machine of one's own known by its ``kind``, as a decorator of its class.

    Studies, states and every command then take it as one of the package's machines, in the program
    that registers it. For the command line a package declares it as an entry point in place of
    this (``jaxent.machines.registry``).

    Args:
        machine: a subclass of :class:`AbstractMachine` with ``kind`` and ``parameters``.

    Returns:
        The same class.

    Raises:
        TypeError: it is abstract, and so no machine can be made of it.
        ValueError: it is no class of machines, its ``kind`` is no identifier or belongs to another
            machine, or its ``parameters`` are no tuple of :class:`Parameter`.

    Example:
        >>> import jaxent
        >>> jaxent.register(jaxent.TwoQubit).kind
        'two_qubit'
        >>> jaxent.register(jaxent.Bath)
        Traceback (most recent call last):
        ValueError: <class 'jaxent.baths.Bath'> is given; allowed: a class of machines
    """
    return MACHINES.register(machine)


__all__ = [
    "MACHINES",
    "AbstractLindbladMachine",
    "AbstractMachine",
    "CavityQubits",
    "CollectiveQubits",
    "Fluxonium",
    "Machines",
    "OneStepReset",
    "OutsideModel",
    "Parameter",
    "ParityQubits",
    "QubitQutritReset",
    "QubitReset",
    "QuditReset",
    "Regime",
    "Thermal",
    "TwoQubit",
    "TwoQubitGlobal",
    "register",
]
