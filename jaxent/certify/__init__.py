"""Certificates: statements about a state that hold whatever a solver did."""

from jaxent.certify.exact import exact_certificate
from jaxent.certify.steering import SteeringCertificate, SteeringProgram, certify_steering
from jaxent.directions import dodecahedron, orthogonal, spread

__all__ = [
    "SteeringCertificate",
    "SteeringProgram",
    "certify_steering",
    "dodecahedron",
    "exact_certificate",
    "orthogonal",
    "spread",
]
