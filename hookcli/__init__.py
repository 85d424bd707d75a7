"""hookcli: receive, keep and understand webhooks from your terminal."""

__version__ = "0.1.0"
