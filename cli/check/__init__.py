"""What is wrong with playbooks: `watchbill check`, for one folder, many, or on every save."""
