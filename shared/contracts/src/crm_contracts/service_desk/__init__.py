"""Contracts of service_desk."""
