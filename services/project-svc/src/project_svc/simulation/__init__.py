"""Monte-Carlo simulation of a plan's finish and cost; numbers in, numbers out, as in :mod:`project_svc.scheduling`.

- :mod:`.spreads`: three-point estimates as distributions
- :mod:`.case`: what is simulated, and what is wrong with it
- :mod:`.correlation`: samples that rise and fall together
- :mod:`.draws`: durations and costs of all iterations
- :mod:`.passes`: the critical path method, all iterations at a time
- :mod:`.drivers`: what finish and cost depend on
- :mod:`.simulate`: all of it
"""
