"""One file a widget; every one is drawn line by line, so that a refresh repaints only what changed."""
