"""Corrective and preventive actions: what is done so that something does not happen again, or at all."""
