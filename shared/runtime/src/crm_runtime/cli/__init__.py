"""The command-line program `crm`."""
