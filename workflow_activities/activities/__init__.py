"""What touches the world: the database and the notification services."""
