"""Benchmarks: `make bench` prints how fast the system is, each figure beside its limit in the same run."""
