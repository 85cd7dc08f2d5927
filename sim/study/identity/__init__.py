"""What a study is, and how one that is there is known to be the same."""

from sim.study.identity.study import Identity, changed_keys, code_hash, described, machine

__all__ = ["Identity", "changed_keys", "code_hash", "described", "machine"]
