"""HTTP between peers and towards people: routes, errors, OpenAPI, events."""
