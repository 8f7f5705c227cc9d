"""What would happen: `watchbill explain`, for an alert or a playbook, without a server."""
