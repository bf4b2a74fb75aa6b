"""The machines: one module per physical system."""

from jaxent.machines.machine import AbstractLindbladMachine, AbstractMachine, Regime
from jaxent.machines.parameters import Parameter
from jaxent.machines.thermal import Thermal
from jaxent.machines.two_qubit import TwoQubit

MACHINES: dict[str, type[AbstractMachine]] = {
    machine.kind: machine for machine in (TwoQubit, Thermal)
}
"""The machines by the ``kind`` that configs use."""

__all__ = [
    "MACHINES",
    "AbstractLindbladMachine",
    "AbstractMachine",
    "Parameter",
    "Regime",
    "Thermal",
    "TwoQubit",
]
