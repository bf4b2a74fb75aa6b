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
from jaxent.machines.thermal import Thermal
from jaxent.machines.two_qubit import TwoQubit
from jaxent.machines.two_qubit_global import TwoQubitGlobal

MACHINES: dict[str, type[AbstractMachine]] = {
    machine.kind: machine
    for machine in (
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
}
"""The machines by the ``kind`` that configs use."""

__all__ = [
    "MACHINES",
    "AbstractLindbladMachine",
    "AbstractMachine",
    "CavityQubits",
    "CollectiveQubits",
    "Fluxonium",
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
]
