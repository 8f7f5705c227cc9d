"""One module per sender of alerts; each turns its payload into `domain.alert.Alert`."""
