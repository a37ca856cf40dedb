"""The pages of the server: made on the server, readable without a script, with nothing from elsewhere."""
