"""Networks kept: their blueprints, files, copies, and networks made of these."""
