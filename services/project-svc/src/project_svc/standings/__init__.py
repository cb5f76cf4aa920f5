"""Standings: figures of projects and the demand for resources, kept so that portfolios are one statement."""
