"""The objectives by what their tests may expect of them."""

from jaxent.measures import OBJECTIVES

LOCALLY_INVARIANT = {name: m for name, m in OBJECTIVES.items() if name != "steering"}
"""Those in closed form, that local rotations leave alone; steering depends on its axes."""
