"""The erasure of a person over all services, from the request to the certificate."""
