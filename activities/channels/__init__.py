"""Ways out to people: each makes one request and says what became of it."""
