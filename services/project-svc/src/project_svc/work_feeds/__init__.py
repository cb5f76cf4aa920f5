"""Addresses under which calendar programs fetch what a person has to do in projects."""
