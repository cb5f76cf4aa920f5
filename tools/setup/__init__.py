"""Makes `.venv`. Runs on a bare Python, so nothing here imports more than the standard library and `tools.layout`."""
