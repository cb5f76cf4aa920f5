"""Templates that a company defines: what projects of a kind begin with, in editions."""
