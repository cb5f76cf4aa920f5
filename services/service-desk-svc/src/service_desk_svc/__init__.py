"""Serving customers after the sale: tickets, surveys, after-sales periods."""
