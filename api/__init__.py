"""The HTTP surface: alerts in, commands in, incidents out."""
