"""The field worker's page: today's stops in order."""
