"""Activities of workflow_activities/: the database and notifications."""
