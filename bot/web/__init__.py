"""The HTTP side: webhooks, uploads, health."""
