"""A loopback double of ngrok's cloud, and of its v3 agent. See README.md."""
