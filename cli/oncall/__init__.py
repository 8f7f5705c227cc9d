"""Who serves when: `watchbill oncall`, from files or from the API."""
