"""Portions of rows in one transaction each: planned, carried out, taken back, told."""
