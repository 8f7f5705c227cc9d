"""Practice: `watchbill drill`, on the engine or offline."""
