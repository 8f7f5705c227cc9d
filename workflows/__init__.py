"""The durable shell around `domain.incident`: timers, messages, effects, display."""
