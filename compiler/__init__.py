"""YAML text in, a Plan or diagnostics with places out; pure, like `domain`."""
