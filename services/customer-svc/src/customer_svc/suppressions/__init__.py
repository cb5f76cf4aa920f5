"""Whom other systems must not bring back: keys of the phones, addresses and ids of people who were erased."""
