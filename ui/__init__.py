"""The pages: shell, HTTP client, widgets. Speaks to the API only."""
