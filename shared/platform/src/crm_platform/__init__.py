"""Mechanisms that every service shares; no domain nouns live here."""
