"""Contacts as electronic visiting cards (vCard): what a card says in our members, and the other way round; pure."""
