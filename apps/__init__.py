"""The apps: each is a plug-in that knows core and nothing of its neighbours."""
