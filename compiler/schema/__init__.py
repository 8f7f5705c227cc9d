"""What editors are told of our files: JSON Schema made from the forms themselves."""
