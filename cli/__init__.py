"""The `watchbill` command: the author's loop and the responder's hand."""
