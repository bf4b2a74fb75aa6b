"""Certificates: statements about a state that hold whatever a solver did."""

from jaxent.certify.directions import dodecahedron, orthogonal, spread
from jaxent.certify.exact import exact_certificate
from jaxent.certify.steering import SteeringCertificate, SteeringProgram, certify_steering

__all__ = [
    "SteeringCertificate",
    "SteeringProgram",
    "certify_steering",
    "dodecahedron",
    "exact_certificate",
    "orthogonal",
    "spread",
]
