"""What users of other simulators type, and what is written here: data, and the look-up of it for messages."""
