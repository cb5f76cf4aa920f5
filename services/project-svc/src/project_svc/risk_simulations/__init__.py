"""Monte-Carlo simulations of a project: how likely its finish and cost are, and what they depend on."""
