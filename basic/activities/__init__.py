"""Activities: the I/O that workflow code must not do."""

from basic.activities.image import load_image
from basic.activities.weather import get_weather

__all__ = ["get_weather", "load_image"]
