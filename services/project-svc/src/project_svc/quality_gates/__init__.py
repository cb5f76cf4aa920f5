"""Quality gates: what has to be found good, by whom, before a project goes on."""
