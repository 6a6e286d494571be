"""How far a result can be believed, in plain sentences and on one page."""
