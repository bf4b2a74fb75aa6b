"""Certificates: statements about a state that hold whatever a solver did."""

from jaxent.certify.exact import exact_certificate
from jaxent.certify.local_filters import FilterBounds, filter_bounds
from jaxent.certify.radius import (
    NoiseBounds,
    RadiusBounds,
    critical_radius,
    noise_threshold,
)
from jaxent.certify.steering import SteeringCertificate, SteeringProgram, certify_steering
from jaxent.directions import dodecahedron, orthogonal, spread

__all__ = [
    "FilterBounds",
    "NoiseBounds",
    "RadiusBounds",
    "SteeringCertificate",
    "SteeringProgram",
    "certify_steering",
    "critical_radius",
    "dodecahedron",
    "exact_certificate",
    "filter_bounds",
    "noise_threshold",
    "orthogonal",
    "spread",
]
