"""Writes everything that is derived from the code: OpenAPI, JSON Schemas, and the pages of docs/reference."""
