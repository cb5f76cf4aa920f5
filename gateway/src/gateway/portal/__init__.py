"""The API portal: the OpenAPI document of the whole system, its reference, the catalogue of events."""
