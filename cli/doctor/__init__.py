"""`watchbill doctor`: what would keep a page from reaching somebody, and the mend."""
