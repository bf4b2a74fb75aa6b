"""The heat that the baths of a machine exchange with it, from what the machine says of them."""

import numpy as np

from jaxent.terms import superoperator


def heat_currents(machine, rho):
    """By party, the sum of c_i tr[H L_i rho] over the terms of its bath."""
    energy = machine.energy()

    def flow(party):
        change = sum(
            c * superoperator(term)
            for c, term in zip(machine.numbers(), machine.generator.terms, strict=True)
            if getattr(term, "bath", None) == party
        )
        return np.trace(energy @ (change @ rho.reshape(-1)).reshape(rho.shape)).real

    return {party: flow(party) for party in machine.inverse_temperatures()}


def expect_the_two_laws(machine, rho):
    """No heat is lost, Q_A + Q_B = 0, and no entropy: -beta_A Q_A - beta_B Q_B >= 0."""
    heat = heat_currents(machine, rho)
    size = max(np.abs(machine.numbers())) * np.abs(machine.energy()).max()
    assert abs(heat["a"] + heat["b"]) < 1e-13 * size
    betas = machine.inverse_temperatures()
    assert -sum(betas[party] * heat[party] for party in heat) > -1e-13 * size
    return heat
