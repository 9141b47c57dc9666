"""Chats over HTTP: a stateless JSON API in front of the workflows."""
