import jaxent

inverted, cold = ({"statistics": "fermion", "temperature": T} for T in (-0.0, 0.0))
rates = {"low": 1e-2, "high": 10}
study = {
    "machine": {"kind": "two_qubit", "bath_a": inverted | {"gamma": 1}, "bath_b": cold},
    "free": {"g": rates, "bath_b.gamma": rates, "filters.a": {}, "filters.b": {}},
    "objective": "chsh",
    "efficiency": {"values": [0.1]},
}
[point] = jaxent.solve(jaxent.read_study(study))
print(f"CHSH {point.value:.6f} at {point.parameters}")
print(jaxent.exact_certificate(point.rho)["statement"])
