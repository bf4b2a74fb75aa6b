"""The search: a bounded space, climbs in it, curves along the efficiency, and thresholds."""
