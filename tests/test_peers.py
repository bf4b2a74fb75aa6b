"""What goes to QuTiP and dynamiqs comes back, and means the same there."""

import importlib
import sys

import numpy as np
import pytest

import jaxent

INVERTED = jaxent.Bath(1.0, temperature=-0.0)
COLD = jaxent.Bath(2.0, temperature=0.0)
MACHINES = {
    "fermions": jaxent.TwoQubit(
        0.4, jaxent.Bath(1.0, temperature=-0.0), COLD, E_b=1.3, kappa_a=0.1
    ),
    "another basis": jaxent.CollectiveQubits(0.3, 2.0),
    "resets": jaxent.QuditReset(2, g=0.3, p_a=0.2, p_b=0.5, temperature_a=3.0, temperature_b=0.4),
    "a cavity": jaxent.CavityQubits(1.0, 0.7, 0.5, 0.2, 0.4, 0.1, photons=2),
}
every_machine = pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES.keys())


def residual(h, collapse, rho):
    change = -1j * (h @ rho - rho @ h)
    for c in collapse:
        gone = c.conj().T @ c / 2
        change += c @ rho @ c.conj().T - gone @ rho - rho @ gone
    return np.abs(change).max()


def whole_state(machine):
    """The steady state of all levels, in the kets of the parties."""
    inner = np.asarray(machine.generator.matrix(machine.stationary()))
    return inner if machine.basis is None else machine.basis @ inner @ machine.basis.conj().T


@every_machine
def test_the_lindblad_form_has_the_machines_steady_state(machine):
    h, collapse = jaxent.lindblad_form(machine)
    np.testing.assert_allclose(h, h.conj().T)
    assert residual(h, collapse, whole_state(machine)) < 1e-12


def test_an_equilibrium_has_no_master_equation():
    with pytest.raises(TypeError, match="thermal is given; allowed: one with a master equation"):
        jaxent.lindblad_form(jaxent.Thermal(0.3, temperature=1.0))


def test_a_batch_of_machines_has_no_single_lindblad_form():
    hot = jaxent.Bath(1.0, temperature=np.array([0.5, 2.0, 4.0]), statistics="boson")
    for batch in (jaxent.TwoQubit(np.ones(3), INVERTED, COLD), jaxent.TwoQubit(0.4, hot, COLD)):
        with pytest.raises(ValueError, match=r"two_qubit with batch axes \(3,\) is given"):
            jaxent.lindblad_form(batch)


@every_machine
def test_qutip_finds_the_same_steady_state(machine):
    qutip = pytest.importorskip("qutip")
    h, c_ops = jaxent.machine_to_qutip(machine)
    found = qutip.steadystate(h, c_ops)
    kept = list(range(len(machine.dims)))
    reduced = found.ptrace(kept) if len(h.dims[0]) > 2 else found
    np.testing.assert_allclose(jaxent.as_state(reduced), machine.state(), atol=1e-9)


def test_states_go_to_qutip_with_their_dims_and_come_back():
    qutip = pytest.importorskip("qutip")
    rho = np.asarray(MACHINES["fermions"].state())
    there = jaxent.to_qutip(rho)
    assert there.dims == [[2, 2], [2, 2]]
    np.testing.assert_array_equal(jaxent.as_state(there), rho)
    assert jaxent.to_qutip(np.eye(6) / 6, dims=(2, 3)).dims == [[2, 3], [2, 3]]
    np.testing.assert_allclose(
        jaxent.as_state(qutip.bell_state("11")),
        np.asarray([[0, 0, 0, 0], [0, 0.5, -0.5, 0], [0, -0.5, 0.5, 0], [0, 0, 0, 0]]),
        atol=1e-15,
    )
    vectors = [qutip.operator_to_vector(there), qutip.operator_to_vector(there).dag()]
    for other in (qutip.to_super(there), *vectors):
        with pytest.raises(ValueError, match=rf"state: shape .* of type {other.type} is given"):
            jaxent.as_state(other)


def test_states_and_machines_go_to_dynamiqs_and_come_back():
    dynamiqs = pytest.importorskip("dynamiqs")
    machine = MACHINES["fermions"]
    rho = np.asarray(machine.state())
    there = jaxent.to_dynamiqs(np.stack([rho, rho]))
    assert there.dims == (2, 2)
    np.testing.assert_array_equal(jaxent.as_state(there), np.stack([rho, rho]))
    np.testing.assert_array_equal(
        jaxent.as_state(dynamiqs.basis((2, 2), (1, 1))), np.diag([0, 0, 0, 1])
    )
    h, jumps = jaxent.machine_to_dynamiqs(machine)
    assert h.dims == (2, 2)
    change = dynamiqs.lindbladian(h, jumps, jaxent.to_dynamiqs(rho))
    assert np.abs(change.to_numpy()).max() < 1e-12


def test_a_master_equation_of_qutip_is_solved_here():
    pytest.importorskip("qutip")
    machine = MACHINES["fermions"]
    generator = jaxent.as_generator(*jaxent.machine_to_qutip(machine))
    x = jaxent.stationary_coordinates(generator, np.ones(len(generator.terms)))
    np.testing.assert_allclose(generator.matrix(x), machine.state(), atol=1e-12)


@pytest.mark.parametrize(
    ("rho", "dims", "message"),
    [
        (np.eye(6), None, "dims: none are given; allowed: numbers whose product is 6"),
        (np.eye(4), (2, 3), r"dims: \(2, 3\) is given; allowed: numbers whose product is 4"),
        (np.ones((2, 3)), None, r"rho: shape \(2, 3\) is given"),
    ],
)
def test_a_state_that_does_not_go_with_its_dims_is_refused(rho, dims, message):
    pytest.importorskip("qutip")
    with pytest.raises(ValueError, match=message):
        jaxent.to_qutip(rho, dims)


def test_a_missing_package_is_named(monkeypatch):
    real = importlib.import_module

    def without(name, *rest):
        if name in ("qutip", "dynamiqs"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return real(name, *rest)

    monkeypatch.setattr(sys.modules["jaxent.imports"], "import_module", without)
    for name, needing in (("qutip", jaxent.to_qutip), ("dynamiqs", jaxent.to_dynamiqs)):
        with pytest.raises(ImportError, match=f"needs {name}, which is missing: pip install"):
            needing(np.eye(4) / 4)
