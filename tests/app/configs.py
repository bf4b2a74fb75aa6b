"""Configs as text."""

import yaml


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data):
        return True


def dumped(config: dict) -> str:
    """A config in its order; what is used twice is written twice, since configs have no aliases."""
    return yaml.dump(config, Dumper=_Dumper, sort_keys=False)
