"""Event and API data contracts: pure data, additive evolution, no mechanism."""
