"""How fast, how lean, how durable: every goal measured against a baseline in the same run."""
