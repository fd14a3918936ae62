import os

from hypothesis import settings

# The gate tries the same examples each time; at the desk new ones are tried, and what fails is kept as an example.
settings.register_profile("gate", derandomize=True, deadline=None, print_blob=True)
settings.register_profile("desk", deadline=None, print_blob=True)
settings.load_profile("gate" if os.environ.get("CI") else "desk")
