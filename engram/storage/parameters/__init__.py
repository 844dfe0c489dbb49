"""Parameters as a JSON file that people edit: ``save_parameters`` and ``load_parameters``."""
