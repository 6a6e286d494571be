"""How long a clip takes from file to files, where the time goes, and how much memory it needs."""
