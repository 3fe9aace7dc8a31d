"""What every test stands on."""

from hypothesis import HealthCheck, settings

# Machines are slow at times, and a slow example is no wrong one.
settings.register_profile("vestibule", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("vestibule")
