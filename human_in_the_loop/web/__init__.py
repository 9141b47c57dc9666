"""The inbox as a service: an API, a page, and their protection from other sites."""
