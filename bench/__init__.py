"""Benchmarks: how fast, on this machine, beside what it is compared with."""
